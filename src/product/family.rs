//! A product and, for a variant, the product that it is a variant of.
//!
//! A variant inherits the category path, the type name and the currency where it has none of its own; never its id, its
//! name, its price, its link or an image.

use std::borrow::Cow;

use super::{Category, List, Nested, Product, SalesPrice, Scalar};

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

    /// Its variants; what is none is left out.
    pub fn variants(&self) -> impl Iterator<Item = &'p Product<'a>> + use<'p, 'a> {
        let group = self.product.gpr_description.as_ref().and_then(|group| group.here());
        let variants = group.and_then(|group| group.variants.as_ref()).map_or(&[][..], |list| &list.0);
        variants.iter().filter(|variant| variant.says_something())
    }

    /// `itemNo`
    pub fn id(&self) -> Option<Cow<'p, str>> {
        text(&self.product.item_no)
    }

    /// `name`
    pub fn name(&self) -> Option<Cow<'p, str>> {
        text(&self.product.name)
    }

    /// Whether anything stands in the place of its price.
    pub fn has_price(&self) -> bool {
        match &self.product.sales_price {
            Some(Nested::Here(_)) => true,
            Some(Nested::Other(other)) => !other.is_absent(),
            None => false,
        }
    }

    /// `salesPrice`, where it is an object.
    pub fn price(&self) -> Option<&'p SalesPrice<'a>> {
        self.product.sales_price.as_ref().and_then(|price| price.here())
    }

    /// The category path, its own or its product's: outermost first, levels without a name left out.
    pub fn categories(&self) -> Vec<&'p Category<'a>> {
        let own = self.product.category_path.as_ref().map_or(&[][..], |List(levels)| levels);
        let named: Vec<_> = own.iter().filter(|level| text(&level.name).is_some()).collect();
        match self.parent {
            Some(parent) if named.is_empty() => parent.categories(),
            _ => named,
        }
    }

    /// The type name, its own or its product's.
    pub fn type_name(&self) -> Option<Cow<'p, str>> {
        text(&self.product.type_name).or_else(|| self.parent?.type_name())
    }

    /// The currency, its own or its product's, as it is written.
    pub fn currency(&self) -> Option<&'p Scalar<'a>> {
        let own = self.price().and_then(|price| price.currency_code.as_ref());
        own.filter(|currency| !currency.is_absent()).or_else(|| self.parent?.currency())
    }

    /// Every image address and where it stands, the main one first; the same one may come twice.
    pub fn images(&self) -> impl Iterator<Item = (ImageField, Cow<'p, str>)> + use<'p, 'a> {
        let product = self.product;
        let others = product.all_product_image.as_ref().map_or(&[][..], |List(images)| images);
        let others = others.iter().enumerate();
        let main = text(&product.main_image_url).map(|url| (ImageField::Main, url));
        let contextual = text(&product.contextual_image_url).map(|url| (ImageField::Contextual, url));
        main.into_iter()
            .chain(others.filter_map(|(at, image)| Some((ImageField::Listed(at), text(&image.url)?))))
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
