//! The scripts that browsers get. A module that only one other needs is sent inside that one: every script of its own
//! costs its head and, on a page that is left open in a crowd, one more thing that can fail to arrive. What a page
//! cannot wait for is put together into one script that stands in the page itself.
//!
//! Modules that are put together share one scope; a test says so if two of their names are the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    sync::LazyLock,
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{
    encoding::Forms,
    modules::{Module, module, modules, with_imports},
};

/// The service worker of pages that are kept on a phone.
pub(super) const KEEPER: &str = "keeper.js";

/// The modules that take over a page once it is there, and the one that nothing imports.
const ENTRIES: [&str; 4] = ["display.js", KEEPER, "organise.js", "phone.js"];

/// The modules that are sent as one script with all that they import: who opens such a page opens no other, and the
/// scripts of the other pages are not cut smaller for it.
const WHOLE: [&str; 1] = ["steward.js"];

/// Enough of the hash of all scripts that no two builds share an address.
const TAG_BYTES: usize = 6;

/// One script, as it is served.
#[derive(Debug)]
pub(super) struct Script {
    name: &'static str,
    /// Its text, encoded when it is first asked for.
    pub(super) forms: Forms,
}

impl Script {
    /// `name` and every module that is sent inside it.
    fn new(name: &'static str) -> Self {
        Self { name, forms: Forms::new(joined(&members(name), name)) }
    }

    /// Where it is.
    pub(super) fn address(&self) -> String {
        format!("{}/{}", *FOLDER, self.name)
    }
}

/// For each module that a page may load: the one that it is sent in.
static SENT_IN: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let later = modules().iter().flat_map(Module::asks_for).filter_map(module).map(|module| module.name);
    let roots: BTreeSet<&str> = ENTRIES.into_iter().chain(later).collect();
    let loaded: BTreeSet<&str> = roots.iter().flat_map(|root| with_imports(root)).map(|module| module.name).collect();
    let mut sent_in: BTreeMap<_, _> = loaded.iter().map(|name| (*name, *name)).collect();
    // Taking one in may leave another with a single reader: until nothing changes. Each round takes in at least one.
    loop {
        let only_reader = |name: &str| {
            let reads = |reader: &&&str| module(reader).is_some_and(|one| one.imports().any(|(from, _)| from == name));
            let readers: BTreeSet<_> = loaded.iter().filter(reads).filter_map(|reader| sent_in.get(*reader)).collect();
            readers.iter().next().filter(|_| readers.len() == 1).map(|reader| **reader)
        };
        let moves = loaded.iter().filter(|name| !roots.contains(*name)).find_map(|name| {
            let reader = only_reader(name)?;
            (sent_in.get(name) != Some(&reader)).then_some((*name, reader))
        });
        let Some((name, reader)) = moves else { return sent_in };
        sent_in.insert(name, reader);
    }
});

static SCRIPTS: LazyLock<Vec<Script>> = LazyLock::new(|| {
    let all: BTreeSet<_> = SENT_IN.values().copied().chain(WHOLE).collect();
    all.into_iter().map(Script::new).collect()
});

/// Where the scripts are: under a name that changes with any of them, so that a browser may keep them.
static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for script in &*SCRIPTS {
        hash.update(script.name);
        hash.update(script.forms.plain());
    }
    format!("/a/{}", HEXLOWER.encode(&hash.finalize()[..TAG_BYTES]))
});

/// The addresses of all scripts, for the router.
pub(in crate::http) fn addresses() -> String {
    format!("{}/{{name}}", *FOLDER)
}

/// The script of that name.
pub(super) fn script(name: &str) -> Option<&'static Script> {
    SCRIPTS.iter().find(|script| script.name == name)
}

/// The script `root` and all it cannot run without, each behind those that it imports.
pub(super) fn with_scripts(root: &str) -> Vec<&'static Script> {
    if WHOLE.contains(&root) {
        return script(root).into_iter().collect();
    }
    let mut out: Vec<&Script> = Vec::new();
    for name in with_imports(root).iter().filter_map(|module| SENT_IN.get(module.name)) {
        if let Some(script) = script(name).filter(|script| out.iter().all(|one| one.name != script.name)) {
            out.push(script);
        }
    }
    out
}

/// `root` and all it imports as one script that needs no other file.
pub(super) fn inlined(root: &str) -> String {
    // What it asks for later is not beside the page, but where all scripts are.
    let text = joined(&with_imports(root), "").replace("import('./", &format!("import('{}/", *FOLDER));
    format!("'use strict';{{\n{text}}}")
}

/// The modules that are sent in `script`, each behind those that it imports.
fn members(script: &str) -> Vec<&'static Module> {
    with_imports(script)
        .into_iter()
        .filter(|module| WHOLE.contains(&script) || SENT_IN.get(module.name).is_some_and(|name| *name == script))
        .collect()
}

/// These modules as one, which imports what is not among them and exports what `face` does.
fn joined(modules: &[&Module], face: &str) -> String {
    let inside = |name: &str| modules.iter().any(|module| module.name == name);
    let mut imports = BTreeMap::<_, BTreeSet<_>>::new();
    for (from, names) in modules.iter().flat_map(|module| module.imports()).filter(|(from, _)| !inside(from)) {
        imports.entry(from).or_default().extend(names.split(',').map(str::trim));
    }
    let mut out = String::new();
    for (from, names) in imports {
        let names: Vec<_> = names.into_iter().collect();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "import {{ {} }} from './{from}';", names.join(", "));
    }
    for module in modules {
        for line in module.body() {
            let line = if module.name == face { line } else { line.strip_prefix("export ").unwrap_or(line) };
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::modules, *};

    /// The scripts that stand in pages.
    const INLINED: [&str; 3] = ["embed.js", "first.js", "firstwall.js"];

    #[test]
    fn what_stands_in_a_page_has_neither_imports_nor_exports_and_does_not_end_its_element() {
        for name in INLINED {
            let script = inlined(name);
            let ours = |line: &str| line.starts_with("import ") || line.starts_with("export ");
            assert!(!script.lines().any(ours), "{name}");
            assert!(!script.contains("</script") && !script.contains("<!--"), "{name}");
            assert!(!script.contains("import('./"), "{name}");
        }
    }

    #[test]
    fn modules_that_are_put_together_have_no_name_in_common() {
        let name = |line: &str| {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let words = ["const ", "let ", "class ", "function ", "async function "];
            let rest = words.iter().find_map(|word| line.strip_prefix(word))?;
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || "_$#".contains(*c)).collect();
            (!name.is_empty()).then_some(name)
        };
        let scripts = SCRIPTS.iter().map(|script| (script.name, members(script.name)));
        for (group, modules) in scripts.chain(INLINED.map(|name| (name, with_imports(name)))) {
            let mut seen = BTreeMap::new();
            for module in modules {
                for name in modules::file(module.name).lines().filter_map(name) {
                    let other = seen.insert(name.clone(), module.name);
                    assert_eq!(other, None, "{group}: {name} in {}", module.name);
                }
            }
        }
    }

    #[test]
    fn every_script_imports_only_scripts_and_nothing_is_sent_twice() {
        for script in &*SCRIPTS {
            let text = std::str::from_utf8(script.forms.plain()).unwrap();
            for line in text.lines().filter(|line| line.starts_with("import {")) {
                let from = line.rsplit_once("'./").unwrap().1.trim_end_matches("';");
                assert!(super::script(from).is_some(), "{}: {line}", script.name);
            }
        }
        assert_eq!(SENT_IN.get("line.js"), SENT_IN.get("clock.js"), "only the clock needs its solver");
        for shared in ["page.js", "words.js"] {
            assert_eq!(SENT_IN.get(shared), Some(&shared));
        }
    }

    #[test]
    fn a_page_asks_for_each_script_once_and_in_order() {
        for entry in ENTRIES.into_iter().chain(WHOLE) {
            let names: Vec<_> = with_scripts(entry).iter().map(|script| script.name).collect();
            assert_eq!(names.last(), Some(&entry));
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
            assert!(!names.contains(&"buttons.js"), "asked for later");
        }
    }
}
