//! A set of hashes in little more than their own bytes, which mostly says of a new one that it is new without looking
//! at the others.
//!
//! Nothing is ever moved to grow: hashes lie in drawers, a drawer is a chain of blocks, and blocks are made in pages, so
//! no allocator keeps what was too small before. What is known of a drawer fills one cache line: bits that say which
//! hashes cannot be in it, and where there is room. Only for those that could be is the chain gone through.

/// Blocks of a page: 2 KiB.
const PAGE: usize = 32;
/// No block.
const NONE: u32 = u32::MAX;
/// Words of a drawer's bits.
const WORDS: usize = 7;

/// A drawer, in a cache line of its own.
#[derive(Clone)]
#[repr(align(64))]
struct Drawer {
    /// Two bits are set for each hash that was ever put in.
    bits: [u64; WORDS],
    /// Its first block, the only one that may have room.
    first: u32,
    /// How much of that is used.
    used: u32,
}

/// `BLOCK` of them, which with the number of the next block fill a cache line.
#[derive(Clone, Copy)]
struct Block<T, const BLOCK: usize> {
    hashes: [T; BLOCK],
    next: u32,
}

/// The set. What is kept of a hash, and how it is known again, is for whoever asks; `T::default()` is never kept.
pub struct Hashes<T, const BLOCK: usize> {
    /// As many as the first bits of a hash tell apart.
    drawers: Vec<Drawer>,
    pages: Vec<Box<[Block<T, BLOCK>]>>,
    /// Blocks in use or in `free`.
    made: u32,
    /// The first of the blocks that are used no longer.
    free: u32,
    kept: usize,
}

/// A hash, and whether the set may hold it. Good until something is put in.
#[derive(Debug, Clone, Copy)]
pub struct Glance {
    pub hash: u64,
    may_hold: bool,
}

impl<T: Copy + Default, const BLOCK: usize> Hashes<T, BLOCK> {
    /// An empty set of 2 to the power of `drawer_bits` drawers.
    pub fn new(drawer_bits: u32) -> Self {
        let empty = Drawer { bits: [0; WORDS], first: NONE, used: BLOCK as u32 };
        Self { drawers: vec![empty; 1 << drawer_bits], pages: Vec::new(), made: 0, free: NONE, kept: 0 }
    }

    /// How many it holds.
    pub fn len(&self) -> usize {
        self.kept
    }

    /// Looks whether it may hold a hash. Its memory is far away: who looks some time before it is needed waits less.
    pub fn glance(&self, hash: u64) -> Glance {
        let drawer = &self.drawers[self.drawer(hash)];
        let [first, second] = spots(hash).map(|(word, bit)| drawer.bits[word] & bit != 0);
        Glance { hash, may_hold: first & second }
    }

    /// What is kept of a hash, where `is_it` knows it again.
    pub fn find(&mut self, Glance { hash, may_hold }: Glance, is_it: impl Fn(T) -> bool) -> Option<&mut T> {
        let mut at = if may_hold { self.drawers[self.drawer(hash)].first } else { NONE };
        while at != NONE {
            let block = self.block(at);
            if let Some(i) = block.hashes.iter().position(|kept| is_it(*kept)) {
                return Some(&mut self.block(at).hashes[i]);
            }
            at = block.next;
        }
        None
    }

    /// Keeps `kept` of a hash that is not in it yet.
    pub fn add(&mut self, Glance { hash, .. }: Glance, kept: T) {
        let drawer = self.drawer(hash);
        for (word, bit) in spots(hash) {
            self.drawers[drawer].bits[word] |= bit;
        }
        self.lay(drawer, kept);
    }

    /// Keeps only those that `stays` says yes to.
    pub fn retain(&mut self, stays: impl Fn(T) -> bool) {
        self.kept = 0;
        let mut stay = Vec::new();
        for drawer in 0..self.drawers.len() {
            let Drawer { first, used, .. } = &mut self.drawers[drawer];
            let mut at = std::mem::replace(first, NONE);
            let mut filled = std::mem::replace(used, BLOCK as u32) as usize;
            while at != NONE {
                let free = self.free;
                let block = self.block(at);
                stay.extend(block.hashes[..filled].iter().copied().filter(|kept| stays(*kept)));
                let next = std::mem::replace(block, Block { next: free, ..fresh() }).next;
                self.free = at;
                (at, filled) = (next, BLOCK);
            }
            stay.drain(..).for_each(|kept| self.lay(drawer, kept));
        }
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.drawers.len() * size_of::<Drawer>() + self.pages.len() * PAGE * size_of::<Block<T, BLOCK>>()
    }

    fn drawer(&self, hash: u64) -> usize {
        // There are 2 to the power of some bits, at least one.
        (hash >> (64 - self.drawers.len().ilog2())) as usize
    }

    fn lay(&mut self, drawer: usize, kept: T) {
        let Drawer { first, used, .. } = self.drawers[drawer];
        let (block, place) = if used < BLOCK as u32 { (first, used) } else { (self.new_block(first), 0) };
        self.block(block).hashes[place as usize] = kept;
        (self.drawers[drawer].first, self.drawers[drawer].used) = (block, place + 1);
        self.kept += 1;
    }

    /// The number of a block that nobody uses.
    fn new_block(&mut self, next: u32) -> u32 {
        let number = if self.free != NONE {
            let free = self.free;
            self.free = self.block(free).next;
            free
        } else {
            if self.made as usize == self.pages.len() * PAGE {
                self.pages.push(vec![fresh(); PAGE].into_boxed_slice());
            }
            self.made += 1;
            self.made - 1
        };
        *self.block(number) = Block { next, ..fresh() };
        number
    }

    fn block(&mut self, number: u32) -> &mut Block<T, BLOCK> {
        &mut self.pages[number as usize / PAGE][number as usize % PAGE]
    }
}

fn fresh<T: Copy + Default, const BLOCK: usize>() -> Block<T, BLOCK> {
    Block { hashes: [T::default(); BLOCK], next: NONE }
}

/// The two bits of a hash, by bits of it that say neither its drawer nor, mostly, what is kept.
fn spots(hash: u64) -> [(usize, u64); 2] {
    [hash >> 31, hash >> 40].map(|bits| {
        let spot = ((bits & 0x1ff) as usize * WORDS * 64) >> 9;
        (spot / 64, 1 << (spot % 64))
    })
}
