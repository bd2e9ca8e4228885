//! Numbers on the way through a JSON text.
//!
//! It never says what a number is worth.

use super::Scan;

impl<'t> Scan<'t, '_> {
    /// The number whose first byte stands here, as it stands.
    #[inline]
    pub(crate) fn number(&mut self) -> Option<&'t str> {
        let from = self.at;
        self.at += usize::from(self.byte() == b'-');
        match self.byte() {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), b'+' | b'-'));
            self.some_digits()?;
        }
        Some(&self.text[from..self.at])
    }

    fn some_digits(&mut self) -> Option<()> {
        let from = self.at;
        self.digits();
        (self.at > from).then_some(())
    }

    #[inline]
    fn digits(&mut self) {
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
    }
}
