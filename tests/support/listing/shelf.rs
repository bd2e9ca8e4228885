//! What stands in a department now: the order that is asked for, what is gone, what is no product.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{product, shop::Shop};

/// What is gone from the departments: places by department.
#[derive(Debug, Default)]
pub struct Gone(BTreeMap<usize, BTreeSet<u64>>);

impl Gone {
    /// So many places of a department, the first of those that are there.
    pub fn shrink(&mut self, shop: &Shop, department: usize, by: u64) {
        let gone = self.0.entry(department).or_default();
        let there = (0..shop.departments[department].size).filter(|place| !gone.contains(place));
        let going: Vec<u64> = there.take(by as usize).collect();
        gone.extend(going);
    }

    /// A product, from all of its departments.
    pub fn delist(&mut self, shop: &Shop, product: u64) {
        for (department, place) in shop.places_of(product) {
            self.0.entry(department).or_default().insert(place);
        }
    }

    /// Products that a department has now.
    pub fn count(&self, shop: &Shop, department: usize) -> u64 {
        shop.departments[department].size - self.0.get(&department).map_or(0, |gone| gone.len() as u64)
    }
}

/// One department in one order.
pub struct Shelf<'s> {
    pub shop: &'s Shop,
    pub department: usize,
    /// The same seed, the same order.
    pub order: u64,
    /// Each so many elements one is no product.
    pub content: Option<u64>,
}

impl Shelf<'_> {
    /// Elements, products or not.
    pub fn len(&self, gone: &Gone) -> u64 {
        let products = gone.count(self.shop, self.department);
        products + self.content.map_or(0, |n| products / (n - 1))
    }

    /// The numbers of the products at these elements; `None` where one is no product.
    pub fn window(&self, gone: &Gone, start: u64, end: u64) -> Vec<Option<u64>> {
        let order = self.shop.sorted(self.department, self.order);
        let gaps = gone.0.get(&self.department);
        let mut gaps: Vec<u64> = gaps.into_iter().flatten().map(|place| order.rank(*place)).collect();
        gaps.sort_unstable();
        let product = |nth: u64| {
            let rank = gaps.iter().fold(nth, |rank, gap| if *gap <= rank { rank + 1 } else { rank });
            self.shop.product_at(self.department, order.place(rank))
        };
        (start..end.min(self.len(gone)))
            .map(|nth| match self.content {
                Some(n) if (nth + 1) % n == 0 => None,
                Some(n) => Some(product(nth - nth / n)),
                None => Some(product(nth)),
            })
            .collect()
    }

    /// The element as JSON, inside `{"type", "product"}` or not.
    pub fn element(&self, number: Option<u64>, wrapped: bool) -> Value {
        match number {
            None => content(wrapped),
            Some(number) if wrapped => {
                json!({"type": "PRODUCT", "metadata": "", "product": product::element(self.shop, number)})
            }
            Some(number) => product::element(self.shop, number),
        }
    }
}

/// An element that is no product.
pub fn content(planner: bool) -> Value {
    if planner {
        json!({"type": "PLANNER", "planner": {"id": "planner-1", "title": "옷장 플래너", "url": "https://www.shop.example/planner"}})
    } else {
        json!({"type": "CONTENT", "content": {"id": "c-77", "name": "수납 아이디어", "url": "https://www.shop.example/ideas"}})
    }
}
