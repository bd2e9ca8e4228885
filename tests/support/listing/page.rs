//! The answers to calls that can be answered, as JSON.

use serde_json::{Value, json};

use super::{
    calls::{Call, Kind, MOST},
    misbehave::{Order, Trouble},
    product,
    shelf::{Gone, Shelf, content},
    shop::{Department, Shop},
};

/// Orders beyond those that a call can ask for.
const ANY_ORDER: u64 = 1_000;

/// One answer in the making.
pub(super) struct Page<'p> {
    pub shop: &'p Shop,
    pub gone: &'p Gone,
    pub troubles: &'p [Order],
    /// The call's own.
    pub number: u64,
}

impl Page<'_> {
    pub fn answer(&self, call: &Call) -> Value {
        let Some(department) = self.shop.department(&call.department).filter(|_| call.kind != Kind::List)
        else {
            return self.list(call);
        };
        let count = self.gone.count(self.shop, department);
        let elements = self.elements(call, department);
        match call.kind {
            Kind::Search => json!({"results": [{"component": "PRIMARY_AREA", "items": elements,
                "metadata": {"itemsPerType": {"PRODUCT": count}, "max": count, "start": call.start}}], "usergroup": null}),
            Kind::Count => {
                let department = &self.shop.departments[department];
                let count = if self.has(&Trouble::NoCount) { Value::Null } else { count.into() };
                json!({"productListPage": {
                    "category": {"name": name(department, call), "key": department.id},
                    "productWindow": elements, "productCount": count, "sortOrders": {"selected": "RELEVANCE"},
                    "filters": [{"id": "OFFERS", "name": "혜택", "values": []}], "breadcrumbs": null}})
            }
            _ => json!({"moreProducts": {"productWindow": elements}}),
        }
    }

    fn elements(&self, call: &Call, department: usize) -> Vec<Value> {
        let find =
            |pick: fn(&Trouble) -> Option<u64>| self.troubles.iter().filter_map(|o| pick(&o.trouble)).min();
        let content =
            find(|trouble| if let Trouble::Content(n) = trouble { Some((*n).max(2)) } else { None });
        let clamp = find(|trouble| if let Trouble::Clamp(n) = trouble { Some(*n) } else { None });
        let wrapped = call.kind == Kind::Search || self.has(&Trouble::Wrapped);
        let any = ANY_ORDER + self.number;
        let order = if self.has(&Trouble::Shuffle) { any } else { call.sort.unwrap_or(any) };
        let shelf = Shelf { shop: self.shop, department, order, content };
        let most = clamp.unwrap_or(MOST).min(MOST);
        let (mut start, mut end) = (call.start, call.end.min(call.start.saturating_add(most)));
        if self.has(&Trouble::EmptyWindow) {
            end = start;
        }
        if self.has(&Trouble::RepeatWindow) {
            let length = end - start;
            (start, end) = (start.saturating_sub(length), start.saturating_sub(length) + length);
        }
        let numbers = shelf.window(self.gone, start, end);
        numbers.into_iter().map(|number| shelf.element(number, wrapped)).collect()
    }

    /// The shop's own list of its departments, the largest first.
    fn list(&self, call: &Call) -> Value {
        let unlisted = |id: &str| {
            self.troubles.iter().any(|o| o.trouble == Trouble::Unlisted && o.department() == Some(id))
        };
        let mut departments: Vec<(u64, &Department)> = self
            .shop
            .departments
            .iter()
            .enumerate()
            .filter(|(_, department)| !unlisted(&department.id))
            .map(|(n, department)| (self.gone.count(self.shop, n), department))
            .collect();
        departments.sort_by_key(|(count, _)| u64::MAX - count);
        let values = departments.into_iter().map(|(count, department)| {
            let mut value = json!({"id": department.id, "name": name(department, call), "selected": false});
            if !self.has(&Trouble::NoCount) {
                value["count"] = count.into();
            }
            value
        });
        let mut items = vec![content(true)];
        items.extend((0..call.end.min(self.shop.products)).map(|number| {
            json!({"type": "PRODUCT", "metadata": "", "product": product::element(self.shop, number)})
        }));
        items.push(content(false));
        let products = self.shop.products;
        json!({"searchResultPage": {"query": null, "products": {
            "badge": products,
            "filters": [
                {"id": "OFFERS", "name": "혜택", "values": [{"id": "NEW_PRODUCT", "name": "신제품", "count": products / 9}]},
                {"id": "COLORS", "name": "색상", "values": [{"id": "10156", "name": "화이트", "count": products / 4, "hex": "ffffff"}]},
                {"id": "CATEGORIES", "name": "카테고리", "type": "MULTI", "values": values.collect::<Vec<_>>()},
                {"id": "PRICE", "name": "가격", "values": null},
            ],
            "main": {"items": items, "start": 0, "end": call.end, "max": products.min(MOST)},
        }}})
    }

    fn has(&self, trouble: &Trouble) -> bool {
        self.troubles.iter().any(|ordered| ordered.trouble == *trouble)
    }
}

fn name<'d>(department: &'d Department, call: &Call) -> &'d str {
    if call.english { &department.english } else { &department.korean }
}
