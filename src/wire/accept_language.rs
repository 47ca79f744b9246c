//! Which of the languages there are a reader gets, by what they ask for: a list of tags in the page's address, or the
//! `Accept-Language` of their browser (RFC 9110 section 12.5.4), looked up as RFC 4647 section 3.4 says.

use std::cmp::Reverse;

use crate::domain::text::Lang;

/// Most languages of one list that are looked at: browsers send fewer than ten, and there are fourteen of ours.
const MAX_RANGES: usize = 32;

/// Languages offered and asked for by name, in the order asked, each once: `en,cy` of a page's address.
/// Tags that nobody offers are passed over.
pub fn named(tags: &str, offered: &[Lang]) -> Vec<Lang> {
    let mut found = Vec::new();
    for lang in tags.split(',').take(MAX_RANGES).filter_map(|tag| look_up(tag.trim(), offered)) {
        if !found.contains(&lang) {
            found.push(lang);
        }
    }
    found
}

/// The language offered that an `Accept-Language` header likes best, or `None` when it likes none of them.
/// What is not written as it should be is passed over.
pub fn accepted(header: &str, offered: &[Lang]) -> Option<Lang> {
    let mut ranges: Vec<(&str, u16)> = header.split(',').take(MAX_RANGES).filter_map(weighed).collect();
    let refused = |lang: &Lang| ranges.iter().any(|(range, weight)| *weight == 0 && covers(range, lang));
    let offered: Vec<Lang> = offered.iter().filter(|lang| !refused(lang)).copied().collect();
    // Stable: of two liked alike, the first.
    ranges.sort_by_key(|(_, weight)| Reverse(*weight));
    ranges.iter().filter(|(_, weight)| *weight > 0).find_map(|(range, _)| look_up(range, &offered))
}

/// The language offered for a tag, or for as much of the tag's beginning as is offered: `pt` for `pt-BR`.
fn look_up(tag: &str, offered: &[Lang]) -> Option<Lang> {
    let mut tag = tag;
    loop {
        let found = offered.iter().find(|lang| lang.as_str().eq_ignore_ascii_case(tag));
        if found.is_some() {
            return found.copied();
        }
        tag = tag.rsplit_once('-')?.0;
        // A single letter only introduces what came after it.
        if let Some((before, [_])) = tag.rsplit_once('-').map(|(before, last)| (before, last.as_bytes())) {
            tag = before;
        }
    }
}

/// Whether a range is a language's tag or the beginning of it.
fn covers(range: &str, lang: &Lang) -> bool {
    let tag = lang.as_str().as_bytes();
    let beginning = tag.get(..range.len()).is_some_and(|part| part.eq_ignore_ascii_case(range.as_bytes()));
    beginning && tag.get(range.len()).is_none_or(|next| *next == b'-')
}

/// A range of a header and how much it is liked, in thousandths: 0 is not at all.
fn weighed(item: &str) -> Option<(&str, u16)> {
    let (range, weight) = item.split_once(';').map_or((item, "q=1"), |(range, weight)| (range, weight));
    let weight = weight.trim().strip_prefix("q=").or_else(|| weight.trim().strip_prefix("Q="))?;
    Some((range.trim(), thousandths(weight)?))
}

/// A quality value: 0 to 1 with at most three decimals.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offered() -> Vec<Lang> {
        ["en", "cy", "pt", "ur", "zh-hant"].map(|tag| tag.parse().unwrap()).to_vec()
    }

    fn answer(header: &str) -> Option<String> {
        accepted(header, &offered()).map(String::from)
    }

    #[test]
    fn what_is_liked_best_and_offered_is_taken() {
        for (header, lang) in [
            ("cy", Some("cy")),
            ("cy, en", Some("cy")),
            ("en;q=0.8, cy", Some("cy")),
            ("en;q=0.8,cy;q=0.9", Some("cy")),
            ("EN-gb;Q=1.000 , cy ; q=0.999", Some("en")),
            ("fr;q=1, ur;q=0.001", Some("ur")),
            ("ur;q=0.5, cy;q=0.5", Some("ur")),
            ("fr", None),
            ("", None),
            ("*", None),
            ("*;q=0.5, cy;q=0.1", Some("cy")),
        ] {
            assert_eq!(answer(header).as_deref(), lang, "{header}");
        }
    }

    #[test]
    fn a_tag_is_cut_from_its_end_until_it_is_offered() {
        for (header, lang) in [
            ("pt-BR", Some("pt")),
            ("pt-BR-x-private", Some("pt")),
            ("zh-Hant-TW", Some("zh-hant")),
            ("zh-Hans", None),
            ("en-u-ca-gregory", Some("en")),
            ("ptx", None),
            ("-", None),
            ("x-en", None),
        ] {
            assert_eq!(answer(header).as_deref(), lang, "{header}");
        }
    }

    #[test]
    fn what_is_refused_is_not_taken() {
        assert_eq!(answer("en-GB, en;q=0, cy;q=0.1").as_deref(), Some("cy"));
        assert_eq!(answer("en;q=0"), None);
        assert_eq!(answer("en-GB;q=0, en").as_deref(), Some("en"), "only that kind of it was refused");
    }

    #[test]
    fn a_weight_that_is_none_takes_its_language_out() {
        for weight in ["", "q=", "q=2", "q=1.001", "q=0.1234", "q=-1", "q=0.x", "q=.5", "q=+0.5", "p=1", "q=\u{661}"] {
            assert_eq!(answer(&format!("cy;{weight}, en;q=0.1")).as_deref(), Some("en"), "{weight}");
        }
    }

    #[test]
    fn several_are_named_in_order_and_once() {
        let names = |tags: &str| named(tags, &offered()).into_iter().map(String::from).collect::<Vec<_>>();
        assert_eq!(names("cy,xx, EN ,cy-GB,pt-BR"), ["cy", "en", "pt"]);
        assert_eq!(names(""), [""; 0]);
        assert_eq!(names(",,-,*"), [""; 0]);
    }

    fn written((tag, weight): &(String, u16)) -> String {
        format!("{tag};q={}.{:03}", weight / 1_000, weight % 1_000)
    }

    proptest! {
        #[test]
        fn anything_may_come(header in ".*") {
            let offered = offered();
            prop_assert!(accepted(&header, &offered).is_none_or(|lang| offered.contains(&lang)));
            prop_assert!(named(&header, &offered).len() <= offered.len());
        }

        #[test]
        fn no_language_offered_was_liked_better(
            liked in prop::collection::btree_map("en|cy|pt|ur|fr|de", 0_u16..=1_000, 0..6),
        ) {
            let liked: Vec<_> = liked.into_iter().collect();
            let header = liked.iter().map(written).collect::<Vec<_>>().join(", ");
            let weight = |tag: &str| liked.iter().find(|(t, _)| t == tag).map_or(0, |(_, weight)| *weight);
            let best = offered().iter().map(|lang| weight(lang.as_str())).max().unwrap_or(0);
            match accepted(&header, &offered()) {
                Some(lang) => prop_assert!(best > 0 && weight(lang.as_str()) == best),
                None => prop_assert_eq!(best, 0),
            }
        }

        #[test]
        fn a_longer_tag_finds_what_its_beginning_finds(
            tag in "en|cy|pt|ur|fr",
            more in prop::collection::vec("[a-z0-9]{1,8}", 0..4),
        ) {
            let long = more.iter().fold(tag.clone(), |long, part| format!("{long}-{part}"));
            prop_assert_eq!(answer(&long), answer(&tag));
        }
    }
}
