//! Somebody says what no node says.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::{
    Fault,
    counters::{Manner, Work},
    engine::Engine,
    fleet::Fleet,
    table::Row,
};

/// The longest a fact may be waited for.
const COUNTED_WITHIN: Duration = Duration::from_secs(10);

/// What the nodes may take to refuse it all.
const REST: Duration = Duration::from_secs(2);

/// How often all of it is said.
const TIMES: usize = 20;

/// Measures.
pub(crate) async fn measure() -> Result<Vec<Row>, Fault> {
    let engine = Engine::start(1)?;
    let fleet = Fleet::together(3, &engine, &[]).await?;
    let manner = Manner { every: Duration::from_millis(5), minutes: 1, taps: 20 };
    let counters = Work::begin(&fleet, &[4; 3], manner).await?.end().await?;
    let truth = counters.iter().map(super::counters::Counter::kept).sum();
    fleet.until_counted(COUNTED_WITHIN, truth).await?.ok_or("taps do not get from node to node")?;
    let before = figures(&fleet).await?;

    let mut raw = TcpStream::connect(engine.address(0)).await?;
    raw.write_all(b"CONNECT {\"verbose\":false,\"pedantic\":false}\r\n").await?;
    for n in 1..=TIMES {
        for words in garbage(n) {
            raw.write_all(format!("PUB oneoclock.1.all {}\r\n", words.len()).as_bytes()).await?;
            raw.write_all(&words).await?;
            raw.write_all(b"\r\n").await?;
        }
    }
    raw.write_all(b"PING\r\n").await?;
    let mut answer = [0; 4096];
    let _ = raw.read(&mut answer).await?;
    sleep(REST).await;

    let after = figures(&fleet).await?;
    let mut refused = Vec::new();
    for node in &fleet.nodes {
        let metrics = node.server()?.ask("GET", "/metrics", "text/plain", "").await?;
        let counts =
            metrics.lines().filter(|line| !line.starts_with('#') && line.contains("refused") && line.contains("fact"));
        refused.push(counts.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum::<f64>());
    }
    let same = before == after;
    Ok(vec![Row::new(
        format!("{} messages of garbage from a node that is none", TIMES * garbage(1).len()),
        "nothing changes; counted as refused",
        format!("figures {}; refused {refused:?}", if same { "as before" } else { "changed" }),
        same && refused.iter().all(|&count| count > 0.0),
    )])
}

/// All that is told of people, on each node, without the times at which it was asked.
async fn figures(fleet: &Fleet) -> Result<Vec<Value>, Fault> {
    let mut all = Vec::new();
    for node in &fleet.nodes {
        let text = node.server()?.ask("GET", "/api/v1/count", "text/plain", "").await?;
        let mut count: Value = serde_json::from_str(&text)?;
        forget_times(&mut count);
        all.push(count);
    }
    Ok(all)
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !matches!(name.as_str(), "as_of" | "now" | "t"));
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

/// What is no JSON, no message, no fact, and facts that no node can have taken.
fn garbage(n: usize) -> Vec<Vec<u8>> {
    let facts =
        |facts: Value| json!({ "type": "facts", "node": "zz9zz9", "boot": 1, "n": n, "facts": facts }).to_string();
    let tally = |entered: Value, undone: Value| {
        json!({ "fact": "tally", "gathering": "g0", "post": "Post 0",
                "device": "00000000000000000000000000000000", "minute": 1_803_124_740_000_i64,
                "in": entered, "in_undone": undone, "out": 0, "out_undone": 0 })
    };
    vec![
        vec![0xff; 64],
        b"{".to_vec(),
        json!({ "type": "facts" }).to_string().into_bytes(),
        json!({ "type": "lease", "node": 7 }).to_string().into_bytes(),
        facts(json!("none")).into_bytes(),
        facts(json!([null, 7, "tally", [], {}])).into_bytes(),
        facts(json!([tally(json!(-1), json!(0)), tally(json!(1e300), json!(0)), tally(json!("many"), json!(0))]))
            .into_bytes(),
        facts(json!([tally(json!(u64::MAX), json!(0)), tally(json!(1), json!(2))])).into_bytes(),
        json!({ "type": "have", "node": "zz9zz9", "ask": 1, "part": 0, "last": true, "facts": [{ "fact": "moment" }] })
            .to_string()
            .into_bytes(),
        json!({ "type": "want", "node": "zz9zz9", "ask": 1, "leaves": "!!!!" }).to_string().into_bytes(),
        json!({ "type": "vacate", "seat": "none" }).to_string().into_bytes(),
    ]
}
