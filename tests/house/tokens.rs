//! The words of a Rust file, without comments and without what stands in quotes.

/// What a literal in quotes is read as.
const LITERAL: &str = "\"\"";

/// One word or sign, and the lines it stands on, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
    pub(crate) last_line: usize,
}

/// Splits Rust into names, numbers, `::` and single signs. Lifetimes are left out, literals in quotes are empty.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut all = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, shown) = match first {
            c if c.is_whitespace() => (c.len_utf8(), None),
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), None),
            '/' if rest.starts_with("/*") => (block_comment(rest), None),
            // The sign before a byte in quotes belongs to it.
            'b' if rest.starts_with("b'") => (1, None),
            '\'' => match character(rest) {
                Some(length) => (length, Some(LITERAL)),
                None => (1 + word(&rest[1..]), None),
            },
            _ => match quoted(rest) {
                Some(length) => (length, Some(LITERAL)),
                None => {
                    let length = match word(rest) {
                        0 if rest.starts_with("::") => 2,
                        0 => first.len_utf8(),
                        length => length,
                    };
                    (length, Some(&rest[..length]))
                }
            },
        };
        let last_line = line + rest[..length].matches('\n').count();
        all.extend(shown.map(|text| Token { text, line, last_line }));
        line = last_line;
        rest = &rest[length..];
    }
    all
}

/// Leaves out every item under `#[cfg(test)]`.
pub(crate) fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if starts_with(&tokens[at..], &MARK) {
            at += MARK.len();
            at += item(&tokens[at..]);
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// Whether the next words are these.
pub(crate) fn starts_with(tokens: &[Token<'_>], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.text == *word)
}

/// Whether it is a name or a keyword.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// How many words one item has: up to its `;`, or to the end of its first block in braces.
fn item(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && (token.text == ";" || token.text == "}") {
            return at + 1;
        }
    }
    tokens.len()
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The length of a block comment; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a character in quotes; none for a lifetime.
fn character(text: &str) -> Option<usize> {
    let inside = &text[1..];
    if let Some(escaped) = inside.strip_prefix('\\') {
        let first = escaped.chars().next()?.len_utf8();
        return escaped[first..].find('\'').map(|end| 2 + first + end + 1);
    }
    let first = inside.chars().next()?.len_utf8();
    inside[first..].starts_with('\'').then_some(1 + first + 1)
}

/// The length of a string, byte string or raw string, if one begins here.
fn quoted(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            rest.starts_with('"') || prefix.ends_with('r') && rest.trim_start_matches('#').starts_with('"')
        })
    })?;
    let rest = &text[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = rest.find('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = &rest[hashes + 1..];
        return Some(inside.find(&end).map_or(text.len(), |at| prefix.len() + hashes + 1 + at + end.len()));
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(prefix.len() + at + 1),
            _ => {}
        }
    }
    Some(text.len())
}

#[test]
fn comments_and_quotes_hold_no_words() {
    let text = r##"
        use a::b; // use c::d;
        /* use /* e::f */ ; */
        let g = ("h::i \" j", r#"k::"l"#, b'\'', 'm', '\u{1F41D}', n::<'o>());
    "##;
    let words: Vec<_> = tokens(text).into_iter().map(|t| t.text).filter(|t| is_name(t)).collect();
    assert_eq!(words, ["use", "a", "b", "let", "g", "n"]);
}

#[test]
fn lines_are_counted_through_everything_that_spans_some() {
    let all = tokens("/* 1\n2 */ a \"3\n\n\" b\nc");
    let lines: Vec<_> = all.iter().map(|t| (t.text, t.line, t.last_line)).collect();
    assert_eq!(lines, [("a", 2, 2), (LITERAL, 2, 4), ("b", 4, 4), ("c", 5, 5)]);
}

#[test]
fn tests_are_left_out_and_what_follows_them_is_not() {
    let all = tokens("a; #[cfg(test)] #[path(x)] mod tests { fn t() { {} } } b; #[cfg(test)] mod more; c");
    let words: String = without_tests(&all).iter().map(|t| t.text).collect();
    assert_eq!(words, "a;b;c");
}
