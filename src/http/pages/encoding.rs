//! The same bytes in every form that a browser may take.

use std::{io::Write, sync::OnceLock};

use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

/// Brotli's level: the second highest, which takes a tenth of the time of the highest for the same size within 3 %.
const BROTLI_LEVEL: u32 = 10;

/// Brotli's window, as a power of two: larger than any page of ours.
const BROTLI_WINDOW: u32 = 18;

/// The buffer that brotli works in, in bytes.
const BROTLI_BUFFER_BYTES: usize = 16 * 1024;

/// A text, compressed once each way, when somebody first asks for it that way.
#[derive(Debug)]
pub(super) struct Forms {
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl Forms {
    /// The forms of `text`.
    pub(super) fn new(text: String) -> Self {
        Self { plain: text.into(), gzip: OnceLock::new(), brotli: OnceLock::new() }
    }

    /// The text itself.
    pub(super) fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// The smallest form that the asker takes, and its name unless it is plain.
    pub(super) fn best(&self, request: &HeaderMap) -> (Bytes, Option<HeaderValue>) {
        let (body, name) = match best_encoding(request) {
            Some(Encoding::Brotli) => (self.brotli.get_or_init(|| brotli(&self.plain)), Some("br")),
            Some(Encoding::Gzip) => (self.gzip.get_or_init(|| gzip(&self.plain)), Some("gzip")),
            None => (&self.plain, None),
        };
        (body.clone(), name.map(HeaderValue::from_static))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
}

/// The smallest form that the asker takes. A weight of zero forbids; other weights are about equal in practice.
fn best_encoding(request: &HeaderMap) -> Option<Encoding> {
    let offered = request.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |name: &str| {
        offered.split(',').any(|one| {
            let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
            let forbidden = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0));
            coding.trim().eq_ignore_ascii_case(name) && !forbidden
        })
    };
    [("br", Encoding::Brotli), ("gzip", Encoding::Gzip)].into_iter().find(|(name, _)| takes(name)).map(|(_, one)| one)
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a Vec cannot fail.
    let _ = out.write_all(bytes);
    out.finish().unwrap_or_default().into()
}

fn brotli(bytes: &[u8]) -> Bytes {
    let mut out = brotli::CompressorWriter::new(Vec::new(), BROTLI_BUFFER_BYTES, BROTLI_LEVEL, BROTLI_WINDOW);
    // Writing to a Vec cannot fail.
    let _ = out.write_all(bytes);
    out.into_inner().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(encodings: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, encodings.parse().unwrap())])
    }

    #[test]
    fn the_smallest_form_that_is_taken_is_sent() {
        assert_eq!(best_encoding(&asked("gzip, deflate, br, zstd")), Some(Encoding::Brotli));
        assert_eq!(best_encoding(&asked("gzip;q=1.0, br;q=0")), Some(Encoding::Gzip));
        assert_eq!(best_encoding(&asked("identity")), None);
        assert_eq!(best_encoding(&HeaderMap::new()), None);
    }
}
