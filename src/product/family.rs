//! A product and, for a variant, the product that it is a variant of.
//!
//! A variant inherits the category path, the type name and the currency where it has none of its own; never its id, its
//! name, its price, its link or an image.

use std::borrow::Cow;

use super::{Category, Product, SalesPrice, Scalar};

/// A product as a member of its family.
#[derive(Debug, Clone, Copy)]
pub struct Member<'p, 'a> {
    /// The product itself.
    pub product: &'p Product<'a>,
    parent: Option<&'p Member<'p, 'a>>,
}

impl<'p, 'a> Member<'p, 'a> {
    /// A product of the listing.
    pub fn listed(product: &'p Product<'a>) -> Self {
        Self { product, parent: None }
    }

    /// A variant of this one.
    pub fn variant(&'p self, product: &'p Product<'a>) -> Self {
        Self { product, parent: Some(self) }
    }

    /// Whether it is a variant of another product.
    pub fn is_variant(&self) -> bool {
        self.parent.is_some()
    }

    /// The texts of its variants, each an object that may be a product.
    pub fn variants(&self) -> impl Iterator<Item = &'a [u8]> + use<'p, 'a> {
        let group = self.product.gpr_description.as_ref().and_then(|group| group.here());
        group.into_iter().flat_map(|group| group.variants.texts())
    }

    /// `itemNo`
    pub fn id(&self) -> Option<Cow<'p, str>> {
        text(&self.product.item_no)
    }

    /// `name`
    pub fn name(&self) -> Option<Cow<'p, str>> {
        text(&self.product.name)
    }

    /// `salesPrice`, where it is an object.
    pub fn price(&self) -> Option<&'p SalesPrice<'a>> {
        self.product.sales_price.as_ref().and_then(|price| price.here())
    }

    /// Itself, then the product that it is a variant of, and so on: in this order it takes what it inherits.
    pub fn lineage(&self) -> impl Iterator<Item = Self> + use<'p, 'a> {
        std::iter::successors(Some(*self), |member| member.parent.copied())
    }

    /// Its own category path, outermost first.
    pub fn categories(&self) -> &'p [Category<'a>] {
        self.product.category_path.as_ref().map_or(&[][..], |levels| &levels.items)
    }

    /// Its own type name.
    pub fn type_name(&self) -> Option<Cow<'p, str>> {
        text(&self.product.type_name)
    }

    /// The currency, its own or its product's, as it is written.
    pub fn currency(&self) -> Option<&'p Scalar<'a>> {
        // A bare word says nothing of a currency.
        let says = |currency: &&Scalar<'_>| !currency.is_absent() && !matches!(currency, Scalar::Bare(_));
        self.lineage().find_map(|member| member.price()?.currency_code.as_ref().filter(says))
    }

    /// Every image address and where it stands, the main one first; the same one may come twice.
    pub fn images(&self) -> impl Iterator<Item = (ImageField, Cow<'p, str>)> + use<'p, 'a> {
        let product = self.product;
        let others = product.all_product_image.as_ref().map_or(&[][..], |images| &images.items);
        let main = text(&product.main_image_url).map(|url| (ImageField::Main, url));
        let contextual = text(&product.contextual_image_url).map(|url| (ImageField::Contextual, url));
        main.into_iter()
            .chain(
                others.iter().filter_map(|image| Some((ImageField::Listed(image.place), text(&image.url)?))),
            )
            .chain(contextual)
    }
}

/// Where an image stands in a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageField {
    /// `mainImageUrl`
    Main,
    /// `allProductImage`, from 0; elements that are no objects do not count.
    Listed(usize),
    /// `contextualImageUrl`
    Contextual,
}

impl std::fmt::Display for ImageField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Main => f.write_str("mainImageUrl"),
            Self::Listed(at) => write!(f, "allProductImage/{at}/url"),
            Self::Contextual => f.write_str("contextualImageUrl"),
        }
    }
}

/// The text of a field, `None` where there is none.
pub fn text<'p>(field: &'p Option<Scalar<'_>>) -> Option<Cow<'p, str>> {
    field.as_ref().and_then(Scalar::text)
}
