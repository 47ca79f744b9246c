use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use proptest::prelude::*;

use super::*;

const START: i64 = 1_803_128_400_000 * NANOS_PER_MS;
const SECOND: i64 = 1_000 * NANOS_PER_MS;

/// Both clocks of a machine, moved by hand.
#[derive(Default)]
struct Hands {
    system: AtomicI64,
    monotonic: AtomicI64,
}

impl Hands {
    /// Lets time pass, during which the system clock runs `drift_ns` fast.
    fn pass(&self, ns: i64, drift_ns: i64) {
        self.monotonic.fetch_add(ns, Relaxed);
        self.system.fetch_add(ns + drift_ns, Relaxed);
    }

    fn step(&self, by_ns: i64) {
        self.system.fetch_add(by_ns, Relaxed);
    }
}

fn clock() -> (Clock, Arc<Hands>) {
    let hands = Arc::new(Hands { system: START.into(), monotonic: 5.into() });
    let (system, monotonic) = (Arc::clone(&hands), Arc::clone(&hands));
    let clock = Clock::new(Sources {
        system: Box::new(move || system.system.load(Relaxed)),
        monotonic: Box::new(move || monotonic.monotonic.load(Relaxed)),
        health: Box::new(|| Health::Synchronised { bound_ms: 2.0 }),
    });
    (clock, hands)
}

/// How far the served time is from the system time.
fn apart_ns(clock: &Clock, hands: &Hands) -> i64 {
    hands.system.load(Relaxed) - clock.now_nanos()
}

#[test]
fn it_serves_the_system_time_and_its_clones_agree() {
    let (clock, hands) = clock();
    let twin = clock.clone();
    hands.pass(1_500_250_000, 0);
    assert_eq!(clock.now(), UnixMillis(1_803_128_401_500));
    assert!((twin.now_ms_f64() - 1_803_128_401_500.25).abs() < 0.001);
    assert_eq!(clock.err_ms(), Some(2.0));
}

#[test]
fn a_small_difference_is_made_up_for_half_a_millisecond_a_second() {
    let (clock, hands) = clock();
    let epoch = clock.epoch();
    hands.step(3 * NANOS_PER_MS);
    for tick in 0..6 {
        clock.tick();
        assert_eq!(clock.err_ms(), Some(5.0 - 0.5 * f64::from(tick)), "what is still missing is part of the bound");
        hands.pass(SECOND, 0);
    }
    assert_eq!(apart_ns(&clock, &hands), 0);
    assert_eq!(clock.epoch(), epoch);
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
fn a_step_forward_or_back_is_a_new_epoch_at_the_new_time() {
    for by in [10 * SECOND, -10 * SECOND, STEP + 1, -STEP - 1] {
        let (clock, hands) = clock();
        let epoch = clock.epoch();
        hands.step(by);
        clock.tick();
        assert_ne!(clock.epoch(), epoch);
        assert_eq!(apart_ns(&clock, &hands), 0);
        assert_eq!(clock.err_ms(), Some(2.0));
    }
}

#[test]
fn a_difference_just_below_a_step_is_no_new_epoch() {
    let (clock, hands) = clock();
    let epoch = clock.epoch();
    hands.step(-STEP);
    clock.tick();
    assert_eq!(clock.epoch(), epoch);
    assert_eq!(clock.err_ms(), Some(252.0));
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

const STEP: i64 = anchored::STEP_NS;

proptest! {
    #[test]
    fn the_served_time_never_goes_back_within_an_epoch(
        moves in prop::collection::vec((0..3 * SECOND, -400_000_000..400_000_000_i64, any::<bool>()), 1..100)
    ) {
        let (clock, hands) = clock();
        let (mut before, mut epoch) = (clock.now_nanos(), clock.epoch());
        for (ns, step_ns, tick) in moves {
            hands.pass(ns, 0);
            hands.step(step_ns);
            if tick {
                clock.tick();
            }
            let now = clock.now_nanos();
            prop_assert!(now >= before || clock.epoch() != epoch);
            (before, epoch) = (now, clock.epoch());
        }
    }
}
