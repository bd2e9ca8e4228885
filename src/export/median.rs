//! The exact median of prices that may be gone through several times, in memory that does not grow with them.

/// The price in the middle of `count` prices; of an even number the mean of the two in the middle, rounded down. `None`
/// where there are none. It takes 512 KiB while it counts, however many there are.
pub(super) fn median<P: Iterator<Item = u32>>(count: u64, prices: impl Fn() -> P) -> Option<u64> {
    let last = count.checked_sub(1)?;
    let [low, high] = [last / 2, count / 2].map(|rank| price_at(rank, &prices));
    Some((u64::from(low) + u64::from(high)) / 2)
}

/// The price that `rank` prices stand before, once they are in order: its upper half first, then its lower one.
fn price_at<P: Iterator<Item = u32>>(rank: u64, prices: impl Fn() -> P) -> u32 {
    let (upper, before) = nth(prices().map(|price| price >> 16), rank);
    let same = prices().filter(|price| price >> 16 == upper);
    let (lower, _) = nth(same.map(|price| price & 0xFFFF), rank - before);
    upper << 16 | lower
}

/// The value that `rank` values stand before, and how many are really smaller. Values are below 65,536, and there
/// are more of them than `rank`.
fn nth(values: impl Iterator<Item = u32>, rank: u64) -> (u32, u64) {
    let mut counts = vec![0_u64; 1 << 16];
    values.for_each(|value| counts[value as usize] += 1);
    let mut before = 0;
    for (value, count) in (0..).zip(counts) {
        if before + count > rank {
            return (value, before);
        }
        before += count;
    }
    unreachable!("there are more values than the rank")
}
