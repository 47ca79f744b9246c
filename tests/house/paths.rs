//! What a Rust file names: every path in it, in imports and in between.

use crate::{
    source::Source,
    tokens::{Token, is_name, starts_with},
};

/// A path as written, such as `super::seat::Seat`, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) parts: Vec<String>,
    pub(crate) line: usize,
    /// The module it is written in, from the crate's root.
    module: Vec<String>,
}

impl Named {
    /// The same path from the crate's root; none if it leads out of the crate or begins with a name in scope.
    pub(crate) fn place(&self) -> Option<Vec<&str>> {
        let mut parts = self.parts.iter().map(String::as_str).peekable();
        let mut module: Vec<&str> = match *parts.peek()? {
            "crate" | "oneoclock" => Vec::new(),
            "self" | "super" => self.module.iter().map(String::as_str).collect(),
            _ => return None,
        };
        while let Some(&first) = parts.peek() {
            match first {
                "crate" | "oneoclock" | "self" => {}
                "super" => drop(module.pop()),
                _ => break,
            }
            parts.next();
        }
        module.extend(parts);
        Some(module)
    }

    /// As written: `tokio::net::TcpStream`.
    pub(crate) fn text(&self) -> String {
        self.parts.join("::")
    }
}

/// Every path of two parts and more among `tokens`, and every import.
pub(crate) fn paths(source: &Source, tokens: &[Token<'_>]) -> Vec<Named> {
    let mut module = match source.place() {
        "main" | "lib" => Vec::new(),
        place => place.split('/').map(str::to_owned).collect(),
    };
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut inline = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let here = &tokens[at..];
        let named = |parts| Named { parts, line: here[0].line, module: module.clone() };
        at += match here[0].text {
            "use" if here.len() > 1 && here[1].text != "<" => {
                let end = here.iter().position(|t| t.text == ";").unwrap_or(here.len());
                let mut tree = Vec::new();
                branches(&here[1..end], &mut tree);
                found.extend(tree.into_iter().map(named));
                end
            }
            "extern" if starts_with(here, &["extern", "crate"]) && here.len() > 2 => {
                found.push(named(vec![here[2].text.to_owned()]));
                3
            }
            "mod" if here.len() > 2 && here[2].text == "{" => {
                inline.push(depth);
                module.push(here[1].text.to_owned());
                2
            }
            "{" => {
                depth += 1;
                1
            }
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                    module.pop();
                }
                1
            }
            text if is_name(text) && begins_a_path(&tokens[..at]) => {
                let (parts, length) = straight(here);
                if parts.len() > 1 {
                    found.push(named(parts));
                }
                length
            }
            _ => 1,
        };
    }
    found
}

/// Whether a name after these is the first of its path.
fn begins_a_path(before: &[Token<'_>]) -> bool {
    match before {
        [.., sign] if sign.text == "." => false,
        [.., owner, sign] if sign.text == "::" => !is_name(owner.text) && owner.text != ">",
        _ => true,
    }
}

/// The names joined by `::` from here, and how many words they take.
fn straight(tokens: &[Token<'_>]) -> (Vec<String>, usize) {
    let mut parts = vec![tokens[0].text.to_owned()];
    let mut at = 1;
    while at + 1 < tokens.len() && tokens[at].text == "::" && is_name(tokens[at + 1].text) {
        parts.push(tokens[at + 1].text.to_owned());
        at += 2;
    }
    (parts, at)
}

/// Every path of an import's tree.
fn branches(tree: &[Token<'_>], found: &mut Vec<Vec<String>>) {
    let mut stem: Vec<String> = Vec::new();
    for (at, token) in tree.iter().enumerate() {
        match token.text {
            "::" => {}
            "as" => break,
            "{" => {
                let inside = &tree[at + 1..tree.len() - 1];
                for branch in split(inside) {
                    let mut below = Vec::new();
                    branches(branch, &mut below);
                    found.extend(below.into_iter().map(|path| [stem.clone(), path].concat()));
                }
                return;
            }
            name => stem.push(name.to_owned()),
        }
    }
    // `a::{self}` names `a` itself.
    if stem.len() == 1 && stem[0] == "self" {
        stem.clear();
    }
    found.push(stem);
}

/// The parts between the commas that are in no inner braces.
fn split<'t, 'a>(tree: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0_i32;
    let parts = tree.split(|token| {
        depth += i32::from(token.text == "{") - i32::from(token.text == "}");
        token.text == "," && depth == 0
    });
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
fn texts(path: &str, text: &str) -> Vec<String> {
    let source = Source::new(path, text);
    paths(&source, &source.tokens()).iter().map(Named::text).collect()
}

#[test]
fn an_import_names_every_branch_of_its_tree() {
    let text = "pub use a::{self, b::{c as d, e}, f::*}; extern crate g;";
    assert_eq!(texts("src/x.rs", text), ["a", "a::b::c", "a::b::e", "a::f::*", "g"]);
}

#[test]
fn paths_in_between_are_named_too() {
    let text = "fn f(x: a::B<::c::D>) -> impl E + use<'x> { x.g::<h::I>(); J::<k::L>::m(); n::o!(p::q) }";
    assert_eq!(texts("src/x.rs", text), ["a::B", "c::D", "h::I", "k::L", "n::o", "p::q"]);
}

#[test]
fn a_path_leads_to_the_same_place_from_wherever_it_is_written() {
    let text =
        "use super::a; mod m { use super::{b, super::c}; } use self::d; use crate::e; use oneoclock::f; use g::h;";
    let source = Source::new("src/hub/seat.rs", text);
    let found = paths(&source, &source.tokens());
    let places: Vec<_> = found.iter().map(|named| named.place().map(|parts| parts.join("::"))).collect();
    let places: Vec<_> = places.iter().map(Option::as_deref).collect();
    let expected = ["hub::a", "hub::seat::b", "hub::c", "hub::seat::d", "e", "f"];
    assert_eq!(places, expected.into_iter().map(Some).chain([None]).collect::<Vec<_>>());
}
