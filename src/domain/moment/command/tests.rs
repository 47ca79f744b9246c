use super::*;

fn node() -> NodeId {
    "here".parse().unwrap()
}

fn utc(text: &str) -> UnixMillis {
    Zone::utc().resolve(text.parse().unwrap()).unwrap()
}

fn command(json: &str) -> MomentCommand {
    serde_json::from_str(json).unwrap()
}

fn apply(json: &str, current: &Moment, now: &str) -> Result<Moment, MomentError> {
    command(json).apply(current, utc(now), &node(), ServerClock::Confirmed)
}

fn said(json: &str, current: &Moment, now: &str) -> String {
    apply(json, current, now).unwrap_err().to_string()
}

const SET: &str = r#"{"do":"set","civil":"2027-02-20 13:00","zone":"Europe/London","name":" One day without us ",
    "words":{"en":"Link arms","cy":"Breichiau ynghyd"},
    "cues":[{"offset":120000,"words":{"en":"Thank you"}},{"offset":-600000,"words":{"en":"Gather"}}]}"#;

fn set() -> Moment {
    let nobody = Moment::default_at(utc("2027-01-01 09:00"), &node());
    apply(SET, &nobody, "2027-01-01 09:00").unwrap()
}

fn held() -> Moment {
    apply(r#"{"do":"hold"}"#, &set(), "2027-02-20 12:00").unwrap()
}

#[test]
fn a_set_moment_wins_over_the_default_and_keeps_its_cues_in_order() {
    let moment = set();
    assert_eq!(moment.version.rev, 1);
    assert_eq!(moment.name, "One day without us");
    assert_eq!(moment.at, utc("2027-02-20 13:00"));
    assert_eq!(moment.cues.iter().map(|c| c.offset.0).collect::<Vec<_>>(), [-600_000, 120_000]);
}

#[test]
fn setting_again_keeps_what_is_left_out_and_clears_what_is_empty() {
    let json = r#"{"do":"set","civil":"2027-02-21 13:00","zone":"Europe/London","words":{}}"#;
    let moment = apply(json, &set(), "2027-01-02 09:00").unwrap();
    assert_eq!((moment.version.rev, moment.name.as_str()), (2, "One day without us"));
    assert!(moment.words.0.is_empty());
    assert_eq!(moment.cues.len(), 2);
}

#[test]
fn a_held_moment_resumes_until_its_instant_and_then_must_be_moved() {
    assert_eq!(held().status, Status::Held);
    let back = apply(r#"{"do":"resume"}"#, &held(), "2027-02-20 12:59:59").unwrap();
    assert_eq!((back.status, back.version.rev), (Status::Scheduled, 3));
    let late = said(r#"{"do":"resume"}"#, &held(), "2027-02-20 13:00");
    assert!(late.contains("passed while the moment was held; move it"), "{late}");
    let moved = apply(r#"{"do":"move","civil":"2027-02-20 13:15"}"#, &held(), "2027-02-20 13:01").unwrap();
    assert_eq!((moved.status, moved.at), (Status::Scheduled, utc("2027-02-20 13:15")));
}

#[test]
fn what_makes_no_sense_in_this_state_is_refused() {
    let set = set();
    let cancelled = apply(r#"{"do":"cancel"}"#, &held(), "2027-02-20 14:00").unwrap();
    for (json, current, now, reason) in [
        (r#"{"do":"resume"}"#, &set, "2027-02-20 12:00", "not_held"),
        (r#"{"do":"hold"}"#, &held(), "2027-02-20 12:00", "already_held"),
        (r#"{"do":"hold"}"#, &set, "2027-02-20 13:00", "happened"),
        (r#"{"do":"cancel"}"#, &set, "2027-02-20 13:00", "happened"),
        (r#"{"do":"hold"}"#, &cancelled, "2027-02-20 12:00", "cancelled"),
        (r#"{"do":"resume"}"#, &cancelled, "2027-02-20 12:00", "cancelled"),
        (r#"{"do":"cancel"}"#, &cancelled, "2027-02-20 12:00", "cancelled"),
        (r#"{"do":"move","civil":"2027-02-21 13:00"}"#, &cancelled, "2027-02-20 12:00", "cancelled"),
    ] {
        let refused = apply(json, current, now).unwrap_err();
        assert_eq!(refused.reason(), reason, "{json}: {refused}");
        assert!(refused.is_conflict());
    }
    assert_eq!(apply(SET, &cancelled, "2027-02-20 12:00").unwrap().status, Status::Scheduled);
}

#[test]
fn in_the_last_five_minutes_a_change_must_be_typed_twice() {
    let set = set();
    let moving = r#"{"do":"move","civil":"2027-02-20 13:30"}"#;
    assert!(apply(moving, &set, "2027-02-20 12:54:59").is_ok());
    assert_eq!(
        said(moving, &set, "2027-02-20 12:56:40"),
        "the moment is only 3m20s away: phones without network will keep the old one; \
         if you are sure, confirm by typing: 2027-02-20 13:30"
    );
    assert!(apply(moving, &set, "2027-02-20 13:00").is_ok(), "after the moment nothing is split");
    for (json, typing) in [
        (moving, "2027-02-20 13:30"),
        (r#"{"do":"set","civil":"2027-02-20 13:30+00:00","zone":"Europe/London"}"#, "2027-02-20 13:30+00:00"),
        (r#"{"do":"hold"}"#, "hold"),
        (r#"{"do":"cancel"}"#, "cancel"),
    ] {
        for wrong in [None, Some(""), Some("yes"), Some("2027-02-20 13:00")] {
            let asked = wrong.map_or(command(json), |w| command(json).confirmed(w));
            match asked.apply(&set, utc("2027-02-20 12:55"), &node(), ServerClock::Confirmed) {
                Err(MomentError::NeedsConfirmation { left, typing: asked }) => {
                    assert_eq!((left, asked.as_str()), (Millis::from_mins(5), typing));
                }
                other => panic!("{json}: {other:?}"),
            }
        }
        assert_eq!(command(json).typing(), Some(typing));
        assert!(
            command(json)
                .confirmed(typing)
                .apply(&set, utc("2027-02-20 12:55"), &node(), ServerClock::Confirmed)
                .is_ok()
        );
    }
    let resumed = apply(r#"{"do":"resume"}"#, &held(), "2027-02-20 12:59");
    assert!(resumed.is_ok(), "going back to what the pages already have splits nobody");
}

#[test]
fn by_a_clock_nothing_vouches_for_the_moment_is_armed_only_by_somebodys_word_which_is_kept() {
    let arm = |json: &str, current: &Moment, clock, word: bool| {
        let mut asked: serde_json::Value = serde_json::from_str(json).unwrap();
        if word {
            asked["unconfirmed_clock"] = true.into();
        }
        command(&asked.to_string()).apply(current, utc("2027-02-20 12:00"), &node(), clock)
    };
    let (good, bad) = (ServerClock::Confirmed, ServerClock::Unconfirmed);
    let kept = Some(Override { by: Role::Organiser, at: utc("2027-02-20 12:00") });
    for (json, current) in
        [(SET, &set()), (r#"{"do":"move","civil":"2027-02-20 13:30"}"#, &set()), (r#"{"do":"resume"}"#, &held())]
    {
        let refused = arm(json, current, bad, false).unwrap_err();
        assert!(refused.is_conflict() && refused.reason() == "clock_unconfirmed", "{json}: {refused}");
        let armed = arm(json, current, bad, true).unwrap();
        assert_eq!(armed.unconfirmed_clock, kept, "{json}");
        assert_eq!(arm(json, current, good, true).unwrap().unconfirmed_clock, None, "a word that was not needed");
        for json in [r#"{"do":"hold"}"#, r#"{"do":"cancel"}"#] {
            let disarmed = arm(json, &armed, bad, false).unwrap();
            assert_eq!(disarmed.unconfirmed_clock, kept, "disarming needs no word, and forgets none");
        }
        let later = arm(SET, &armed, good, false).unwrap();
        assert_eq!(later.unconfirmed_clock, None, "armed anew by a good clock");
        let fact = serde_json::to_string(&armed).unwrap();
        assert_eq!(serde_json::from_str::<Moment>(&fact).unwrap(), armed);
    }
}

#[test]
fn a_moment_kept_by_an_earlier_version_reads_as_it_was() {
    let kept = serde_json::to_string(&set()).unwrap();
    assert!(!kept.contains("unconfirmed_clock"), "{kept}");
    assert_eq!(serde_json::from_str::<Moment>(&kept).unwrap(), set());
}

#[test]
fn times_that_cannot_be_are_refused_in_plain_words() {
    let refused = |civil: &str, zone: &str| {
        let json = serde_json::json!({"do": "set", "civil": civil, "zone": zone}).to_string();
        apply(&json, &set(), "2027-01-02 09:00").unwrap_err()
    };
    for (civil, zone, reason) in [
        ("tomorrow at one", "Europe/London", "bad_time"),
        ("2027-02-20 13:00", "Europe/Londn", "unknown_zone"),
        ("2027-03-28 01:30", "Europe/London", "time_in_gap"),
        ("2027-10-31 01:30", "Europe/London", "time_in_fold"),
        ("2027-02-20 13:00+01:00", "Europe/London", "bad_time"),
        ("2017-02-20 13:00", "Europe/London", "past"),
        ("2072-02-20 13:00", "Europe/London", "too_far"),
        ("9999-12-31 23:59:59", "Pacific/Honolulu", "bad_time"),
    ] {
        let refused = refused(civil, zone);
        assert_eq!(refused.reason(), reason, "{refused}");
        assert!(!refused.is_conflict());
    }
    assert_eq!(
        refused("2017-02-20 13:00", "Europe/London").to_string(),
        "2017-02-20 13:00 in Europe/London has already passed; choose a time still to come"
    );
}

#[test]
fn texts_and_cues_beyond_their_limits_are_refused_by_name() {
    let try_with = |name: &str, words: serde_json::Value, cues: serde_json::Value| {
        let json = serde_json::json!({"do": "set", "civil": "2027-02-20 13:00", "zone": "Europe/London",
            "name": name, "words": words, "cues": cues});
        apply(&json.to_string(), &set(), "2027-01-02 09:00").unwrap_err().to_string()
    };
    let (none, long) = (serde_json::json!({}), "é".repeat(MAX_WORDS_CHARS + 1));
    let cue = |offset: i64, text: &str| serde_json::json!({"offset": offset, "words": {"en": text}});
    let many: Vec<_> = (0..=40).map(|n| cue(n * 1_000, "x")).collect();
    for (said, expected) in [
        (try_with("  ", none.clone(), serde_json::json!([])), "the name is empty"),
        (try_with(&long, none.clone(), serde_json::json!([])), "the name has 281 characters; at most 80"),
        (try_with("a\nb", none.clone(), serde_json::json!([])), "the name holds a control character"),
        (try_with("a", serde_json::json!({"cy": long}), serde_json::json!([])), "the text in \"cy\" has 281"),
        (try_with("a", none.clone(), serde_json::json!([cue(0, "a"), cue(0, "b")])), "two cues are at 0s"),
        (try_with("a", none.clone(), serde_json::json!([cue(86_400_001, "a")])), "is more than 24h from the moment"),
        (try_with("a", none.clone(), serde_json::json!([cue(i64::MIN, "a")])), "is more than 24h from the moment"),
        (try_with("a", none.clone(), serde_json::json!([cue(-90_000, " ")])), "the cue at -1m30s is empty"),
        (try_with("a", none, serde_json::json!(many)), "there are 41 cues; at most 40"),
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_command_reads_back_from_json_and_unknown_fields_are_refused() {
    for json in [SET, r#"{"do":"hold"}"#, r#"{"do":"resume"}"#, r#"{"do":"move","civil":"2027-02-20 13:30"}"#] {
        let read = command(json);
        assert_eq!(command(&serde_json::to_string(&read).unwrap()), read);
    }
    assert!(serde_json::from_str::<MomentCommand>(r#"{"do":"hold","now":true}"#).is_err());
    assert!(serde_json::from_str::<MomentCommand>(r#"{"do":"explode"}"#).is_err());
}
