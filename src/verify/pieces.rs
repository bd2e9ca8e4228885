//! Has what was read inspected on another core, where there is one, while more is read and hashed on this one.
//!
//! It waits for the inspection before it hands over more, so two pieces are all that it holds of a file.

use tokio::task::{JoinHandle, spawn_blocking};

use super::inspect::{Inspection, Inspector};
use crate::report::{Fingerprint, Fingerprinter};

/// What is inspected at once: so much that handing it over takes no time beside it.
const PIECE: usize = 512 * 1024;

/// Takes a file's bytes in any pieces.
pub struct Pieces {
    sum: Fingerprinter,
    /// What was read and not yet handed over.
    read: Vec<u8>,
    /// `None` while it is at work.
    idle: Option<Idle>,
    work: Option<JoinHandle<Idle>>,
}

/// An inspector that waits for a piece, and the memory of the one before.
type Idle = (Box<Inspector>, Vec<u8>);

impl Pieces {
    /// To be looked at by `inspector`.
    pub fn new(inspector: Inspector) -> Self {
        let idle = Some((Box::new(inspector), Vec::new()));
        Self { sum: Fingerprinter::default(), read: Vec::new(), idle, work: None }
    }

    /// Bytes taken so far.
    pub fn bytes(&self) -> u64 {
        self.sum.bytes
    }

    /// Takes the next bytes. Where it is given up while it waits, what it took is not lost.
    pub async fn push(&mut self, chunk: &[u8]) {
        self.sum.push(chunk);
        self.read.extend_from_slice(chunk);
        if self.read.len() < PIECE {
            return;
        }
        let (mut inspector, spare) = self.inspector().await;
        let mut piece = std::mem::replace(&mut self.read, spare);
        self.work = Some(spawn_blocking(move || {
            inspector.push(&piece);
            piece.clear();
            (inspector, piece)
        }));
    }

    /// Ends the file; `whole` is false where it broke off.
    pub async fn finish(mut self, whole: bool) -> (Inspection, Fingerprint) {
        let (mut inspector, _) = self.inspector().await;
        inspector.push(&self.read);
        (inspector.finish(whole), self.sum.finish())
    }

    async fn inspector(&mut self) -> Idle {
        if let Some(work) = &mut self.work {
            self.idle = Some(work.await.expect("an inspection never panics"));
            self.work = None;
        }
        self.idle.take().expect("it is idle or at work")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::web::Reach;

    fn file(rows: usize) -> Vec<u8> {
        let header = "id\ttitle\tprice_pc\tlink\timage_link\tcategory_name1\tshipping\n".to_owned();
        let row = |i| {
            let (price, id) = (i % 7 * 900, i / 3);
            format!(
                "{id}\t책장 {i}\t{price}\thttps://shop.example/{i}\thttps://images.example/{i}.jpg\t수납\t0\n"
            )
        };
        let text: String = std::iter::once(header).chain((0..rows).map(row)).collect();
        text.into_bytes()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn pieces_say_what_the_whole_file_says(cuts in prop::collection::vec(1usize..900_000, 1..6), cut_off in 0usize..90) {
            let mut file = file(20_000);
            file.truncate(file.len() - cut_off);
            let mut at_once = Inspector::new(0, Reach::Public);
            at_once.push(&file);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (found, sum) = runtime.block_on(async {
                let mut pieces = Pieces::new(Inspector::new(0, Reach::Public));
                let mut rest = &file[..];
                for cut in cuts.iter().cycle() {
                    let (piece, after) = rest.split_at(rest.len().min(*cut));
                    pieces.push(piece).await;
                    rest = after;
                    if rest.is_empty() { break }
                }
                pieces.finish(true).await
            });
            prop_assert_eq!(sum, Fingerprint::of(&file));
            prop_assert_eq!(found, at_once.finish(true));
        }
    }

    #[tokio::test]
    async fn what_was_taken_when_it_was_given_up_is_inspected() {
        let (file, mut pieces) = (file(20_000), Pieces::new(Inspector::default()));
        pieces.push(&file[..PIECE]).await;
        // The inspection of the first is not waited for.
        let given_up =
            tokio::time::timeout(std::time::Duration::ZERO, pieces.push(&file[PIECE..2 * PIECE])).await;
        let (found, sum) = pieces.finish(false).await;
        let rows = memchr::memchr_iter(b'\n', &file[..2 * PIECE]).count() as u64 - 1;
        assert_eq!((found.rows, sum.bytes), (rows, 2 * PIECE as u64), "{given_up:?}");
    }
}
