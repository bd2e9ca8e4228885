//! Orders that need no memory: a permutation of 0..size whose every place is reckoned on demand.

/// `rank -> (rank * stride + shift) mod size`.
#[derive(Debug, Clone, Copy)]
pub struct Affine {
    size: u64,
    stride: u64,
    back: u64,
    shift: u64,
}

impl Affine {
    /// An order of `size` things that depends on the seed alone.
    pub fn new(size: u64, seed: u64) -> Self {
        let start = mix(seed) % size.max(1);
        let stride = (0..).map(|i| (start + i) % size.max(1)).find(|s| gcd(*s, size.max(1)) == 1).unwrap();
        Self::with(size.max(1), stride, mix(seed ^ 1))
    }

    /// With a stride that has no factor in common with the size.
    pub fn with(size: u64, stride: u64, shift: u64) -> Self {
        Self { size, stride, back: inverse(stride, size), shift: shift % size }
    }

    pub fn place(&self, rank: u64) -> u64 {
        (rank * self.stride + self.shift) % self.size
    }

    pub fn rank(&self, place: u64) -> u64 {
        (place + self.size - self.shift) % self.size * self.back % self.size
    }
}

/// Any number, scattered; the same on every machine.
pub fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

pub fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The number with `stride * it = 1 mod size`.
fn inverse(stride: u64, size: u64) -> u64 {
    let (mut a, mut b, mut x, mut y) = (stride as i64, size as i64, 1_i64, 0_i64);
    while b != 0 {
        let q = a / b;
        (a, b) = (b, a - q * b);
        (x, y) = (y, x - q * y);
    }
    x.rem_euclid(size as i64) as u64
}
