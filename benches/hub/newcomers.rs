//! The first page for whoever comes anew, beside nginx with the same bytes.

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::{
    child::{CROWD_CORE, Child},
    fault::Fault,
    figure::Figure,
    nginx::{self, Nginx},
    options::{Options, Visit},
    process::Process,
    report::{Goal, Report, Row, grouped},
    target::{EVERY_SECOND, Server},
};

/// Requests per second over nginx's, at least.
const RATE_GOAL: f64 = 0.7;

/// CPU per request over nginx's, at most: the same goal seen from the other side.
const CPU_GOAL: f64 = 1.0 / RATE_GOAL;

/// How many ask at once: enough that the server always has somebody to answer.
const AT_ONCE: u32 = 64;

/// The longest an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What is asked, as a phone's browser does.
const HEAD: &str = "GET / HTTP/1.1\r\nHost: one.example\r\nAccept: text/html\r\n\
     Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9\r\n\r\n";

/// A page as it came.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// How a crowd of newcomers was served.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Served {
    answered: u32,
    failed: u32,
    seconds: f64,
}

/// All rounds with one way of asking.
#[derive(Default)]
struct Side {
    rate: [Figure; 2],
    cpu_us: [Figure; 2],
    rates: Figure,
    cpus: Figure,
}

/// Measures all rounds.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Fault> {
    if !nginx::is_there() {
        report.note("newcomers were not measured: no nginx here; Debian has it as nginx-light".to_owned());
        return Ok(());
    }
    let ours = Server::start(EVERY_SECOND, &[])?;
    let page = Page::fetch(ours.port)?;
    let nginx = Nginx::start(&page)?;
    let requests = options.most_phones();
    for (kept, how) in [(false, "a connection for each"), (true, "connections kept")] {
        let mut side = Side::default();
        for round in 0..options.rounds {
            let both = [(&ours.child, ours.port), (&nginx.child, nginx.port)];
            let mut rates = [0.0; 2];
            let mut cpus = [0.0; 2];
            // Who comes first finds the colder machine: take turns.
            for turn in 0..2 {
                let who = if round % 2 == 0 { turn } else { 1 - turn };
                let (child, port) = both[who];
                let before = Process(child.id()).cpu()?;
                let served = crowd(Visit { port, requests, kept })?;
                let cpu = Process(child.id()).cpu()?.saturating_sub(before);
                if served.failed > 0 {
                    report.note(format!(
                        "{how}: {} of {requests} requests failed at {}",
                        served.failed,
                        ["the server", "nginx"][who]
                    ));
                }
                rates[who] = f64::from(served.answered) / served.seconds;
                cpus[who] = cpu.as_secs_f64() * 1e6 / f64::from(served.answered);
                side.rate[who].add(rates[who]);
                side.cpu_us[who].add(cpus[who]);
            }
            eprintln!(
                "newcomers, {how}, round {} of {}: {:.0} and {:.0} per second, {:.1} and {:.1} us",
                round + 1,
                options.rounds,
                rates[0],
                rates[1],
                cpus[0],
                cpus[1],
            );
            side.rates.add(rates[0] / rates[1]);
            side.cpus.add(cpus[0] / cpus[1]);
        }
        report.add(Row {
            figure: format!("first pages per second, {} newcomers, {how}; beside nginx", grouped(requests)),
            goal: Goal::AtLeast(RATE_GOAL, "x nginx"),
            server: format!("{:.0}", side.rate[0]),
            floor: format!("{:.0}", side.rate[1]),
            judged: side.rates,
        });
        report.add(Row {
            figure: format!("CPU per first page, {how}; beside nginx"),
            goal: Goal::AtMost((CPU_GOAL * 100.0).round() / 100.0, "x nginx"),
            server: format!("{:.1} us", side.cpu_us[0]),
            floor: format!("{:.1} us", side.cpu_us[1]),
            judged: side.cpus,
        });
    }
    Ok(())
}

/// Sends a crowd to `port`, from a process of its own.
fn crowd(Visit { port, requests, kept }: Visit) -> Result<Served, Fault> {
    let mut args = vec!["newcomers".to_owned(), format!("--port={port}"), format!("--requests={requests}")];
    args.extend(kept.then(|| "--kept".to_owned()));
    let program = env::current_exe()?;
    let mut child = Child::start("newcomers", CROWD_CORE, program.as_ref(), args, Stdio::piped(), Stdio::inherit())?;
    let mut answer = String::new();
    if let Some(out) = child.take_stdout() {
        BufReader::new(out).read_line(&mut answer)?;
    }
    Ok(serde_json::from_str(&answer)?)
}

/// The newcomers of one process.
#[expect(clippy::print_stdout, reason = "the parent reads it")]
pub(crate) fn come(visit: &Visit) -> Result<(), Fault> {
    let begun = Instant::now();
    let (mut answered, mut failed) = (0, 0);
    thread::scope(|scope| {
        let all: Vec<_> = (0..AT_ONCE)
            .map(|nth| {
                scope.spawn(move || ask(visit, visit.requests / AT_ONCE + u32::from(nth < visit.requests % AT_ONCE)))
            })
            .collect();
        for one in all {
            let (good, bad) = one.join().unwrap_or_default();
            answered += good;
            failed += bad;
        }
    });
    println!("{}", serde_json::to_string(&Served { answered, failed, seconds: begun.elapsed().as_secs_f64() })?);
    Ok(())
}

/// Asks so often, one after the other; how many times it was answered, and how many times not.
fn ask(visit: &Visit, times: u32) -> (u32, u32) {
    let mut good = 0;
    let mut line = None;
    let mut scratch = Vec::new();
    for _ in 0..times {
        let answered = call(visit.port, &mut line, &mut scratch).is_ok();
        if !answered || !visit.kept {
            line = None;
        }
        good += u32::from(answered);
    }
    (good, times - good)
}

/// One request, over `line` or a new one.
fn call(port: u16, line: &mut Option<TcpStream>, scratch: &mut Vec<u8>) -> io::Result<()> {
    let stream = match line {
        Some(stream) => stream,
        None => line.insert(connect(port)?),
    };
    stream.write_all(HEAD.as_bytes())?;
    scratch.clear();
    read_answer(stream, scratch).map(drop)
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    Ok(stream)
}

/// Reads one whole answer behind what `all` holds; where its body begins.
fn read_answer(stream: &mut TcpStream, all: &mut Vec<u8>) -> io::Result<usize> {
    let mut piece = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut piece)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        all.extend_from_slice(piece.get(..read).unwrap_or_default());
        let Some(head) = all.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let headers = String::from_utf8_lossy(all.get(..head).unwrap_or_default());
        let length = lines(&headers).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        if !headers.starts_with("HTTP/1.1 200") {
            return Err(io::Error::other(headers.lines().next().unwrap_or_default().to_owned()));
        }
        if all.len() >= head + 4 + length {
            return Ok(head + 4);
        }
    }
}

fn lines(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.lines().skip(1).filter_map(|line| line.split_once(": "))
}

impl Page {
    /// The first page, as a newcomer gets it.
    fn fetch(port: u16) -> io::Result<Self> {
        let mut stream = connect(port)?;
        stream.write_all(HEAD.as_bytes())?;
        let mut all = Vec::new();
        let body = read_answer(&mut stream, &mut all)?;
        let body_bytes = all.split_off(body);
        let head = String::from_utf8_lossy(&all);
        let headers = lines(&head).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Self { headers, body: body_bytes })
    }
}
