//! A QR code in half blocks, two rows of modules to a line of text.

use std::fmt;

use fast_qr::{ECL, QRBuilder, QRCode};

/// White modules around the code. The standard asks for four; readers manage with two, and a terminal is small.
const QUIET: usize = 2;

/// White on black, whatever the colours of the terminal: many phones do not read a code in negative.
const COLOURS: &str = "\x1b[97;40m";
const PLAIN: &str = "\x1b[0m";

/// The code that leads to an address.
pub(super) struct Qr(QRCode);

impl Qr {
    /// `None` if the text is too long for any code.
    pub(super) fn leading_to(address: &str) -> Option<Self> {
        // The lowest level of correction: a screen has no scratches, and the code stays small.
        QRBuilder::new(address).ecl(ECL::L).build().ok().map(Self)
    }

    /// Whether the module at this place, counted from the corner of the quiet zone, is dark.
    fn dark(&self, x: usize, y: usize) -> bool {
        let inside = |n: usize| n.checked_sub(QUIET).filter(|n| *n < self.0.size);
        matches!((inside(x), inside(y)), (Some(x), Some(y)) if self.0[y][x].value())
    }
}

impl fmt::Display for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.size + 2 * QUIET;
        for y in (0..size).step_by(2) {
            let modules = (0..size).map(|x| match (self.dark(x, y), self.dark(x, y + 1)) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            });
            writeln!(f, "  {COLOURS}{}{PLAIN}", modules.collect::<String>())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_address_fits_a_small_terminal_and_a_very_long_one_none() {
        let drawn = Qr::leading_to("http://127.0.0.1:1300/").unwrap().to_string();
        assert!(drawn.lines().count() <= 16, "{drawn}");
        assert!(drawn.contains("█ ▄▄▄▄▄ █"), "the corner marks are there:\n{drawn}");
        assert!(Qr::leading_to(&"x".repeat(5_000)).is_none());
    }
}
