//! What is true of a product: its id, its price for everybody, and where it stands. All else is decoration.

use super::{order::mix, shop::Shop};

/// Where a price says that it is not everybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Tag,
    TagAndTags,
    /// Behind `NEW_PRODUCT`.
    LastOfTags,
    TagWithText,
    OwnTag,
    /// The offer holds in stores.
    Badge,
    Everywhere,
}

const MARKS: [Mark; 7] = [
    Mark::Tag,
    Mark::TagAndTags,
    Mark::LastOfTags,
    Mark::TagWithText,
    Mark::OwnTag,
    Mark::Badge,
    Mark::Everywhere,
];

/// What a product costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Price {
    /// Everybody pays it; on offer it was higher before.
    Everybody { before: Option<u64> },
    /// Members pay it, or those who come to a store; everybody else pays the regular price, if one is told.
    Restricted { mark: Mark, regular: Option<u64> },
}

/// What is true of one product.
#[derive(Debug, Clone)]
pub struct Facts {
    pub number: u64,
    /// Eight digits, of which the first ones may be zeros.
    pub id: String,
    pub sellable: bool,
    /// `salesPrice.numeral`, in won.
    pub asked: u64,
    pub price: Price,
    /// The department that its own path begins with; that of its product for a variant that stands nowhere else.
    pub department: usize,
    /// Levels of its path, the department included.
    pub levels: u64,
    /// A level before the department says only `products`.
    pub products_first: bool,
    /// Decides the decoration.
    dice: u64,
}

impl Facts {
    /// A number below `below`; another salt, another number.
    pub fn roll(&self, salt: u64, below: u64) -> u64 {
        mix(self.dice ^ salt << 32) % below
    }
}

impl Shop {
    /// What is true of a product, or of a variant that stands nowhere else.
    pub fn facts(&self, number: u64) -> Facts {
        let facts = Facts {
            number,
            // 7,654,321 and 100,000,000 have no factor in common: no id comes twice
            id: format!("{:08}", (number * 7_654_321 + 263_850) % 100_000_000),
            sellable: true,
            asked: 0,
            price: Price::Everybody { before: None },
            department: self.home(self.parent(number)),
            levels: 0,
            products_first: false,
            dice: mix(self.seed ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03)),
        };
        let asked = (10 + facts.roll(101, 8_990)) * 100;
        let higher = asked * 4 / 3 / 100 * 100 + 100;
        let mark = MARKS[facts.roll(102, MARKS.len() as u64) as usize];
        let (sellable, price) = match facts.roll(103, 100) {
            0..2 => (false, Price::Everybody { before: None }),
            2..8 => (true, Price::Restricted { mark, regular: Some(higher) }),
            8 => (true, Price::Restricted { mark, regular: None }),
            9..17 => (true, Price::Everybody { before: Some(higher) }),
            _ => (true, Price::Everybody { before: None }),
        };
        let (levels, products_first) = (1 + facts.roll(104, 6), facts.roll(105, 12) == 0);
        Facts { sellable, asked, price, levels, products_first, ..facts }
    }

    /// The product among whose variants one is that stands nowhere else; any other number is its own.
    pub fn parent(&self, number: u64) -> u64 {
        if number < self.products { number } else { number - self.products }
    }

    /// The variants of a product: three in five products have some. Most of them are products that stand in a
    /// department, too, before or after it or in another one.
    pub fn variants(&self, product: u64) -> Vec<u64> {
        let (block, slot) = (product - product % 5, product % 5);
        let only_here = self.products + product;
        let standing = |number: u64| if number < self.products { number } else { only_here };
        let mut variants = match slot {
            0 => vec![standing(block + 1)],
            1 if block.is_multiple_of(10) => vec![block],
            1 => vec![self.neighbour(product).unwrap_or(only_here)],
            2 if block.is_multiple_of(100) => vec![only_here, standing(block + 3), standing(block + 4)],
            2 if block.is_multiple_of(10) => vec![only_here],
            2 => vec![standing(block + 3)],
            _ => Vec::new(),
        };
        variants.dedup();
        variants
    }

    /// The product before or after this one in the first of its departments.
    fn neighbour(&self, product: u64) -> Option<u64> {
        let (department, place) = self.places_of(product)[0];
        let before = place.checked_sub(1);
        let after = Some(place + 1).filter(|p| *p < self.departments[department].size);
        let place = if product % 4 == 1 { before.or(after) } else { after.or(before) };
        place.map(|place| self.product_at(department, place))
    }
}
