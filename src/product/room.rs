//! The room that one product after the other takes, so that it is asked for once, and what each learns from those before.
//!
//! Nothing in it says anything of a product.

use std::fmt;

use super::{
    habit::{Habit, Known},
    held::List,
};
use crate::map::Plan;

/// Members that are expected in all objects of a product together.
const MOST_EXPECTED: usize = 256;

/// Room of a product.
#[derive(Clone, Default)]
pub(super) struct Room<'a> {
    /// Lists, empty.
    pub(super) lists: Vec<List<'a>>,
    /// What to expect, by the nodes of a plan.
    habits: Vec<Habit>,
    /// The plan's sum, and how many members are expected.
    plan: u64,
    expected: usize,
}

/// Two products are equal whatever room they take.
impl PartialEq for Room<'_> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Room<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Room")
    }
}

impl Room<'_> {
    /// Makes it fit a plan: what was learned by another one is forgotten.
    pub(super) fn fit(&mut self, plan: &Plan) {
        if self.plan != plan.sum() || self.habits.is_empty() {
            self.habits.clear();
            self.habits.resize_with(plan.len(), Habit::default);
            (self.plan, self.expected) = (plan.sum(), 0);
        }
    }

    /// What to expect at a node, from its first member on.
    #[inline(always)]
    pub(super) fn habit(&mut self, node: usize) -> Habit {
        Habit::taken(&mut self.habits[node])
    }

    /// What is expected there from now on.
    #[inline(always)]
    pub(super) fn keep(&mut self, node: usize, habit: Habit) {
        self.habits[node] = habit;
    }

    /// Lets a habit learn a member that begins like this, as far as there is room.
    pub(super) fn learn(&mut self, habit: &mut Habit, begins: &[u8], known: Option<Known>) {
        if self.expected < MOST_EXPECTED {
            self.expected += usize::from(habit.learn(begins, known));
        }
    }

    /// The same for another product.
    pub(super) fn emptied(self) -> Room<'static> {
        let Self { lists, habits, plan, expected } = self;
        Room { lists: lists.into_iter().map(moved).collect(), habits, plan, expected }
    }
}

/// The room of an empty list, for what lives longer.
fn moved<T, U>(empty: Vec<T>) -> Vec<U> {
    empty.into_iter().filter_map(|_| None).collect()
}
