//! The objects of a product: a reader that takes any JSON value for any field, remembers contradictions, and skips what
//! is not used.
//!
//! It never fails for what a field holds; only text that is no JSON stops it.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::scalar::Scalar;

/// A key that no source writes; the mender puts it into an object of which it could not read everything.
pub const DAMAGED: &str = "\0damaged";

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
    fn into_here(self) -> Option<T> {
        match self {
            Self::Here(object) => Some(object),
            Self::Other(_) => None,
        }
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

/// Two values for one key that must have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The column of the feed that it would decide; `product` where it is none.
    pub column: &'static str,
    /// The key and both values: `numeral: 79900 / 59900`.
    pub value: String,
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

/// Remembers the first value of a key; a second, different one is a conflict where `column` says what it would decide.
pub(super) fn put<T: PartialEq + fmt::Display>(
    field: &mut Option<T>,
    new: T,
    key: &str,
    column: &'static str,
    conflict: &mut Option<Box<Conflict>>,
) {
    match field {
        None => *field = Some(new),
        Some(first) if *first != new && conflict.is_none() => {
            *conflict = Some(Box::new(Conflict { column, value: format!("{key}: {first} / {new}") }));
        }
        Some(_) => {}
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        object(map)
    }
}

fn object<'de, T: Object<'de>, A: MapAccess<'de>>(mut map: A) -> Result<T, A::Error> {
    let mut object = T::default();
    while let Some(key) = map.next_key::<Key<'de>>()? {
        if !object.take(&key.0, &mut map)? {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(object)
}

/// A whole object from a deserializer; anything else is an error.
pub(super) fn whole<'de, T: Object<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

struct Key<'a>(std::borrow::Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(key.into()))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(key.to_owned().into()))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

impl<'de, T: Object<'de>> Deserialize<'de> for Nested<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NestedVisitor(PhantomData))
    }
}

struct NestedVisitor<T>(PhantomData<T>);

macro_rules! scalars {
    ($($visit:ident: $type:ty),*) => {$(
        fn $visit<E: serde::de::Error>(self, value: $type) -> Result<Self::Value, E> {
            Scalar::deserialize(serde::de::IntoDeserializer::into_deserializer(value)).map(Nested::Other)
        }
    )*};
}

impl<'de, T: Object<'de>> Visitor<'de> for NestedVisitor<T> {
    type Value = Nested<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    scalars!(visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64);

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Nested::Other(Scalar::Text(text.into())))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Scalar::deserialize(serde::de::IntoDeserializer::into_deserializer(text)).map(Nested::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Nested::Other(Scalar::Absent))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        object(map).map(Nested::Here)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Nested::Other(Scalar::Array))
    }
}

impl<'de, T: Object<'de> + Element> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

/// Nothing that is not an array holds elements.
macro_rules! empty {
    ($($visit:ident: $type:ty),*) => {$(
        fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok(List::default())
        }
    )*};
}

impl<'de, T: Object<'de> + Element> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    empty!(visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut list, mut place) = (List::default(), 0);
        while let Some((_, element)) = map.next_entry::<IgnoredAny, Nested<'de, T>>()? {
            // The values of a map are elements only where they are objects.
            if let Some(element) = element.into_here() {
                list.push(element, &mut place);
            }
        }
        Ok(list)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
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

/// Every text inside a value, keys included, however deep it stands, handed to a closure.
pub(super) struct Texts<F>(pub F);

impl<'de, F: FnMut(&str)> DeserializeSeed<'de> for &mut Texts<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&str)> Visitor<'de> for &mut Texts<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.0)(text);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'de>>()? {
            (self.0)(&key.0);
            map.next_value_seed(&mut *self)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }
}
