//! The brackets that are open on the way through a value.
//!
//! It never looks at a text.

/// Brackets that stand in one word.
const WORD: usize = 64;

/// Brackets that are open, a bit each: set for an object. However deep a text goes, they take an eighth of it.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    /// The innermost ones, the last one lowest.
    last: u64,
    /// Those around them, a whole word at a time.
    around: Vec<u64>,
    depth: usize,
}

impl Brackets {
    pub(super) fn clear(&mut self) {
        self.around.clear();
        (self.last, self.depth) = (0, 0);
    }

    #[inline(always)]
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    #[inline(always)]
    pub(super) fn push(&mut self, object: bool) {
        if self.depth.is_multiple_of(WORD) && self.depth > 0 {
            self.around.push(self.last);
        }
        self.last = self.last << 1 | u64::from(object);
        self.depth += 1;
    }

    /// Whether the last one is an object's, which is over.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> bool {
        let object = self.last & 1 == 1;
        self.last >>= 1;
        self.depth -= 1;
        if self.depth.is_multiple_of(WORD)
            && let Some(last) = self.around.pop()
        {
            self.last = last;
        }
        object
    }
}
