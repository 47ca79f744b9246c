//! The scripts of the pages, embedded: each is served as it is but for its comments, and what a page cannot wait for
//! is put together into one script that stands in the page itself.

use std::{collections::BTreeSet, fmt::Write, sync::LazyLock};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::encoding::Forms;

/// One file of `web/` for each name.
macro_rules! embedded {
    ($($name:literal)*) => { [$(($name, include_str!(concat!("../../../web/", $name)))),*] };
}

/// Every script.
const FILES: [(&str, &str); 46] = embedded! {
    "arrival.js" "awake.js" "beside.js" "buttons.js" "buzz.js" "chime.js" "climb.js" "clock.js" "countdown.js" "cues.js"
    "display.js" "embed.js" "events.js" "face.js" "finder.js" "first.js" "firstwall.js" "frames.js" "fuse.js"
    "gatherings.js" "grain.js" "hull.js" "languages.js" "line.js" "live.js" "organise.js" "pace.js" "page.js" "phone.js"
    "pings.js" "poll.js" "roads.js" "screen.js" "senses.js" "slots.js" "socket.js" "stage.js" "standing.js" "steady.js"
    "tabs.js" "testcard.js" "view.js" "voice.js" "wall.js" "wire.js" "words.js"
};

/// Enough of the hash of all scripts that no two builds share an address.
const TAG_BYTES: usize = 6;

/// One script, as it is served.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) name: &'static str,
    pub(super) forms: Forms,
}

impl Module {
    /// Its lines.
    fn lines(&self) -> impl Iterator<Item = &str> {
        str::from_utf8(self.forms.plain()).unwrap_or_default().lines()
    }

    /// The names of the modules it cannot run without.
    fn imports(&self) -> impl Iterator<Item = &str> {
        self.lines().filter_map(imported)
    }
}

static MODULES: LazyLock<Vec<Module>> = LazyLock::new(|| {
    FILES.iter().map(|(name, file)| Module { name, forms: Forms::new(without_comments(file)) }).collect()
});

/// Where the scripts are: under a name that changes with any of them, so that a browser may keep them.
pub(super) static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for module in &*MODULES {
        hash.update(module.name);
        hash.update(module.forms.plain());
    }
    format!("/a/{}", HEXLOWER.encode(&hash.finalize()[..TAG_BYTES]))
});

/// The script of that name.
pub(super) fn module(name: &str) -> Option<&'static Module> {
    MODULES.iter().find(|module| module.name == name)
}

/// The module `root` and all it cannot run without, each behind those that it imports.
pub(super) fn with_imports(root: &str) -> Vec<&'static Module> {
    fn visit(name: &str, seen: &mut BTreeSet<&'static str>, out: &mut Vec<&'static Module>) {
        let Some(module) = module(name).filter(|module| seen.insert(module.name)) else { return };
        module.imports().for_each(|name| visit(name, seen, out));
        out.push(module);
    }
    let mut out = Vec::new();
    visit(root, &mut BTreeSet::new(), &mut out);
    out
}

/// `root` and all it imports as one script that needs no other file. Their names share one scope: a browser refuses
/// the script if two are the same.
pub(super) fn inlined(root: &str) -> String {
    let mut out = String::from("'use strict';{\n");
    for module in with_imports(root) {
        for line in module.lines().filter(|line| imported(line).is_none()) {
            // What it asks for later is not beside the page, but where all scripts are.
            let line = line.replace("import('./", &format!("import('{}/", *FOLDER));
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{}", line.strip_prefix("export ").unwrap_or(&line));
        }
    }
    out.push('}');
    out
}

/// The module that a line imports, if it does.
fn imported(line: &str) -> Option<&str> {
    line.strip_prefix("import {")?.split_once(" from './")?.1.strip_suffix("';")
}

/// A script without what is not for the browser: comments on lines of their own, casts, and indentation. A script of
/// ours has no `/**` in a string, and no string over several lines.
fn without_comments(file: &str) -> String {
    let mut out = String::with_capacity(file.len());
    let mut rest = file;
    while let Some((code, after)) = rest.split_once("/**") {
        out.push_str(code);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let lines = out.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_script_is_embedded() {
        let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/web")).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name.ends_with(".js")).collect();
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
    }

    #[test]
    fn comments_go_and_code_stays() {
        let file = "// @ts-check\n/** A\n * b. */\nconst a = /** @type {any} */ (b); // c\n\n  f('//');\n";
        assert_eq!(without_comments(file), "const a =  (b); // c\nf('//');");
    }

    #[test]
    fn scripts_are_written_so_that_they_can_be_taken_apart() {
        for (name, file) in FILES {
            assert!(!file.contains("/*!"), "{name}");
            for line in file.lines() {
                assert!(line.matches('`').count() % 2 == 0 || line.trim().starts_with(['*', '/']), "{name}: {line}");
                let import = line.starts_with("import ") && !line.starts_with("import(");
                assert!(!import || imported(line).is_some_and(|name| module(name).is_some()), "{name}: {line}");
            }
        }
    }

    #[test]
    fn what_stands_in_a_page_has_neither_imports_nor_exports_and_does_not_end_its_element() {
        for (name, _) in FILES {
            let script = inlined(name);
            let ours = |line: &str| line.starts_with("import ") || line.starts_with("export ");
            assert!(!script.lines().any(ours), "{name}");
            assert!(!script.contains("</") && !script.contains("<!--"), "{name}");
            assert!(!script.contains("import('./"), "{name}");
        }
    }

    #[test]
    fn a_module_comes_behind_those_that_it_imports() {
        let names: Vec<_> = with_imports("phone.js").iter().map(|module| module.name).collect();
        let at = |name| names.iter().position(|one| *one == name);
        assert!(at("words.js") < at("stage.js") && at("stage.js") < at("view.js") && at("view.js") < at("page.js"));
        assert_eq!(names.last(), Some(&"phone.js"));
        assert_eq!(at("buttons.js"), None, "asked for later");
    }
}
