//! What `serve` prints when it is ready: where everything is, what it counts down to, how the machine stands.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    net::{IpAddr, SocketAddr},
    path::Path,
};

use super::qr::Qr;
use crate::{
    clock::Health,
    domain::{
        moment::{Moment, Status},
        pass::Pass,
        time::{Millis, UnixMillis},
    },
    mesh::Engine,
};

/// Everything the announcement tells of.
#[derive(Clone, Copy, Debug)]
pub struct Announcement<'a> {
    /// Where the server listens, with the port it really got.
    pub listen: SocketAddr,
    /// How the world reaches it, if a proxy stands before it.
    pub public_url: Option<&'a str>,
    /// This machine's own addresses, as [`own_addresses`] gives them; matters when it listens on all of them.
    pub own_addresses: &'a [IpAddr],
    /// The organiser's pass; shown in full, for this is how the organiser gets it.
    pub organiser: &'a Pass,
    /// What is counted down to.
    pub moment: &'a Moment,
    /// The served time.
    pub now: UnixMillis,
    /// The descriptor limit.
    pub descriptors: u64,
    /// Most connections at once.
    pub max_connections: u32,
    /// What the kernel says of its clock.
    pub clock: Health,
    /// The data folder.
    pub data: &'a Path,
    /// By what the other nodes are met, if there are any.
    pub engine: Option<&'a Engine>,
    /// Whether to draw a QR code.
    pub qr: bool,
}

/// Prints the announcement on stdout; the QR code only if that is a terminal.
///
/// # Errors
/// What the operating system says, but not that nobody is reading any more.
pub fn print(announcement: Announcement<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let announcement = Announcement { qr: announcement.qr && out.is_terminal(), ..announcement };
    match write!(out, "{announcement}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// The addresses at which others on the same networks may reach this machine, IPv4 first; empty if unknown.
pub fn own_addresses() -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = if_addrs::get_if_addrs()
        .unwrap_or_default()
        .into_iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(|interface| interface.ip())
        .collect();
    found.sort_by_key(IpAddr::is_ipv6);
    found
}

impl fmt::Display for Announcement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let site = self.site();
        writeln!(f, "oneoclock {}\n", env!("CARGO_PKG_VERSION"))?;
        line(f, "listening", format_args!("http://{}/", self.listen))?;
        if self.listen.ip().is_unspecified() {
            for ip in self.own_addresses {
                line(f, "", format_args!("http://{}/", SocketAddr::new(*ip, self.listen.port())))?;
            }
        }
        line(f, "phones", format_args!("{site}/  (one gathering: {site}/g/{{slug}})"))?;
        line(f, "displays", format_args!("{site}/display  (one gathering: {site}/display/{{slug}})"))?;
        line(f, "health", format_args!("{site}/livez  {site}/readyz  {site}/metrics"))?;
        line(f, "organiser", format_args!("{site}/organise#{}", self.organiser.reveal()))?;
        line(f, "", format_args!("whoever has this link is the organiser: keep it to yourselves"))?;
        writeln!(f)?;
        self.write_moment(f)?;
        line(f, "connections", format_args!("at most {} ({} descriptors)", self.max_connections, self.descriptors))?;
        line(f, "clock", format_args!("{}", self.clock))?;
        line(f, "data", format_args!("{}", self.data.display()))?;
        for address in self.engine.into_iter().flat_map(|engine| &engine.addresses) {
            line(f, "other nodes", format_args!("by way of {address}, whenever it can be reached"))?;
        }
        writeln!(f)?;
        if self.qr {
            Self::write_qr(f, &site)?;
        }
        self.write_reach(f, &site)
    }
}

impl Announcement<'_> {
    /// What the links begin with: the best address for somebody who is not at this machine.
    fn site(&self) -> String {
        if let Some(url) = self.public_url {
            return url.to_owned();
        }
        let reachable = self.own_addresses.first().filter(|_| self.listen.ip().is_unspecified());
        let address = SocketAddr::new(*reachable.unwrap_or(&self.listen.ip()), self.listen.port());
        format!("http://{address}")
    }

    fn write_moment(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Moment { name, civil, zone, at, status, .. } = self.moment;
        line(f, "moment", format_args!("{name}"))?;
        let when = civil.strftime("%A %-d %B %Y, %H:%M");
        match status {
            Status::Scheduled => line(f, "", format_args!("{when} in {zone}, {}", in_words(*at - self.now))),
            Status::Held => line(f, "", format_args!("held; it was to be {when} in {zone}")),
            Status::Cancelled => line(f, "", format_args!("cancelled; it was to be {when} in {zone}")),
        }
    }

    fn write_qr(f: &mut fmt::Formatter<'_>, site: &str) -> fmt::Result {
        match Qr::leading_to(&format!("{site}/")) {
            Some(code) => writeln!(f, "{code}"),
            None => writeln!(f, "  (the address is too long for a QR code)\n"),
        }
    }

    fn write_reach(&self, f: &mut fmt::Formatter<'_>, site: &str) -> fmt::Result {
        let code = if self.qr { "The code leads to" } else { "Phones go to" };
        if self.public_url.is_none() && self.listen.ip().is_loopback() {
            let port = self.listen.port();
            writeln!(f, "  {code} {site}/, which only this machine can open. To let phones on the same")?;
            writeln!(f, "  network in, start with --listen 0.0.0.0:{port}; behind a proxy, say --public-url.")
        } else {
            writeln!(f, "  {code} {site}/")
        }
    }
}

/// One line: a word in the margin, and what it stands for.
fn line(f: &mut fmt::Formatter<'_>, word: &str, what: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(f, "  {word:<12} {what}")
}

/// A span in the two largest units that matter: `in 3 hours 12 minutes`.
fn in_words(span: Millis) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let seconds = span.0.unsigned_abs() / 1_000;
    let first = UNITS.iter().position(|(length, _)| seconds >= *length).unwrap_or(UNITS.len() - 1);
    let mut rest = seconds;
    let mut words = Vec::new();
    for (length, unit) in UNITS.iter().skip(first).take(2) {
        let count = rest / length;
        rest %= length;
        if count > 0 || words.is_empty() {
            words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    let words = words.join(" ");
    if span.0 < 0 { format!("{words} ago") } else { format!("in {words}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{pass::Role, text::Texts, version::Version};

    fn moment(status: Status) -> Moment {
        Moment {
            version: Version { rev: 1, node: "a".parse().unwrap() },
            name: "One day without us".to_owned(),
            civil: "2027-02-20T13:00:00".parse().unwrap(),
            zone: "Europe/London".to_owned(),
            at: UnixMillis(1_803_128_400_000),
            status,
            words: Texts::default(),
            cues: Vec::new(),
            unconfirmed_clock: None,
        }
    }

    fn text(listen: &str, change: impl FnOnce(&mut Announcement<'_>)) -> String {
        text_while(Status::Scheduled, listen, change)
    }

    fn text_while(status: Status, listen: &str, change: impl FnOnce(&mut Announcement<'_>)) -> String {
        let pass = Pass::from_random(Role::Organiser, [7; 20]);
        let moment = moment(status);
        let mut announcement = Announcement {
            listen: listen.parse().unwrap(),
            public_url: None,
            own_addresses: &["192.168.1.7".parse().unwrap()],
            organiser: &pass,
            moment: &moment,
            now: UnixMillis(1_803_128_400_000 - 3 * 86_400_000),
            descriptors: 20_000,
            max_connections: 19_872,
            clock: Health::Synchronised { bound_ms: 12.4 },
            data: Path::new("./oneoclock-data"),
            engine: None,
            qr: false,
        };
        change(&mut announcement);
        announcement.to_string()
    }

    #[test]
    fn the_first_address_is_the_one_it_listens_on() {
        for listen in ["127.0.0.1:1300", "0.0.0.0:80", "[::1]:1300"] {
            let text = text(listen, |a| a.public_url = Some("https://example.org"));
            let first = text.lines().find(|l| l.contains("http")).unwrap();
            assert!(first.ends_with(&format!("http://{listen}/")), "{first}");
        }
    }

    #[test]
    fn it_tells_where_everything_is_and_what_it_counts_down_to() {
        let text = text("127.0.0.1:1300", |_| ());
        for part in [
            "http://127.0.0.1:1300/g/{slug}",
            "http://127.0.0.1:1300/display/{slug}",
            "http://127.0.0.1:1300/livez",
            "http://127.0.0.1:1300/metrics",
            "http://127.0.0.1:1300/organise#oo1-organiser-",
            "Saturday 20 February 2027, 13:00 in Europe/London, in 3 days",
            "at most 19872 (20000 descriptors)",
            "right to within 12 ms",
            "./oneoclock-data",
            "only this machine can open",
            "--listen 0.0.0.0:1300",
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }

    #[test]
    fn links_lead_where_others_can_follow() {
        let open = text("0.0.0.0:1300", |_| ());
        assert!(open.contains("phones       http://192.168.1.7:1300/"), "{open}");
        assert!(!open.contains("only this machine"));
        let proxied = text("127.0.0.1:1300", |a| a.public_url = Some("https://example.org"));
        assert!(proxied.contains("https://example.org/organise#"), "{proxied}");
        assert!(!proxied.contains("only this machine"));
    }

    #[test]
    fn a_held_moment_is_not_counted_down_to() {
        let text = text_while(Status::Held, "127.0.0.1:1300", |a| a.qr = true);
        assert!(text.contains("held; it was to be Saturday 20 February"), "{text}");
        assert!(text.contains("The code leads to") && text.contains('█'), "{text}");
    }

    #[test]
    fn spans_are_said_in_two_units() {
        for (ms, words) in [
            (0, "in 0 seconds"),
            (1_000, "in 1 second"),
            (3_600_000 * 3 + 60_000 * 12 + 5_000, "in 3 hours 12 minutes"),
            (86_400_000 * 88, "in 88 days"),
            (-61_000, "1 minute 1 second ago"),
        ] {
            assert_eq!(in_words(Millis(ms)), words);
        }
    }
}
