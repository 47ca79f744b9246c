//! `oneoclock pass`: stewards' links, made, listed and taken back on a running server.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    CommandError,
    client::{Client, ClientError, ServerArgs},
    qr::Qr,
};
use crate::domain::{
    grant::MAX_DEVICES,
    moment::{Wall, Zone},
    time::UnixMillis,
};

/// Where passes live on a server.
const PATH: &str = "/api/v1/passes";

/// Makes, lists, revokes or exchanges stewards' links on a running server.
#[derive(Clone, Debug, clap::Args)]
pub struct PassArgs {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What to do with links.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Action {
    /// Make a link for a steward; it is shown this once
    Create {
        /// The id of the gathering, as in its address
        gathering: String,
        /// The spot where the steward counts, such as "North gate"
        #[arg(long)]
        post: String,
        /// What you call the link; not a person's name, please
        #[arg(long, default_value = "")]
        label: String,
        /// From when it is good, in the zone of the moment; a day before the moment if left out
        #[arg(long, value_name = "DATE TIME")]
        from: Option<String>,
        /// Until when it is good, in the zone of the moment; six hours after the moment if left out
        #[arg(long, value_name = "DATE TIME")]
        until: Option<String>,
        /// Make a short code too, to be typed where the link cannot be opened; it lets five devices in
        #[arg(long)]
        code: bool,
    },
    /// List all links and what became of them
    List,
    /// Take a link back for good; whoever is connected with it is out within five seconds
    Revoke {
        /// Its id, as in the list
        id: String,
    },
    /// Exchange a link for a new one, and take the old one back
    Rotate {
        /// Its id, as in the list
        id: String,
    },
    /// Give a link another window, such as the moment's day after the moment has moved
    Window {
        /// Its id, as in the list
        id: String,
        /// From when it is good, in the zone of the moment; a day before the moment if left out
        #[arg(long, value_name = "DATE TIME")]
        from: Option<String>,
        /// Until when it is good, in the zone of the moment; six hours after the moment if left out
        #[arg(long, value_name = "DATE TIME")]
        until: Option<String>,
    },
}

/// A new pass, as the server shows it this once.
#[derive(Deserialize)]
struct Made {
    id: String,
    link: String,
    code: Option<String>,
    gathering: String,
    post: String,
    from: UnixMillis,
    until: UnixMillis,
}

/// A pass in the list.
#[derive(Deserialize)]
struct Listed {
    id: String,
    gathering: Option<String>,
    post: Option<String>,
    label: String,
    from: UnixMillis,
    until: UnixMillis,
    state: String,
    covers_moment: bool,
    code: bool,
    devices: usize,
    by_code_of: Option<String>,
    open: u32,
    refused: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct List {
    zone: String,
    passes: Vec<Listed>,
}

/// Asks the server, and prints what it says.
///
/// # Errors
/// When the server is not reached, or refuses.
pub async fn run(args: PassArgs) -> Result<(), CommandError> {
    let client = Client::organiser(&args.server)?;
    let mut out = io::stdout().lock();
    match args.action {
        Action::Create { gathering, post, label, from, until, code } => {
            let wanted = json!({
                "gathering": gathering, "post": post, "label": label, "from": from, "until": until, "code": code,
            });
            let made = ask(&client, PATH, &wanted).await?;
            show(&mut out, &made, &zone(&client).await?, io::stdout().is_terminal())?;
        }
        Action::Rotate { id } => {
            let made = ask(&client, &one(&id), &json!({ "do": "rotate" })).await?;
            writeln!(out, "{id} is revoked; this takes its place:")?;
            show(&mut out, &made, &zone(&client).await?, io::stdout().is_terminal())?;
        }
        Action::Revoke { id } => {
            let _: Listed = ask(&client, &one(&id), &json!({ "do": "revoke" })).await?;
            writeln!(out, "{id} is revoked; whoever is connected with it is out within five seconds")?;
        }
        Action::Window { id, from, until } => {
            let order = json!({ "do": "window", "from": from, "until": until });
            let pass: Listed = ask(&client, &one(&id), &order).await?;
            let zone = zone(&client).await?;
            writeln!(out, "{id} is good {}", window(pass.from, pass.until, &zone))?;
        }
        Action::List => {
            let List { zone, passes } = client.get(PATH).await?;
            let zone = Zone::named(&zone).unwrap_or_else(|_| Zone::utc());
            list(&mut out, &passes, &zone)?;
        }
    }
    Ok(())
}

async fn ask<T: serde::de::DeserializeOwned>(client: &Client, path: &str, body: &Value) -> Result<T, ClientError> {
    client.post(path, "application/json", body.to_string()).await
}

/// The address of one. An id of anything but letters and digits leads to none.
fn one(id: &str) -> String {
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
    format!("{PATH}/{}", if plain { id } else { "-" })
}

/// The zone in which the organisers think.
async fn zone(client: &Client) -> Result<Zone, ClientError> {
    #[derive(Deserialize)]
    struct Told {
        kept: Kept,
    }
    #[derive(Deserialize)]
    struct Kept {
        zone: String,
    }
    let Told { kept } = client.get("/api/v1/moment").await?;
    Ok(Zone::named(&kept.zone).unwrap_or_else(|_| Zone::utc()))
}

fn window(from: UnixMillis, until: UnixMillis, zone: &Zone) -> String {
    let wall = |at| Wall(zone.civil_at(at));
    format!("from {} until {} in {}", wall(from), wall(until), zone.name())
}

fn show(out: &mut impl Write, made: &Made, zone: &Zone, qr: bool) -> io::Result<()> {
    let Made { id, link, code, gathering, post, from, until } = made;
    writeln!(out, "{id}  {gathering}, {post}")?;
    writeln!(out, "  {}", window(*from, *until, zone))?;
    writeln!(out, "  {link}")?;
    if let Some(code) = code {
        writeln!(out, "  code {code}, for at most {MAX_DEVICES} devices")?;
    }
    writeln!(out, "  whoever has this link counts there: it is shown this once, and only its hash is kept")?;
    if let Some(code) = qr.then(|| Qr::leading_to(link)).flatten() {
        writeln!(out, "\n{code}")?;
    }
    Ok(())
}

fn list(out: &mut impl Write, passes: &[Listed], zone: &Zone) -> io::Result<()> {
    if passes.is_empty() {
        return writeln!(
            out,
            "no links have been made yet; make one with: oneoclock pass create GATHERING --post POST"
        );
    }
    for pass in passes {
        let Listed { id, gathering, post, label, from, until, state, .. } = pass;
        let [gathering, post] = [gathering, post].map(|name| name.as_deref().unwrap_or("-"));
        let label = if label.is_empty() { String::new() } else { format!(" ({label})") };
        writeln!(out, "{id}  {:<9} {gathering}, {post}{label}", state.replace('_', " "))?;
        writeln!(out, "        {}{}", window(*from, *until, zone), remarks(pass))?;
    }
    Ok(())
}

/// What else is worth knowing of a link.
fn remarks(pass: &Listed) -> String {
    let mut remarks = Vec::new();
    if !pass.covers_moment && pass.state != "revoked" {
        remarks.push(format!("not good at the moment: oneoclock pass window {}", pass.id));
    }
    if let Some(parent) = &pass.by_code_of {
        remarks.push(format!("by the code of {parent}"));
    }
    if pass.code {
        remarks.push(format!("code used by {} of {MAX_DEVICES}", pass.devices));
    }
    if pass.open > 0 {
        remarks.push(format!("{} open now", pass.open));
    }
    remarks
        .extend(pass.refused.iter().map(|(why, times)| format!("refused {times} times ({})", why.replace('_', " "))));
    remarks.iter().map(|remark| format!("; {remark}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed() -> Listed {
        Listed {
            id: "kfmwqz".to_owned(),
            gathering: Some("bath".to_owned()),
            post: Some("North gate".to_owned()),
            label: "first phone".to_owned(),
            from: UnixMillis(1_803_042_000_000),
            until: UnixMillis(1_803_150_000_000),
            state: "valid".to_owned(),
            covers_moment: true,
            code: true,
            devices: 2,
            by_code_of: None,
            open: 1,
            refused: BTreeMap::new(),
        }
    }

    fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_list_says_what_became_of_each_link() {
        let over = Listed {
            state: "expired".to_owned(),
            covers_moment: false,
            code: false,
            open: 0,
            label: String::new(),
            refused: BTreeMap::from([("expired".to_owned(), 3)]),
            ..listed()
        };
        let zone = Zone::named("Europe/London").unwrap();
        assert_eq!(
            written(|out| list(out, &[listed(), over], &zone)),
            "kfmwqz  valid     bath, North gate (first phone)\n        \
             from 2027-02-19 13:00 until 2027-02-20 19:00 in Europe/London; code used by 2 of 5; 1 open now\n\
             kfmwqz  expired   bath, North gate\n        \
             from 2027-02-19 13:00 until 2027-02-20 19:00 in Europe/London; not good at the moment: \
             oneoclock pass window kfmwqz; refused 3 times (expired)\n"
        );
        assert!(written(|out| list(out, &[], &zone)).contains("pass create"));
    }

    #[test]
    fn a_link_is_drawn_only_for_eyes() {
        let made = Made {
            id: "kfmwqz".to_owned(),
            link: format!("http://127.0.0.1:1300/steward#oo1-steward-{}", "a".repeat(32)),
            code: Some("KM7W-2QXA".to_owned()),
            gathering: "bath".to_owned(),
            post: "North gate".to_owned(),
            from: UnixMillis(1_803_042_000_000),
            until: UnixMillis(1_803_150_000_000),
        };
        let plain = written(|out| show(out, &made, &Zone::utc(), false));
        assert!(plain.contains("/steward#oo1-steward-") && plain.contains("code KM7W-2QXA, for at most 5"), "{plain}");
        assert!(!plain.contains('█'));
        assert!(written(|out| show(out, &made, &Zone::utc(), true)).contains('█'));
    }

    #[test]
    fn an_id_never_leads_to_another_address() {
        assert_eq!(one("kfmwqz"), "/api/v1/passes/kfmwqz");
        for bad in ["", "../moment", "a/b", "a?b", "é"] {
            assert_eq!(one(bad), "/api/v1/passes/-");
        }
    }
}
