//! What is the same in every copy of a page: its HTML with the styles and the first script inside, so that it is whole
//! in one answer, and what a browser lets it do.

use std::{fmt::Write, sync::LazyLock};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::{
    super::{shield::shield, words::Said},
    MARKERS, fill,
    scripts::{inlined, with_scripts},
};

/// Lets pages of any site show an answer, also those that are shielded from others.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What several pages have in common, by the marker that it stands for.
const COMMON: [(&str, &str); 3] = [
    ("head", include_str!("../../../web/head.html")),
    ("header", include_str!("../../../web/header.html")),
    ("stage", include_str!("../../../web/stage.html")),
];

/// The styles that all pages share, and those that all but the smallest do.
const FACE: &str = include_str!("../../../web/face.css");
const STYLE: &str = include_str!("../../../web/style.css");
const PHONE: &str = include_str!("../../../web/phone.css");
const DISPLAY: &str = include_str!("../../../web/display.css");
const STEWARD: &str = include_str!("../../../web/steward.css");
const ORGANISE: &str = include_str!("../../../web/organise.css");
const EMBED: &str = include_str!("../../../web/embed.css");
const MISSING: &str = include_str!("../../../web/missing.css");

/// Which page, apart from its place and language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum View {
    Phone,
    Display,
    Organise,
    Embed,
    Steward,
    Missing,
}

impl View {
    /// Every page there is.
    const ALL: [Self; 6] = [Self::Phone, Self::Display, Self::Organise, Self::Embed, Self::Steward, Self::Missing];

    /// The sheet that it is written on.
    pub(super) fn sheet(self) -> &'static Sheet {
        static SHEETS: LazyLock<[Sheet; 6]> = LazyLock::new(|| View::ALL.map(|view| Sheet::new(&view.parts())));
        &SHEETS[self as usize]
    }

    /// What its scripts need of a language.
    pub(super) const fn said(self) -> Said {
        match self {
            Self::Embed => Said::Face,
            Self::Steward => Said::Steward,
            Self::Phone | Self::Display | Self::Organise | Self::Missing => Said::Page,
        }
    }

    /// Whether a browser may keep it: not what was opened with a pass.
    pub(super) const fn caching(self) -> &'static str {
        if matches!(self, Self::Steward) { "no-store" } else { "no-cache" }
    }

    const fn parts(self) -> Parts {
        match self {
            Self::Phone => Parts {
                html: include_str!("../../../web/phone.html"),
                styles: &[FACE, STYLE, PHONE],
                first: Some("first.js"),
                then: Some("phone.js"),
                framed: false,
                worker: "'self'",
            },
            Self::Display => Parts {
                html: include_str!("../../../web/display.html"),
                styles: &[FACE, STYLE, DISPLAY],
                first: Some("firstwall.js"),
                then: Some("display.js"),
                framed: false,
                worker: "'none'",
            },
            Self::Organise => Parts {
                html: include_str!("../../../web/organise.html"),
                styles: &[FACE, STYLE, PHONE, ORGANISE],
                first: Some("first.js"),
                then: Some("organise.js"),
                framed: false,
                worker: "'none'",
            },
            Self::Embed => Parts {
                html: include_str!("../../../web/embed.html"),
                styles: &[FACE, EMBED],
                first: Some("embed.js"),
                then: None,
                framed: true,
                worker: "'none'",
            },
            Self::Steward => Parts {
                html: include_str!("../../../web/steward.html"),
                styles: &[STEWARD],
                first: None,
                then: Some("steward.js"),
                framed: false,
                worker: "'self'",
            },
            Self::Missing => Parts {
                html: include_str!("../../../web/missing.html"),
                styles: &[FACE, STYLE, MISSING],
                first: None,
                then: None,
                framed: false,
                worker: "'none'",
            },
        }
    }
}

/// What a page is made of.
struct Parts {
    html: &'static str,
    styles: &'static [&'static str],
    /// The script that runs before anything else has come.
    first: Option<&'static str>,
    /// The module that takes over.
    then: Option<&'static str>,
    /// Whether other sites may show it on their own pages.
    framed: bool,
    /// Where a worker of it may come from.
    worker: &'static str,
}

/// A page whose place, language and moment are still to be filled in.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Its HTML, with markers.
    pub(super) html: String,
    policy: HeaderValue,
    framed: bool,
}

impl Sheet {
    fn new(parts: &Parts) -> Self {
        let style: String = parts.styles.iter().map(|style| without_comments(style)).collect();
        let style_element = format!("<style>{style}</style>");
        let first = parts.first.map(inlined);
        let common = |marker: &str| COMMON.iter().find(|(name, _)| *name == marker);
        let whole = fill(parts.html, MARKERS, |marker| Some(common(marker)?.1.trim_end().to_owned()));
        let html = fill(&whole, MARKERS, |marker| match marker {
            "style" => Some(style_element.clone()),
            "script" => Some(first.as_deref().map(|script| format!("<script>{script}</script>")).unwrap_or_default()),
            "modules" => Some(parts.then.map(scripts).unwrap_or_default()),
            _ => None,
        });
        // Run what comes from here or stands in the page as we wrote it, talk to here, and nothing else.
        let scripts = first.map(|script| format!(" {}", hash(&script))).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; script-src 'self'{scripts}; style-src {}; connect-src 'self'; img-src 'self' data:; \
             worker-src {}; base-uri 'none'; form-action 'none'; frame-ancestors {}",
            hash(&style),
            parts.worker,
            if parts.framed { "*" } else { "'none'" },
        );
        // Hashes and words of ours: always a header's value. Without it, the page may do nothing at all.
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { html, policy, framed: parts.framed }
    }

    /// Says what the page may do, and who may show it.
    pub(super) fn guard(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        shield(headers);
        if self.framed {
            headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        }
    }
}

/// Asks for a script and all it needs at once, instead of one after the other as they are read. They stand at the end
/// of a page: on a slow line they would be in the way of the rest of it.
fn scripts(root: &str) -> String {
    let mut out = String::new();
    let mut last = String::new();
    for script in with_scripts(root) {
        last = script.address();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "<link rel=\"modulepreload\" href=\"{last}\">");
    }
    let _ = write!(out, "<script type=\"module\" src=\"{last}\"></script>");
    out
}

/// The source expression that lets these bytes stand in a page.
fn hash(inline: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&Sha256::digest(inline)))
}

/// A style sheet without comments and indentation.
fn without_comments(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((rules, after)) = rest.split_once("/*") {
        out.push_str(rules);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines().map(str::trim).filter(|line| !line.is_empty()).fold(String::new(), |all, line| all + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_is_on_its_own_sheet() {
        for view in View::ALL {
            let body = view.parts().html.split_once("<body").unwrap().1.lines().next().unwrap();
            assert!(view.sheet().html.contains(&format!("<body{body}")), "{view:?}");
        }
    }

    #[test]
    fn the_fixed_parts_are_filled_in_and_the_others_left_for_later() {
        for view in View::ALL {
            let html = &view.sheet().html;
            assert!(
                ["head", "style", "script", "modules"].iter().all(|part| !html.contains(&format!("{{{{{part}}}}}")))
            );
            assert!(html.contains("{{lang}}"), "{view:?}");
        }
    }

    #[test]
    fn a_style_sheet_loses_its_comments_and_no_rule() {
        assert_eq!(without_comments("/* a */\n\n.b {\n  c: d; /* e\n f */\n}\n"), ".b {\nc: d;\n}\n");
    }
}
