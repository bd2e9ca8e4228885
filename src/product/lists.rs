//! The elements of a product's lists: its images and the levels of its category path.

use serde::de::MapAccess;

use super::{
    family::text,
    object::{Element, Object},
    scalar::Scalar,
};

/// An image of a product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Image<'a> {
    /// `url`: where it is.
    pub url: Option<Scalar<'a>>,
    /// Its place among the images, from 0.
    pub place: usize,
}

impl Element for Image<'_> {
    // A row shows eleven, and the first one that can be shown is mostly the first.
    const MOST: usize = 100;

    fn at(self, place: usize) -> Option<Self> {
        text(&self.url).is_some().then_some(())?;
        Some(Self { place, ..self })
    }
}

impl<'de> Object<'de> for Image<'de> {
    fn of_scalar(url: Scalar<'de>) -> Option<Self> {
        Some(Self { url: Some(url), place: 0 })
    }

    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "url" => take!(self, map, key, url),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A level of a category path.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Category<'a> {
    /// `name`: for people.
    pub name: Option<Scalar<'a>>,
    /// `key`: the category's id.
    pub key: Option<Scalar<'a>>,
}

impl Element for Category<'_> {
    const MOST: usize = 64;

    fn at(self, _: usize) -> Option<Self> {
        (text(&self.name).is_some() || text(&self.key).is_some()).then_some(self)
    }
}

impl<'de> Object<'de> for Category<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "name" => take!(self, map, key, name),
            "key" => take!(self, map, key, key),
            _ => return Ok(false),
        }
        Ok(true)
    }
}
