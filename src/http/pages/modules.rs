//! The modules of the pages, embedded, without what is not for the browser; and which needs which.

use std::{collections::BTreeSet, sync::LazyLock};

/// One file of `web/` for each name.
macro_rules! embedded {
    ($($name:literal)*) => { [$(($name, include_str!(concat!("../../../web/", $name)))),*] };
}

/// Every script.
const FILES: [(&str, &str); 76] = embedded! {
    "arrival.js" "awake.js" "beside.js" "buttons.js" "buzz.js" "chime.js" "choose.js" "claim.js" "climb.js" "clock.js"
    "company.js" "countdown.js" "courier.js" "cues.js" "desk.js" "display.js" "duty.js" "elsewhere.js" "embed.js"
    "events.js" "face.js" "figures.js" "finder.js" "first.js" "firstwall.js" "frames.js" "fuse.js" "gap.js"
    "gatherings.js" "grain.js" "hull.js" "intake.js" "keep.js" "keeper.js" "kept.js" "languages.js" "ledger.js"
    "line.js" "links.js" "live.js" "nodes.js" "offline.js" "orders.js" "organise.js" "pace.js" "pads.js" "page.js"
    "panel.js" "passcard.js" "passlist.js" "phone.js" "pings.js" "poll.js" "post.js" "reach.js" "reckoned.js"
    "reckoning.js" "roads.js" "screen.js" "senses.js" "sheets.js" "slots.js" "socket.js" "stage.js" "standing.js"
    "steady.js" "steward.js" "stock.js" "sure.js" "tabs.js" "testcard.js" "view.js" "voice.js" "wall.js" "wire.js"
    "words.js"
};

/// One module.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) name: &'static str,
    pub(super) text: String,
}

impl Module {
    /// What it cannot run without: names of modules, each with the names it takes from there.
    pub(super) fn imports(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.lines().filter_map(imported)
    }

    /// The names of the modules it asks for later.
    pub(super) fn asks_for(&self) -> impl Iterator<Item = &str> {
        self.text.split("import('./").skip(1).filter_map(|rest| Some(rest.split_once("')")?.0))
    }

    /// Its lines but for its imports.
    pub(super) fn body(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter(|line| imported(line).is_none())
    }
}

static MODULES: LazyLock<Vec<Module>> =
    LazyLock::new(|| FILES.iter().map(|(name, file)| Module { name, text: without_comments(file) }).collect());

/// Every module.
pub(super) fn modules() -> &'static [Module] {
    &MODULES
}

/// The module of that name.
pub(super) fn module(name: &str) -> Option<&'static Module> {
    MODULES.iter().find(|module| module.name == name)
}

/// The module `root` and all it cannot run without, each behind those that it imports.
pub(super) fn with_imports(root: &str) -> Vec<&'static Module> {
    fn visit(name: &str, seen: &mut BTreeSet<&'static str>, out: &mut Vec<&'static Module>) {
        let Some(module) = module(name).filter(|module| seen.insert(module.name)) else { return };
        module.imports().for_each(|(name, _)| visit(name, seen, out));
        out.push(module);
    }
    let mut out = Vec::new();
    visit(root, &mut BTreeSet::new(), &mut out);
    out
}

/// What a line imports, if it does: a module, and the names it takes from there.
fn imported(line: &str) -> Option<(&str, &str)> {
    let (names, module) = line.strip_prefix("import {")?.split_once("} from './")?;
    Some((module.strip_suffix("';")?, names))
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

/// A file as it was written, in which names at the top stand at the start of a line.
#[cfg(test)]
pub(super) fn file(name: &str) -> &'static str {
    FILES.iter().find(|(one, _)| *one == name).map_or("", |(_, file)| file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_module_is_embedded() {
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
    fn modules_are_written_so_that_they_can_be_put_together() {
        for (name, file) in FILES {
            assert!(!file.contains("/*!"), "{name}");
            for line in file.lines() {
                assert!(line.matches('`').count() % 2 == 0 || line.trim().starts_with(['*', '/']), "{name}: {line}");
                let import = line.starts_with("import ") && !line.starts_with("import(");
                let plain = |(from, names): (&str, &str)| module(from).is_some() && !names.contains(" as ");
                assert!(!import || imported(line).is_some_and(plain), "{name}: {line}");
            }
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
