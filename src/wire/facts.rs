//! Facts as nodes send them: JSON, of which each reader understands what it can.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{bounds::OutOfBounds, fact::Fact, foreign::Foreign};

/// Longest name of a kind, in bytes: longer than any there is.
const MAX_KIND_BYTES: usize = 32;

/// JSON that is no fact, or none that may be taken. It does not repeat what was said, which may hold a secret.
#[derive(Debug, thiserror::Error)]
pub enum Garbage {
    /// Not an object that says what kind of fact it is.
    #[error("it does not say what kind of fact it is")]
    Form,
    /// Of a kind that is known, and not like one of these.
    #[error("it is not what a {0} is like")]
    Unlike(&'static str),
    /// Beyond what is taken.
    #[error("it is a {kind} that is not taken: {why}")]
    Bounds {
        /// The kind.
        kind: &'static str,
        /// Why not.
        why: OutOfBounds,
    },
}

/// What a fact is to other nodes; what is foreign here goes on as it came.
pub fn written(fact: &Fact) -> Option<Value> {
    match fact {
        Fact::Foreign(foreign) => serde_json::from_str(&foreign.body).ok(),
        fact => serde_json::to_value(fact).ok(),
    }
}

/// Reads a fact of another node: one that is understood; one that is not, kept as it came; or both, when it is
/// understood but for some fields.
///
/// # Errors
/// [`Garbage`], of which nothing is to be kept.
pub fn read(fact: &Value) -> Result<Vec<Fact>, Garbage> {
    let facts = understood(fact)?;
    for fact in &facts {
        fact.bounded().map_err(|why| Garbage::Bounds { kind: fact.kind(), why })?;
    }
    Ok(facts)
}

/// Reads what was foreign to an older program, or still is.
pub fn read_again(foreign: Foreign) -> Vec<Fact> {
    let read = serde_json::from_str(&foreign.body).ok().and_then(|value| read(&value).ok());
    read.unwrap_or_else(|| vec![Fact::Foreign(foreign)])
}

fn understood(value: &Value) -> Result<Vec<Fact>, Garbage> {
    let kind = value.get("fact").and_then(Value::as_str).ok_or(Garbage::Form)?;
    let Some(kind) = Fact::KINDS.into_iter().find(|known| *known == kind) else {
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'_';
        let named = (1..=MAX_KIND_BYTES).contains(&kind.len()) && kind.bytes().all(plain);
        return if named { Ok(vec![foreign(value)]) } else { Err(Garbage::Form) };
    };
    let fact = Fact::deserialize(value).map_err(|_| Garbage::Unlike(kind))?;
    if let Fact::Foreign(Foreign { body }) = fact {
        // Some node passes on what it wrote down. No fact is inside one inside another.
        let inside: Value = serde_json::from_str(&body).map_err(|_| Garbage::Form)?;
        let nested = inside.get("fact").and_then(Value::as_str) == Some(kind);
        return if nested { Err(Garbage::Form) } else { understood(&inside) };
    }
    let whole = serde_json::to_value(&fact).is_ok_and(|known| covers(&known, value));
    Ok(if whole { vec![fact] } else { vec![fact, foreign(value)] })
}

/// The keys of an object of `serde_json` are in order.
fn foreign(value: &Value) -> Fact {
    Fact::Foreign(Foreign { body: value.to_string() })
}

/// Whether everything that was said has its place in what was understood, whatever form it has there.
fn covers(known: &Value, said: &Value) -> bool {
    match (known, said) {
        (Value::Object(known), Value::Object(said)) => said
            .iter()
            .filter(|(_, said)| !is_nothing(said))
            .all(|(key, said)| known.get(key).is_some_and(|known| covers(known, said))),
        (Value::Array(known), Value::Array(said)) => {
            known.len() == said.len() && known.iter().zip(said).all(|(known, said)| covers(known, said))
        }
        (_, said) => !said.is_object() || known.is_object(),
    }
}

/// Whether it says what is also said by leaving it out.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tally() -> Value {
        json!({ "fact": "tally", "gathering": "bath", "post": "North gate", "device": "00c0ffee00c0ffee00c0ffee00c0ffee",
            "minute": 1_803_128_400_000_i64, "in": 3, "in_undone": 1, "out": 0, "out_undone": 0 })
    }

    fn kinds(value: &Value) -> Vec<&'static str> {
        read(value).unwrap().iter().map(Fact::kind).collect()
    }

    fn with(mut value: Value, key: &str, field: Value) -> Value {
        value[key] = field;
        value
    }

    #[test]
    fn what_is_understood_is_taken_and_written_as_it_was() {
        let facts = read(&tally()).unwrap();
        assert_eq!(facts.iter().map(Fact::kind).collect::<Vec<_>>(), ["tally"]);
        assert_eq!(written(&facts[0]), Some(tally()));
        assert_eq!(kinds(&with(tally(), "rush", json!(false))), ["tally"], "as if it were left out");
        assert_eq!(kinds(&with(tally(), "post", json!(" North gate "))), ["tally"], "the same in another form");
    }

    #[test]
    fn a_kind_of_a_later_release_is_kept_and_passed_on_as_it_came() {
        let later = json!({ "fact": "rumour", "b": [1, { "z": null, "a": "é" }], "a": 1.5 });
        let facts = read(&later).unwrap();
        let [Fact::Foreign(foreign)] = &facts[..] else { panic!("{facts:?}") };
        assert_eq!(foreign.body, r#"{"a":1.5,"b":[1,{"a":"é","z":null}],"fact":"rumour"}"#);
        assert_eq!(written(&facts[0]), Some(later));
        assert_eq!(read_again(foreign.clone()), facts, "not understood yet");
    }

    #[test]
    fn a_field_of_a_later_release_is_kept_beside_what_is_understood() {
        for later in [with(tally(), "weather", json!("fog")), with(tally(), "weather", json!({ "wind": 3 }))] {
            let facts = read(&later).unwrap();
            let [Fact::Tally(tally), foreign] = &facts[..] else { panic!("{facts:?}") };
            assert_eq!(tally.totals.entered, 3);
            assert_eq!(written(foreign), Some(later));
        }
    }

    #[test]
    fn what_was_foreign_is_understood_as_soon_as_it_can_be() {
        let body = tally().to_string();
        let known = read(&tally()).unwrap();
        assert_eq!(read_again(Foreign { body: body.clone() }), known);
        assert_eq!(read(&json!({ "fact": "foreign", "body": body })).unwrap(), known);
    }

    #[test]
    fn a_pass_is_as_good_on_the_node_that_hears_of_it() {
        let hash = "ab".repeat(32);
        let grant = json!({ "fact": "grant", "id": "abcdef", "version": { "rev": 1, "node": "a" }, "hash": hash,
            "role": "steward", "gathering": "bath", "post": "North gate", "label": "", "from": 1_803_000_000_000_i64,
            "until": 1_804_000_000_000_i64, "revoked": false, "code": hash });
        let facts = read(&grant).unwrap();
        assert_eq!(facts.iter().map(Fact::kind).collect::<Vec<_>>(), ["grant"]);
        assert_eq!(written(&facts[0]), Some(grant));
    }

    #[test]
    fn garbage_is_refused() {
        let nested = json!({ "fact": "foreign", "body": json!({ "fact": "foreign", "body": "{}" }).to_string() });
        for garbage in [
            json!(null),
            json!([1]),
            json!({}),
            json!({ "fact": 1 }),
            json!({ "fact": "" }),
            json!({ "fact": "Not A Kind" }),
            json!({ "fact": "x".repeat(99) }),
            json!({ "fact": "foreign", "body": "no json" }),
            nested,
            json!({ "fact": "rumour", "long": "x".repeat(99_000) }),
            with(tally(), "post", json!("")),
            with(tally(), "in", json!(-1)),
            with(tally(), "in", json!(4_000_000)),
            with(tally(), "in_undone", json!(4)),
            with(tally(), "minute", json!(1)),
        ] {
            assert!(read(&garbage).is_err(), "{garbage}");
        }
    }
}
