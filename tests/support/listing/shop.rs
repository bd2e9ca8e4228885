//! A shop: its departments, and which product stands where in them. Nothing is kept in memory but the departments.

use super::order::{Affine, gcd, mix};

/// Products of the recorded shop; its departments hold 13,900 places.
pub const RECORDED: u64 = 9_208;

/// Id, name in English and Korean, and size: as recorded, in the order of the list (the largest first).
const DEPARTMENTS: [(&str, &str, &str, u64); 23] = [
    ("st001", "Storage & organisation", "수납/정리", 2_000),
    ("de001", "Decoration", "홈데코", 1_247),
    ("kt001", "Kitchenware & tableware", "주방용품", 1_050),
    ("tl001", "Textiles & rugs", "홈텍스타일", 980),
    ("st007", "Boxes & baskets", "수납박스/바구니", 962),
    ("bm001", "Beds & mattresses", "침대/매트리스", 880),
    ("ba001", "Bathroom", "욕실", 813),
    ("ka001", "Kitchen & appliances", "주방/가전", 811),
    ("bc001", "Baby & kids", "유아/아동", 714),
    ("od001", "Outdoor", "야외", 668),
    ("fu002", "Tables & chairs", "테이블/의자", 645),
    ("li001", "Lighting", "조명", 574),
    ("700640", "Sofas & armchairs", "소파/암체어", 510),
    ("wt001", "Winter", "겨울", 374),
    ("pp001", "Plants & pots", "식물/화분", 369),
    ("fu004", "Desks & desk chairs", "책상/책상의자", 352),
    ("he001", "Home electronics", "홈전자기기", 204),
    ("hi001", "Home improvement", "홈 인테리어 공구", 199),
    ("tl002", "Curtains & blinds", "커튼/블라인드", 199),
    ("lc001", "Laundry & cleaning", "세탁/청소", 156),
    ("fb001", "Food & beverages", "식품/음료", 115),
    ("hs001", "Smart home", "스마트홈", 60),
    ("pt001", "Pets", "반려동물", 18),
];

/// Another id that answers, though the list does not name it.
const ALIAS: (&str, &str) = ("fu003", "700640");

/// A department, as large as the list says.
#[derive(Debug, Clone)]
pub struct Department {
    pub id: String,
    pub english: String,
    pub korean: String,
    pub size: u64,
    /// Its first place among those of all departments.
    first: u64,
}

/// Departments full of products, each of which stands in one to three of them.
#[derive(Debug, Clone)]
pub struct Shop {
    pub departments: Vec<Department>,
    /// Distinct products that stand in a department by themselves.
    pub products: u64,
    /// So many of the first products stand in more than one department.
    shared: u64,
    places: Affine,
    pub seed: u64,
}

impl Shop {
    /// 23 departments as they were recorded, with 9,208 distinct products.
    pub fn recorded() -> Self {
        Self::sized(RECORDED)
    }

    /// The recorded shop, larger or smaller: 300 products and more.
    pub fn sized(products: u64) -> Self {
        assert!(products >= 300, "the smallest department would be empty");
        let sizes = DEPARTMENTS.map(|(id, english, korean, size)| {
            let size = (size * products + RECORDED / 2) / RECORDED;
            (id.to_owned(), english.to_owned(), korean.to_owned(), size.max(1))
        });
        Self::new(sizes.to_vec(), products)
    }

    /// A shop with these departments and sizes; no product stands in two of them.
    pub fn of(departments: &[(&str, u64)]) -> Self {
        let products = departments.iter().map(|d| d.1).sum();
        let named = departments
            .iter()
            .map(|(id, size)| (id.to_string(), format!("Department {id}"), format!("{id} 부서"), *size));
        Self::new(named.collect(), products)
    }

    /// The same shop with other products in it.
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    fn new(sizes: Vec<(String, String, String, u64)>, products: u64) -> Self {
        let mut departments = Vec::new();
        let mut first = 0;
        for (id, english, korean, size) in sizes {
            departments.push(Department { id, english, korean, size, first });
            first += size;
        }
        let more = first - products;
        let shared = (more * 2).div_ceil(3);
        let largest = departments.iter().map(|d| d.size).max().unwrap_or(0);
        let places = spread(first, products, shared, largest);
        Self { departments, products, shared, places, seed: 0 }
    }

    /// The department with this id.
    pub fn department(&self, id: &str) -> Option<usize> {
        let id = if id == ALIAS.0 { ALIAS.1 } else { id };
        self.departments.iter().position(|d| d.id == id)
    }

    /// What all departments hold together.
    pub fn places(&self) -> u64 {
        self.departments.iter().map(|d| d.size).sum()
    }

    /// The product at a department's place, below its size.
    pub fn product_at(&self, department: usize, place: u64) -> u64 {
        let number = self.places.place(self.departments[department].first + place);
        if number < self.products { number } else { (number - self.products) % self.shared }
    }

    /// Where a product stands: departments and places in them, the department that its path begins with first.
    pub fn places_of(&self, product: u64) -> Vec<(usize, u64)> {
        let all = self.places();
        let more = [self.products + product, self.products + self.shared + product];
        let more = more.into_iter().filter(|n| product < self.shared && *n < all);
        std::iter::once(product)
            .chain(more)
            .map(|number| {
                let place = self.places.rank(number);
                let department = self.departments.partition_point(|d| d.first <= place) - 1;
                (department, place - self.departments[department].first)
            })
            .collect()
    }

    /// The department that a product's category path begins with.
    pub fn home(&self, product: u64) -> usize {
        self.places_of(product)[0].0
    }

    /// An order of a department's places. Without a seed that stays the same, no two windows fit together.
    pub fn sorted(&self, department: usize, seed: u64) -> Affine {
        Affine::new(self.departments[department].size, mix(self.seed ^ seed) ^ department as u64)
    }
}

/// Scatters the products over the places so that none stands twice in one department: the distances between the
/// places of one product are always the same, and none may be shorter than the largest department.
fn spread(places: u64, products: u64, shared: u64, largest: u64) -> Affine {
    let distances = [products, products + shared, shared];
    let apart = |stride: u64| {
        distances.iter().all(|distance| {
            let apart = stride * (distance % places) % places;
            shared == 0 || apart.min(places - apart) >= largest
        })
    };
    let start = places * 618 / 1000;
    let stride = (0..places).map(|i| (start + i) % places).find(|s| gcd(*s, places) == 1 && apart(*s));
    let ranks = Affine::with(places, stride.expect("a department holds too much of the shop"), 0);
    // the stride leads from product to place; this is the way back
    Affine::with(places, ranks.rank(1), places / 3)
}
