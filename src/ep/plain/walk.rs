//! One walk over a text: a byte has bits by itself and leaves bits to the one behind it, each by a table, and those that it
//! has both ways are signs of something. A walk gives the signs of all bytes together.
//!
//! Which signs a text may hold is for whoever asks.

/// Bytes that are looked at in one step.
const STEP: usize = 8;

/// The bits of each byte.
pub(super) struct Signs {
    /// Its own.
    pub(super) own: [u8; 256],
    /// Those that count of the byte behind it.
    pub(super) behind: [u8; 256],
}

/// A table of all bytes, of what a `const fn` says of one.
macro_rules! of_all_bytes {
    ($of_one:path) => {{
        let (mut table, mut byte) = ([0; 256], 0);
        while byte < 256 {
            table[byte] = $of_one(byte as u8);
            byte += 1;
        }
        table
    }};
}
pub(super) use of_all_bytes;

impl Signs {
    /// The signs of all bytes; the first one stands behind `before`.
    #[inline]
    pub(super) fn of(&self, bytes: &[u8], before: u8) -> u8 {
        let (mut all, mut before) = (0, before);
        let mut see = |byte: u8| {
            all |= self.own[usize::from(byte)] & self.behind[usize::from(before)];
            before = byte;
        };
        let (steps, rest) = bytes.as_chunks::<STEP>();
        for step in steps {
            step.iter().for_each(|byte| see(*byte));
        }
        rest.iter().for_each(|byte| see(*byte));
        all
    }
}
