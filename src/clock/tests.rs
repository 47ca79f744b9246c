use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use proptest::prelude::*;

use super::*;

const START: i64 = 1_803_128_400_000 * NANOS_PER_MS;
const SECOND: i64 = 1_000 * NANOS_PER_MS;
const STEP: i64 = anchored::STEP_NS;

const GOOD: Health = Health::Synchronised { bound_ms: 2.0 };

/// The clocks and the kernel of a machine, moved by hand.
struct Hands {
    system: AtomicI64,
    boot: AtomicI64,
    kernel: Mutex<Kernel>,
}

impl Hands {
    /// Lets time pass, during which the system clock runs `drift_ns` fast.
    fn pass(&self, ns: i64, drift_ns: i64) {
        self.boot.fetch_add(ns, Relaxed);
        self.system.fetch_add(ns + drift_ns, Relaxed);
    }

    fn step(&self, by_ns: i64) {
        self.system.fetch_add(by_ns, Relaxed);
    }

    fn kernel(&self, health: Health) {
        self.kernel.lock().unwrap().health = health;
    }
}

fn clock_with(health: Health, time_sources: &[TimeSource]) -> (Clock, Arc<Hands>) {
    let kernel = Mutex::new(Kernel { health, leap: false });
    let hands = Arc::new(Hands { system: START.into(), boot: 5.into(), kernel });
    let (system, boot, kernel) = (Arc::clone(&hands), Arc::clone(&hands), Arc::clone(&hands));
    let sources = Sources {
        system: Box::new(move || system.system.load(Relaxed)),
        boot: Box::new(move || boot.boot.load(Relaxed)),
        kernel: Box::new(move || *kernel.kernel.lock().unwrap()),
    };
    (Clock::new(sources, time_sources), hands)
}

fn clock() -> (Clock, Arc<Hands>) {
    clock_with(GOOD, &[])
}

/// How far the served time is from the system time.
fn apart_ns(clock: &Clock, hands: &Hands) -> i64 {
    hands.system.load(Relaxed) - clock.stamp().nanos
}

/// Ticks once a second until the epoch changes; after how many, if it does within ten.
fn ticks_to_new_epoch(clock: &Clock, hands: &Hands) -> Option<u32> {
    (1..=10).find(|_| {
        hands.pass(SECOND, 0);
        clock.tick().new_epoch
    })
}

#[test]
fn it_serves_the_system_time_and_its_clones_agree() {
    let (clock, hands) = clock();
    let twin = clock.clone();
    hands.pass(1_500_250_000, 0);
    assert_eq!(clock.now(), UnixMillis(1_803_128_401_500));
    assert!((twin.stamp().ms() - 1_803_128_401_500.25).abs() < 0.001);
    assert_eq!(clock.stamp().err_ms, Some(2.0));
    assert_eq!(clock.since_look(), Duration::from_nanos(1_500_250_000));
}

#[test]
fn a_small_difference_is_made_up_for_half_a_millisecond_a_second() {
    let (clock, hands) = clock();
    let epoch = clock.stamp().epoch;
    hands.step(3 * NANOS_PER_MS);
    for tick in 0..6 {
        clock.tick();
        assert_eq!(
            clock.stamp().err_ms,
            Some(5.0 - 0.5 * f64::from(tick)),
            "what is still missing is part of the bound"
        );
        hands.pass(SECOND, 0);
    }
    assert_eq!(apart_ns(&clock, &hands), 0);
    assert_eq!(clock.stamp().epoch, epoch);
}

#[test]
fn a_late_tick_does_not_overshoot() {
    let (clock, hands) = clock();
    hands.step(NANOS_PER_MS / 2);
    clock.tick();
    hands.pass(60 * SECOND, 0);
    assert_eq!(apart_ns(&clock, &hands), 0);
}

#[test]
fn a_step_that_three_looks_see_is_a_new_epoch_at_the_new_time() {
    for by in [10 * SECOND, -10 * SECOND, SECOND / 2, -SECOND / 2, STEP + 1, -STEP - 1] {
        let (clock, hands) = clock();
        let epoch = clock.stamp().epoch;
        hands.step(by);
        assert_eq!(ticks_to_new_epoch(&clock, &hands), Some(3), "{by}");
        assert_ne!(clock.stamp().epoch, epoch);
        assert_eq!(apart_ns(&clock, &hands), 0);
        assert_eq!(clock.stamp().err_ms, Some(2.0));
    }
}

#[test]
fn a_step_that_is_taken_back_moves_nothing_and_is_part_of_the_bound_meanwhile() {
    let (clock, hands) = clock();
    for _ in 0..3 {
        hands.step(SECOND);
        for _ in 0..2 {
            hands.pass(SECOND, 0);
            assert!(!clock.tick().new_epoch);
            assert_eq!(apart_ns(&clock, &hands), SECOND);
            assert_eq!((clock.stamp().err_ms, clock.report().bound_ms), (None, Some(1_002.0)));
        }
        hands.step(-SECOND);
        hands.pass(SECOND, 0);
        clock.tick();
        assert_eq!((apart_ns(&clock, &hands), clock.stamp().err_ms), (0, Some(2.0)));
    }
}

#[test]
fn a_difference_within_the_kernels_own_bound_is_no_step() {
    let (clock, hands) = clock_with(Health::Synchronised { bound_ms: 100.0 }, &[]);
    hands.step(99 * NANOS_PER_MS);
    assert_eq!(ticks_to_new_epoch(&clock, &hands), None);
    assert_eq!(apart_ns(&clock, &hands), 99 * NANOS_PER_MS - 9 * NANOS_PER_MS / 2);
}

#[test]
fn a_clock_set_by_hand_that_nothing_vouches_for_is_not_followed_until_something_does() {
    for doubtful in [Health::Unsynchronised, Health::Unknown, Health::Synchronised { bound_ms: 501.0 }] {
        let (clock, hands) = clock_with(doubtful, &[]);
        hands.step(10 * SECOND);
        assert_eq!(ticks_to_new_epoch(&clock, &hands), None, "{doubtful:?}");
        assert_eq!(apart_ns(&clock, &hands), 10 * SECOND);
        assert_eq!(clock.report().system_ahead_ms, 10_000.0);
        assert_eq!((clock.report().standing, clock.stamp().err_ms), (Standing::Unsynced, None));
        hands.kernel(GOOD);
        assert_eq!(ticks_to_new_epoch(&clock, &hands), Some(1));
        assert_eq!((apart_ns(&clock, &hands), clock.stamp().err_ms), (0, Some(2.0)));
    }
}

#[test]
fn time_spent_asleep_is_no_step() {
    let (clock, hands) = clock();
    hands.pass(3_600 * SECOND, 0);
    assert_eq!(clock.tick(), Ticked::default());
    assert_eq!(apart_ns(&clock, &hands), 0);
}

#[test]
fn every_change_of_standing_is_told_once() {
    let (clock, hands) = clock();
    assert_eq!(clock.tick(), Ticked::default());
    for (health, standing, err_ms) in [
        (Health::Synchronised { bound_ms: 60.0 }, Standing::Degraded, Some(60.0)),
        (Health::Synchronised { bound_ms: 600.0 }, Standing::Unsynced, None),
        (GOOD, Standing::Synced, Some(2.0)),
        (Health::Unknown, Standing::Unsynced, None),
    ] {
        hands.kernel(health);
        assert_eq!(clock.tick(), Ticked { new_epoch: false, new_standing: true });
        assert_eq!(clock.tick(), Ticked::default(), "{health:?}");
        assert_eq!((clock.report().standing, clock.stamp().err_ms), (standing, err_ms));
    }
}

#[test]
fn a_contradicted_clock_is_degraded_and_not_confirmed_and_keeps_its_time() {
    let source: TimeSource = "192.0.2.1".parse().unwrap();
    let (clock, hands) = clock_with(GOOD, std::slice::from_ref(&source));
    let wrong = Opinion::Heard { ahead_ms: -2_000.0, give_ms: 5.0 };
    let told = Ticked { new_standing: true, ..Ticked::default() };
    assert_eq!(clock.hear(0, wrong.clone()), told);
    assert_eq!(clock.tick(), Ticked::default());
    let report = clock.report();
    assert_eq!((report.standing, report.err_ms(), report.bound_ms), (Standing::Degraded, None, Some(2.0)));
    assert_eq!((report.opinions, apart_ns(&clock, &hands)), (vec![(source, wrong)], 0));
    assert_eq!(clock.hear(0, Opinion::Heard { ahead_ms: 3.0, give_ms: 5.0 }), told);
    assert_eq!((clock.report().standing, clock.stamp().err_ms), (Standing::Synced, Some(2.0)));
}

#[test]
fn what_a_source_said_before_a_jump_counts_no_more() {
    let (clock, hands) = clock_with(GOOD, &["192.0.2.1".parse().unwrap()]);
    clock.hear(0, Opinion::Heard { ahead_ms: 2_000.0, give_ms: 5.0 });
    hands.step(2 * SECOND);
    assert_eq!(ticks_to_new_epoch(&clock, &hands), Some(3));
    assert_eq!((clock.report().standing, clock.stamp().err_ms), (Standing::Synced, Some(2.0)));
}

#[test]
fn a_source_has_no_say_where_the_kernel_vouches_for_nothing() {
    let (clock, _) = clock_with(Health::Unknown, &["192.0.2.1".parse().unwrap()]);
    clock.hear(0, Opinion::Heard { ahead_ms: 0.0, give_ms: 5.0 });
    assert_eq!((clock.report().standing, clock.stamp().err_ms), (Standing::Unsynced, None));
}

#[test]
fn a_drifting_system_clock_is_followed() {
    let (clock, hands) = clock();
    for _ in 0..600 {
        hands.pass(SECOND, 100_000); // 100 parts in a million fast
        clock.tick();
    }
    assert!(apart_ns(&clock, &hands).abs() <= 100_000);
}

proptest! {
    #[test]
    fn within_an_epoch_the_served_time_runs_at_boot_times_rate_give_or_take_500_parts_in_a_million(
        moves in prop::collection::vec((0..3 * SECOND, -40_000_000..40_000_000_i64, any::<bool>(), any::<bool>()), 1..100)
    ) {
        let (clock, hands) = clock();
        let (mut before, mut epoch) = (clock.stamp().nanos, clock.stamp().epoch);
        for (ns, step_ns, tick, good) in moves {
            hands.pass(ns, 0);
            hands.step(step_ns);
            hands.kernel(if good { GOOD } else { Health::Unsynchronised });
            let now = clock.stamp().nanos;
            let bent = (now - before - ns).abs();
            prop_assert!(bent <= ns / 2_000 + 1, "bent by {bent} ns in {ns} ns");
            if tick {
                clock.tick();
            }
            let after = clock.stamp().nanos;
            prop_assert!(after == now || clock.stamp().epoch != epoch);
            (before, epoch) = (after, clock.stamp().epoch);
        }
    }
}
