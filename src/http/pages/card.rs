//! What a page tells about one gathering beside its name and place, as HTML: its programme, what it offers, and by
//! what it can be found. Nothing at all where nothing is known.

use std::fmt::Write;

use super::{super::words::Language, escaped};
use crate::domain::{
    access::{Access, AccessFacts},
    board::Board,
    gathering::Gathering,
};

/// The key of what a page calls this.
const fn key(access: Access) -> &'static str {
    match access {
        Access::StepFree => "html.stepFree",
        Access::Bsl => "html.bsl",
        Access::Seating => "html.seating",
        Access::QuietSpace => "html.quietSpace",
        Access::Toilets => "html.toilets",
        Access::HearingLoop => "html.hearingLoop",
    }
}

/// What one fact is called in this language.
pub(in crate::http) fn name(access: Access, language: &Language) -> &str {
    language.text(key(access)).unwrap_or(access.as_str())
}

/// What happens at a gathering, and when: times keep their direction in every language, words have their own.
pub(super) fn programme(gathering: &Gathering, language: &Language) -> String {
    let items = gathering.told_programme();
    if items.is_empty() {
        return String::new();
    }
    let mut out = format!("<h3>{}</h3><ol>", heading("html.programme", language));
    for item in items {
        // Writing to a String cannot fail.
        let _ = write!(out, "<li><time dir=\"ltr\">{}</time> <bdi>{}</bdi>", item.at, escaped(&item.words));
    }
    out + "</ol>"
}

/// What a gathering offers.
pub(super) fn access(gathering: &Gathering, language: &Language) -> String {
    if gathering.access.is_empty() {
        return String::new();
    }
    let mut out = format!("<h3>{}</h3><ul>", heading("html.access", language));
    for access in gathering.access.iter() {
        let _ = write!(out, "<li>{}", escaped(name(access, language)));
    }
    out + "</ul>"
}

/// By what gatherings can be chosen: what at least one of those in the list offers.
pub(super) fn choices(board: &Board, language: &Language) -> String {
    let offered: AccessFacts = board.gatherings().filter(|g| g.is_listed()).flat_map(|g| g.access.iter()).collect();
    if offered.is_empty() {
        return String::new();
    }
    let mut out = format!("<fieldset><legend>{}</legend>", heading("html.offering", language));
    for access in offered.iter() {
        let (word, name) = (access.as_str(), escaped(name(access, language)));
        let _ =
            write!(out, "<label><input type=\"checkbox\" name=\"access\" value=\"{word}\"><span>{name}</span></label>");
    }
    out + "</fieldset>"
}

fn heading(key: &str, language: &Language) -> String {
    escaped(language.text(key).unwrap_or_default())
}
