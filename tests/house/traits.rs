//! A trait needs two implementations: one is a struct in disguise.

use std::collections::BTreeMap;

use crate::{
    assert_kept,
    source::Source,
    tokens::{Token, is_name},
};

fn breaches(sources: &[Source]) -> Vec<String> {
    let mut traits = BTreeMap::new();
    let mut implementations: BTreeMap<String, u32> = BTreeMap::new();
    for source in sources {
        let code = source.code();
        for (at, token) in code.iter().enumerate() {
            let after = &code[at + 1..];
            match (token.text, after.first()) {
                ("trait", Some(name)) => {
                    traits.insert(name.text.to_owned(), (source, token.line));
                }
                ("impl", _) => {
                    if let Some(name) = implemented(after) {
                        *implementations.entry(name.to_owned()).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
    }
    let lonely = traits.iter().filter(|(name, _)| implementations.get(*name).is_none_or(|&count| count < 2));
    lonely
        .map(|(name, (source, line))| source.breach(*line, &format!("the trait {name} wants a second kind")))
        .collect()
}

/// The trait of an `impl … for`: the last name before `for` that is in no angle brackets.
fn implemented<'a>(after_impl: &[Token<'a>]) -> Option<&'a str> {
    let mut depth = 0_i32;
    let mut last = None;
    for token in after_impl {
        match token.text {
            "<" => depth += 1,
            ">" => depth -= 1,
            "for" if depth == 0 => return last,
            "{" | ";" => return None,
            name if depth == 0 && is_name(name) => last = Some(name),
            _ => {}
        }
    }
    None
}

#[test]
fn a_trait_has_two_implementations() {
    assert_kept(&breaches(&Source::of_the_server()));
}

#[test]
fn a_trait_for_one_is_seen() {
    let one = "trait Store { } impl<T: Fn(A<B>)> Store for Disk<T> { } impl Disk<C> { }";
    assert_eq!(breaches(&[Source::new("src/a.rs", one)]).len(), 1);
    let two = [Source::new("src/a.rs", one), Source::new("src/b.rs", "impl super::Store for Memory { }")];
    assert_kept(&breaches(&two));
}
