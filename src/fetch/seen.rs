//! What was handed on already, by a sum of eight bytes an element: to notice that windows overlap, and to read a
//! department once more without handing everything on twice.
//!
//! It never holds an element, and no more than [`MOST`] sums: beyond that many nothing is recognised any more.

use tokio::sync::mpsc;

use super::{Batch, FetchError};

/// Sums that are held at most: 2 MiB. No department comes near; a whole catalogue without departments may.
const MOST: usize = 250_000;
/// The bit of a sum that says that the element is an object: anything else may well come twice.
const OBJECT: u64 = 1;

/// The elements of one reading.
#[derive(Debug, Default)]
pub(super) struct Seen {
    sums: Vec<u64>,
    /// Where the sums of the window begin that is being read.
    window: usize,
    /// Over all elements of the windows before, whatever their order.
    picture: Picture,
    /// Over those of the window that is being read.
    open: Picture,
}

/// How many elements, and the sum of their sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Picture(u64, u64);

impl Seen {
    /// Notes a batch of the window that is being read.
    fn add(&mut self, batch: &Batch) {
        for text in batch.items() {
            let sum = sum(text);
            self.open = Picture(self.open.0 + 1, self.open.1.wrapping_add(sum));
            if self.sums.len() < MOST {
                self.sums.push(sum);
            }
        }
    }

    /// Notes a batch, and hands on what `before` did not hold: so many elements.
    pub async fn hand_on(
        &mut self,
        mut batch: Batch,
        before: Option<&Self>,
        out: &mpsc::Sender<Batch>,
    ) -> Result<u64, FetchError> {
        self.add(&batch);
        if let Some(before) = before {
            batch.retain(|text| !before.contains(text));
        }
        let elements = batch.len() as u64;
        if elements > 0 {
            out.send(batch).await.map_err(|_| FetchError::Cancelled)?;
        }
        Ok(elements)
    }

    /// The window is over. What comes twice within one is the source's own doing and no overlap.
    pub fn end_window(&mut self) {
        let mut window = self.sums.split_off(self.window);
        window.sort_unstable();
        window.dedup();
        self.sums.append(&mut window);
        self.window = self.sums.len();
        let Picture(elements, sum) = std::mem::take(&mut self.open);
        self.picture = Picture(self.picture.0 + elements, self.picture.1.wrapping_add(sum));
    }

    /// The window is over, and was not what was asked for.
    pub fn forget_window(&mut self) {
        self.sums.truncate(self.window);
        self.open = Picture::default();
    }

    /// The reading is over: how many elements an earlier window held already.
    pub fn close(&mut self) -> u64 {
        self.end_window();
        self.sums.sort_unstable();
        let twice = |pair: &&[u64]| pair[0] == pair[1] && pair[0] & OBJECT == OBJECT;
        self.sums.windows(2).filter(twice).count() as u64
    }

    /// Whether a reading that was closed held this element.
    pub fn contains(&self, text: &[u8]) -> bool {
        self.sums.binary_search(&sum(text)).is_ok()
    }

    /// Whether two readings held the same elements, each as often.
    pub fn is_like(&self, other: &Self) -> bool {
        self.picture == other.picture
    }
}

/// The sums of both halves side by side: a checksum of 32 bits alone would take two different ones of a few thousand
/// elements for the same now and then.
fn sum(text: &[u8]) -> u64 {
    let (first, second) = text.split_at(text.len() / 2);
    let sum = u64::from(crc32c::crc32c(first)) << 32 | u64::from(crc32c::crc32c(second));
    if text.first() == Some(&b'{') { sum | OBJECT } else { sum & !OBJECT }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::batch::Batcher;

    fn batch(texts: &[&str]) -> Batch {
        let (mut batcher, mut out) = (Batcher::default(), Vec::new());
        for text in texts {
            batcher.begin();
            batcher.append(text.as_bytes());
            batcher.end(0..text.len(), &mut out);
        }
        batcher.flush(&mut out);
        out.remove(0)
    }

    fn seen(windows: &[&[&str]]) -> (Seen, u64) {
        let mut seen = Seen::default();
        for window in windows {
            seen.add(&batch(window));
            seen.end_window();
        }
        let repeats = seen.close();
        (seen, repeats)
    }

    #[test]
    fn only_what_an_earlier_window_held_comes_again() {
        for (windows, repeats) in [
            (&[&["{1}", "{2}"][..], &["{3}"]][..], 0),
            (&[&["{1}", "{2}"], &["{2}", "{3}"]], 1),
            (&[&["{1}", "{1}"], &["{2}"]], 0),
            (&[&["{1}", "{2}"], &["{1}", "{2}"], &["{2}"]], 3),
            (&[&["null", "7"], &["null"]], 0),
        ] {
            assert_eq!(seen(windows).1, repeats, "{windows:?}");
        }
    }

    #[test]
    fn readings_are_compared_whatever_the_order() {
        let (first, _) = seen(&[&["{1}", "{2}"], &["{2}", "null"]]);
        assert!(first.is_like(&seen(&[&["null", "{2}", "{2}", "{1}"]]).0));
        for other in
            [&["{1}", "{2}", "null"][..], &["{1}", "{2}", "{3}", "null"], &["{1}", "{1}", "{2}", "null"]]
        {
            assert!(!first.is_like(&seen(&[other]).0), "{other:?}");
        }
        assert!(first.contains(b"{2}") && first.contains(b"null") && !first.contains(b"{3}"));
    }

    #[test]
    fn a_window_that_is_forgotten_was_never_there() {
        let mut first = Seen::default();
        for (window, kept) in [(&["{1}", "{2}"][..], true), (&["{1}", "{2}"], false), (&["{3}"], true)] {
            first.add(&batch(window));
            if kept { first.end_window() } else { first.forget_window() }
        }
        assert_eq!(first.close(), 0);
        assert!(first.is_like(&seen(&[&["{1}", "{2}"], &["{3}"]]).0));
    }

    #[test]
    fn no_more_than_so_many_are_held() {
        let (texts, mut seen) = (vec!["{}"; 512], Seen::default());
        for _ in 0..2 * MOST / 512 {
            seen.add(&batch(&texts));
        }
        assert_eq!(seen.sums.len(), MOST);
    }
}
