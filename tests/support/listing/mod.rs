//! A shop's listing API as it was recorded: departments, counts, windows, and whatever can go wrong with them.
//!
//! [`Listing`] is the API without a network: it takes a method, an address and a body and gives an answer.
//! [`ListingDouble`] is the same behind HTTP, [`ListingWeb`] behind the port to the web, where time may be virtual.
//! It never keeps products: each is made when it is asked for, so that a million of them take no memory.

mod answer;
mod calls;
mod double;
mod facts;
mod ledger;
mod misbehave;
mod order;
mod page;
mod price;
mod product;
mod shelf;
mod shop;
mod web;

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

pub use answer::{Answer, Ending};
use calls::{Call, Refusal, problem};
pub use calls::{Kind, MOST};
pub use double::ListingDouble;
pub use facts::{Facts, Mark, Price};
pub use ledger::{Fate, Ledger, Truth};
use misbehave::Asked;
pub use misbehave::{Order, Trouble, mischief};
use page::Page;
use shelf::Gone;
pub use shop::{Department, RECORDED, Shop};
pub use web::ListingWeb;

/// The listing API of one shop.
pub struct Listing {
    pub shop: Shop,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    orders: Vec<Order>,
    calls: Vec<(Kind, String)>,
    gone: Gone,
    latency: Duration,
}

impl Listing {
    pub fn new(shop: Shop) -> Self {
        Self { shop, state: Mutex::default() }
    }

    /// Every call takes so long from now on.
    pub fn take(&self, latency: Duration) {
        self.state().latency = latency;
    }

    /// Something goes wrong from now on; what was ordered before still holds.
    pub fn order(&self, order: Order) {
        self.state().orders.push(order);
    }

    /// Nothing goes wrong any more; what is gone stays gone.
    pub fn behave(&self) {
        self.state().orders.clear();
    }

    /// Every call so far, path and query, in the order of arrival.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.iter().map(|call| call.1.clone()).collect()
    }

    /// How many calls of this kind there were.
    pub fn count(&self, kind: Kind) -> usize {
        self.state().calls.iter().filter(|call| call.0 == kind).count()
    }

    /// Products that the department has now.
    pub fn products_in(&self, department: &str) -> u64 {
        self.state().gone.count(&self.shop, self.shop.department(department).unwrap())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Answers one call. The address may be whole or begin with its path.
    pub fn answer(&self, method: &str, address: &str, body: &[u8]) -> Answer {
        let base = url::Url::parse("http://listing.invalid").unwrap();
        let url = base.join(address).unwrap();
        let mut state = self.state();
        let number = state.calls.len() as u64;
        let kind = Kind::of(url.path());
        let asked = format!("{}{}", url.path(), url.query().map(|q| format!("?{q}")).unwrap_or_default());
        state.calls.push((kind, asked));
        let call = Call::parse(method, &url, body).and_then(|call| self.known(call));
        let troubles = self.troubles(&mut state, kind, call.as_ref().ok());
        let refused = troubles.iter().find_map(|ordered| ordered.trouble.refusal());
        let mut answer = match refused.map_or(call, Err) {
            Err((status, detail)) => Answer::json(status, problem(status, &detail)),
            Ok(call) => {
                let page = Page { shop: &self.shop, gone: &state.gone, troubles: &troubles, number };
                let page = Answer::json(200, page.answer(&call).to_string().into_bytes());
                self.change(&mut state.gone, &call, &troubles);
                page
            }
        };
        answer.after = state.latency;
        troubles.iter().for_each(|ordered| answer.suffer(&ordered.trouble));
        answer
    }

    fn known(&self, call: Call) -> Result<Call, Refusal> {
        let known = call.kind == Kind::List || self.shop.department(&call.department).is_some();
        if known { Ok(call) } else { Err((404, format!("Category not found: {}", call.department))) }
    }

    /// The orders that hold for a call, used up by it.
    fn troubles(&self, state: &mut State, kind: Kind, call: Option<&Call>) -> Vec<Order> {
        let department = call.and_then(|call| self.shop.department(&call.department));
        let window = call.zip(department).map(|(call, department)| {
            let count = state.gone.count(&self.shop, department);
            (call.start.min(count), call.end.min(count))
        });
        let department = department.map(|d| self.shop.departments[d].id.as_str());
        let asked = Asked { kind, department, window };
        state.orders.iter_mut().filter_map(|order| order.take(&asked).then(|| order.clone())).collect()
    }

    /// What is gone after a call.
    fn change(&self, gone: &mut Gone, call: &Call, troubles: &[Order]) {
        for ordered in troubles {
            let id = ordered.department().unwrap_or(&call.department);
            let Some(department) = self.shop.department(id) else { continue };
            match ordered.trouble {
                Trouble::Shrink(by) => gone.shrink(&self.shop, department, by),
                Trouble::Delist(place) => {
                    gone.delist(&self.shop, self.shop.product_at(department, place));
                }
                _ => {}
            }
        }
    }
}
