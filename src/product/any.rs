//! Any JSON value, read as what it is.
//!
//! It never fails for what a value holds; only text that is no JSON stops it.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::scalar::{Scalar, kept};

/// Takes a value of any kind.
pub(super) trait Take<'de>: Sized {
    type Value;

    /// A text, number, flag, or nothing; never [`Scalar::Array`] or [`Scalar::Object`].
    fn scalar(self, scalar: Scalar<'de>) -> Self::Value;

    fn map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error>;

    fn seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error>;
}

/// Reads a `T` from a value of any kind.
pub(super) fn any<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    PhantomData<T>: Take<'de, Value = T>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Any(PhantomData))
}

/// Hands whatever stands there to what takes it.
pub(super) struct Any<T>(pub T);

impl<'de, T: Take<'de>> DeserializeSeed<'de> for Any<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Take<'de>> Visitor<'de> for Any<T> {
    type Value = T::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T::Value, E> {
        Ok(self.0.scalar(Scalar::borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T::Value, E> {
        Ok(self.0.scalar(Scalar::owned(kept(text).to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T::Value, E> {
        Ok(self.0.scalar(Scalar::Whole(number.into())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T::Value, E> {
        Ok(self.0.scalar(Scalar::Whole(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T::Value, E> {
        Ok(self.0.scalar(Scalar::Number(number)))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T::Value, E> {
        Ok(self.0.scalar(Scalar::Flag(flag)))
    }

    fn visit_unit<E>(self) -> Result<T::Value, E> {
        Ok(self.0.scalar(Scalar::Absent))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T::Value, A::Error> {
        self.0.map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T::Value, A::Error> {
        self.0.seq(seq)
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de> Take<'de> for PhantomData<Scalar<'de>> {
    type Value = Scalar<'de>;

    fn scalar(self, scalar: Scalar<'de>) -> Scalar<'de> {
        scalar
    }

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Object)
    }

    fn seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Array)
    }
}

/// A key, borrowed where it holds no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Key<'a>(#[serde(borrow)] pub Cow<'a, str>);
