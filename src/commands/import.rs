//! `oneoclock import`: what a list of gatherings would change, and, when told to, changing it.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    CommandError,
    client::{Client, ServerArgs},
};
use crate::domain::import::{Diff, Entry, MAX_BYTES, Report};

/// Most gatherings listed under a heading, so that the summary stays in sight; rejected rows are always listed.
const MAX_LISTED: usize = 20;

/// Reads a list of gatherings (CSV) into a running server; without --apply it only shows what would change.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArgs {
    /// The list: a CSV file whose header names the columns (id, name, place, nation, venue, kind, lat, lon,
    /// expected, visibility, joins, programme, access)
    pub file: PathBuf,
    /// Make the changes
    #[arg(long)]
    pub apply: bool,
    /// List every gathering, however many
    #[arg(long)]
    pub all: bool,
    /// Which server
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Sends the list, and prints the difference.
///
/// # Errors
/// When the file cannot be read, or the server is not reached or refuses. Rejected rows are not an error.
pub async fn run(args: ImportArgs) -> Result<(), CommandError> {
    let list = read(&args.file)?;
    let client = Client::organiser(&args.server)?;
    let path = if args.apply { "/api/v1/gatherings?apply=true" } else { "/api/v1/gatherings?apply=false" };
    let report: Report = client.post(path, "text/csv", list).await?;
    let listed = if args.all { usize::MAX } else { MAX_LISTED };
    Ok(write(&mut io::stdout().lock(), &report, listed)?)
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut list = Vec::new();
    // One byte beyond the limit is enough to know.
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut list));
    match read {
        Err(source) => Err(CommandError::File { path: path.to_owned(), source }),
        Ok(_) if list.len() > MAX_BYTES => Err(CommandError::ListTooLarge(path.to_owned())),
        Ok(_) => Ok(list),
    }
}

fn write(out: &mut impl Write, Report { applied, diff }: &Report, listed: usize) -> io::Result<()> {
    for (count, word, meaning) in [
        (diff.new.len(), "new", ""),
        (diff.changed.len(), "changed", ""),
        (diff.returned.len(), "returned", "flagged as missing before, and in the list again"),
        (diff.missing.len(), "missing", "no longer in the list: flagged, never deleted"),
        (diff.still_missing, "still missing", "flagged before"),
        (diff.unchanged, "unchanged", ""),
        (diff.rejected.len(), "rejected", "left as they are"),
    ] {
        // What happens every time is always shown; the rest only when there is some.
        if count > 0 || meaning.is_empty() {
            writeln!(out, "{}", format!("{count:>7} {word:<14} {meaning}").trim_end())?;
        }
    }
    section(out, "new", &diff.new, listed)?;
    section(out, "changed", &diff.changed, listed)?;
    section(out, "returned", &diff.returned, listed)?;
    section(out, "missing", &diff.missing, listed)?;
    if !diff.rejected.is_empty() {
        writeln!(out, "\nrejected")?;
    }
    for reject in &diff.rejected {
        let id = if reject.id.is_empty() { "(no id)" } else { &reject.id };
        writeln!(out, "  line {:<6} {id}", reject.line)?;
        for reason in &reject.reasons {
            writeln!(out, "              {reason}")?;
        }
    }
    for warning in &diff.warnings {
        writeln!(out, "\nnote: {warning}")?;
    }
    writeln!(out, "\n{}", outcome(*applied, diff))
}

fn outcome(applied: bool, diff: &Diff) -> &'static str {
    let changes = [&diff.new, &diff.changed, &diff.returned, &diff.missing];
    match applied {
        _ if changes.iter().all(|entries| entries.is_empty()) => "the list changes nothing",
        true => "the changes are made and kept",
        false => "nothing was changed; run again with --apply",
    }
}

fn section(out: &mut impl Write, heading: &str, entries: &[Entry], listed: usize) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{heading}")?;
    for entry in entries.iter().take(listed) {
        let line = entry.line.map(|line| format!("line {line}")).unwrap_or_default();
        writeln!(out, "  {line:<11} {}: {}", entry.slug, entry.name)?;
        for change in &entry.fields {
            let (old, new) = (or_nothing(&change.old), or_nothing(&change.new));
            writeln!(out, "              {}: {old} -> {new}", change.field)?;
        }
    }
    match entries.len().saturating_sub(listed) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more; --all lists them"),
    }
}

fn or_nothing(text: &str) -> &str {
    if text.is_empty() { "(nothing)" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{board::Board, import::parse};

    fn report(before: &str, list: &str, applied: bool, listed: usize) -> String {
        let mut board = Board::default();
        for fact in Diff::between([], &parse(before.as_bytes()).unwrap())
            .unwrap()
            .facts(&board.clone(), &"here".parse().unwrap())
        {
            let _ = board.merge(fact);
        }
        let diff = Diff::between(board.gatherings(), &parse(list.as_bytes()).unwrap()).unwrap();
        let mut out = Vec::new();
        write(&mut out, &Report { applied, diff }, listed).unwrap();
        String::from_utf8(out).unwrap()
    }

    const BEFORE: &str = "id,name,place,venue\nbath,Bath,Bath,\nhull,Hull,Hull,Quay\nleeds,Leeds,Leeds,\n";

    #[test]
    fn the_summary_says_what_would_change_and_how_to_do_it() {
        let list = "id,name,place,venue,x\nbath,Bath,Bath,Abbey,\nleeds,Leeds,Leeds,,\nyork,York,York,,\nBAD,,,,\n";
        assert_eq!(
            report(BEFORE, list, false, 20),
            "      1 new\n      \
             1 changed\n      \
             1 missing        no longer in the list: flagged, never deleted\n      \
             1 unchanged\n      \
             1 rejected       left as they are\n\
             \n\
             new\n  \
             line 4      york: York\n\
             \n\
             changed\n  \
             line 2      bath: Bath\n              \
             venue: (nothing) -> Abbey\n\
             \n\
             missing\n              \
             hull: Hull\n\
             \n\
             rejected\n  \
             line 5      BAD\n              \
             name is empty\n              \
             place is empty\n              \
             \"BAD\" is not a gathering's id; use up to 64 of a-z, 0-9 and single hyphens, such as \"kings-heath\"\n\
             \n\
             note: columns not known here were passed over: \"x\"\n\
             \n\
             nothing was changed; run again with --apply\n"
        );
    }

    #[test]
    fn a_long_list_stays_in_sight() {
        let rows: String = (0..30).map(|n| format!("g{n},Name,Place\n")).collect();
        let shown = report(BEFORE, &format!("id,name,place\n{rows}"), true, 20);
        assert!(shown.contains("and 10 more; --all lists them"), "{shown}");
        assert!(shown.ends_with("the changes are made and kept\n"));
    }

    #[test]
    fn an_unchanged_list_says_so() {
        assert!(report(BEFORE, BEFORE, true, 20).ends_with("\nthe list changes nothing\n"));
    }

    #[test]
    fn a_file_that_is_not_there_or_too_large_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        assert!(read(&path).unwrap_err().to_string().contains("list.csv"));
        std::fs::write(&path, vec![b'x'; MAX_BYTES + 1]).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("larger than 8388608 bytes"));
    }
}
