//! Numbers on the way through a JSON text.
//!
//! It never says what a number is worth.

use super::Scan;

impl<'t> Scan<'t, '_> {
    /// The number whose first byte stands here, as it stands, and where it ends.
    #[inline]
    pub(crate) fn number(&self, at: usize) -> Option<(&'t str, usize)> {
        let end = self.end_of_number(at)?;
        Some((&self.text[at..end], end))
    }

    /// Past the number whose first byte stands here.
    pub(super) fn end_of_number(&self, mut at: usize) -> Option<usize> {
        at += usize::from(self.byte(at) == b'-');
        at = match self.byte(at) {
            b'0' => at + 1,
            b'1'..=b'9' => self.end_of_digits(at),
            _ => return None,
        };
        if self.byte(at) == b'.' {
            at = self.end_of_some_digits(at + 1)?;
        }
        if matches!(self.byte(at), b'e' | b'E') {
            at += 1;
            at += usize::from(matches!(self.byte(at), b'+' | b'-'));
            at = self.end_of_some_digits(at)?;
        }
        Some(at)
    }

    #[inline(always)]
    fn end_of_some_digits(&self, at: usize) -> Option<usize> {
        let end = self.end_of_digits(at);
        (end > at).then_some(end)
    }

    #[inline(always)]
    fn end_of_digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }
}
