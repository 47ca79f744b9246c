//! The journal of a national day: 138 gatherings with four posts each, counted every minute for six hours.

use std::path::Path;

use futures_util::future::try_join_all;
use oneoclock::{
    domain::{
        access::AccessFacts,
        fact::Fact,
        gathering::{Gathering, Visibility},
        programme::Programme,
        tally::{Tally, Totals},
        time::{Millis, Minute, UnixMillis},
        version::Version,
    },
    journal::{Entry, Journal},
};

const GATHERINGS: u32 = 138;
const POSTS: u32 = 4;
const MINUTES: u32 = 6 * 60;

/// 2027-02-20 10:00 UTC, three hours before the moment.
const FIRST: UnixMillis = UnixMillis(1_803_117_600_000);

/// Entries handed in at once: fewer than may wait, and enough for full commits.
const AT_ONCE: usize = 1_024;

/// Keeps the whole day in a journal in `dir`, each post's minute as a line of the log; says how many those are.
pub(crate) async fn keep(dir: &Path) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let (journal, _) = Journal::open(dir, |_| (), drop)?;
    let gatherings = (0..GATHERINGS).map(gathering).collect::<Result<_, _>>()?;
    journal.keep(Entry { at: FIRST, by: "organiser".to_owned(), facts: gatherings }).await?;
    let mut minutes = Vec::new();
    for minute in 0..MINUTES {
        for post in 0..GATHERINGS * POSTS {
            minutes.push(entry(post / POSTS, post % POSTS, minute)?);
        }
    }
    let count = minutes.len();
    let mut minutes = minutes.into_iter();
    loop {
        let some: Vec<_> = minutes.by_ref().take(AT_ONCE).map(|entry| journal.keep(entry)).collect();
        if some.is_empty() {
            return Ok(count);
        }
        try_join_all(some).await?;
    }
}

fn gathering(n: u32) -> Result<Fact, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Fact::Gathering(Gathering {
        slug: format!("gathering-{n}").parse()?,
        version: Version { rev: 1, node: "bench".parse()? },
        name: format!("Gathering {n}"),
        place: format!("Town {n}"),
        nation: String::new(),
        venue: String::new(),
        kind: String::new(),
        point: None,
        expected: Some(3_000),
        visibility: Visibility::Listed,
        joins: true,
        programme: Programme::default(),
        access: AccessFacts::default(),
        missing: false,
    }))
}

fn entry(gathering: u32, post: u32, minute: u32) -> Result<Entry, Box<dyn std::error::Error + Send + Sync>> {
    let at = FIRST + Millis::from_mins(minute.into());
    let tally = Tally {
        gathering: format!("gathering-{gathering}").parse()?,
        post: format!("Post {post}").parse()?,
        // As random as the real ones, which fill all their digits.
        device: (u128::from(gathering * POSTS + post + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
            .into(),
        minute: Minute::of(at),
        totals: Totals { entered: minute % 20, entered_undone: minute % 3, left: minute % 7, ..Totals::default() },
    };
    let by = format!("steward gathering-{gathering} / Post {post} / card {post}");
    Ok(Entry { at, by, facts: vec![Fact::Tally(tally)] })
}
