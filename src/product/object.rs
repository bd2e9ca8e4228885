//! The objects of a product: a reader that takes any JSON value for any field, remembers contradictions, and skips what
//! is not used.
//!
//! It never fails for what a field holds; only text that is no JSON stops it.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess},
};

use super::{
    any::{Key, Take, any},
    scalar::Scalar,
};
use crate::ep::{
    broken::{Breach, Broken},
    columns::Column,
    rules::Violation,
};

/// Takes a key's value into a field: the first one counts. With a column, or none, a second and different one is a conflict.
macro_rules! take {
    ($self:ident, $map:ident, $key:ident, $field:ident) => {{
        let value = $map.next_value()?;
        $self.$field.get_or_insert(value);
    }};
    ($self:ident, $map:ident, $key:ident, $field:ident, $column:expr) => {{ put(&mut $self.$field, $map.next_value()?, $key, $column, &mut $self.conflict) }};
}

/// A key that no source writes; the mender puts it into an object of which it could not read everything.
pub const DAMAGED: &str = "\0damaged";

/// The column that two prices contradict each other in.
pub(super) const PRICE: Option<Column> = Some(Column::PricePc);

/// An object, or what stands in its place.
#[derive(Debug, Clone, PartialEq)]
pub enum Nested<'a, T> {
    /// The object.
    Here(T),
    /// Something else, or nothing.
    Other(Scalar<'a>),
}

impl<T> Default for Nested<'_, T> {
    fn default() -> Self {
        Self::Other(Scalar::Absent)
    }
}

impl<T> Nested<'_, T> {
    /// Whether nothing stands there, or only a blank text.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Other(other) if other.is_absent())
    }

    /// The object, where it is one.
    pub fn here(&self) -> Option<&T> {
        match self {
            Self::Here(object) => Some(object),
            Self::Other(_) => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Nested<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(object) => object.fmt(f),
            Self::Other(scalar) => scalar.fmt(f),
        }
    }
}

/// The objects of an array, or of a map's values, as many as can be of use; other elements are left out where they say
/// too little, and anything else is an empty list.
#[derive(Debug, Clone, PartialEq)]
pub struct List<T> {
    /// They.
    pub items: Vec<T>,
    /// Whether there were more that say something.
    pub more: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { items: Vec::new(), more: false }
    }
}

/// An element of a [`List`].
pub(super) trait Element: Sized {
    /// So many are kept.
    const MOST: usize;

    /// It as an element of a list, with its place there, from 0; `None` where it says nothing.
    fn at(self, place: usize) -> Option<Self>;
}

impl<T> List<T> {
    fn push(&mut self, element: T, place: &mut usize)
    where
        T: Element,
    {
        let at = *place;
        *place += 1;
        match element.at(at) {
            Some(_) if self.items.len() == T::MOST => self.more = true,
            Some(element) => self.items.push(element),
            None => {}
        }
    }
}

/// An object with known keys.
pub(super) trait Object<'de>: Default {
    /// What a scalar in its place says, where that is enough.
    fn of_scalar(_: Scalar<'de>) -> Option<Self> {
        None
    }

    /// Takes the value of a key that it knows, and gives back the key otherwise.
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// Remembers the first value of a key; a second, different one is a conflict, told of the column that it would decide,
/// or of none.
pub(super) fn put<T: PartialEq + fmt::Display>(
    field: &mut Option<T>,
    new: T,
    key: &str,
    column: Option<Column>,
    conflict: &mut Option<Box<Broken>>,
) {
    match field {
        None => *field = Some(new),
        Some(first) if *first != new && conflict.is_none() => {
            let breach = Breach { column, violation: Violation::TwoValues };
            *conflict = Some(Box::new(Broken { breach, value: format!("{key}: {first} / {new}") }));
        }
        Some(_) => {}
    }
}

impl<'de, T: Object<'de>> Deserialize<'de> for Nested<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de, T: Object<'de>> Take<'de> for PhantomData<Nested<'de, T>> {
    type Value = Nested<'de, T>;

    fn scalar(self, scalar: Scalar<'de>) -> Self::Value {
        Nested::Other(scalar)
    }

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = T::default();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            if !object.take(&key.0, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Nested::Here(object))
    }

    fn seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        PhantomData::<Scalar<'de>>.seq(seq).map(Nested::Other)
    }
}

impl<'de, T: Object<'de> + Element> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de, T: Object<'de> + Element> Take<'de> for PhantomData<List<T>> {
    type Value = List<T>;

    fn scalar(self, _: Scalar<'de>) -> List<T> {
        List::default()
    }

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<T>, A::Error> {
        let (mut list, mut place) = (List::default(), 0);
        while let Some((_, element)) = map.next_entry::<IgnoredAny, Nested<'de, T>>()? {
            // The values of a map are elements only where they are objects.
            if let Nested::Here(element) = element {
                list.push(element, &mut place);
            }
        }
        Ok(list)
    }

    fn seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let (mut list, mut place) = (List::default(), 0);
        while let Some(element) = seq.next_element::<Nested<'de, T>>()? {
            let element = match element {
                Nested::Here(object) => Some(object),
                Nested::Other(scalar) => T::of_scalar(scalar),
            };
            if let Some(element) = element {
                list.push(element, &mut place);
            }
        }
        Ok(list)
    }
}
