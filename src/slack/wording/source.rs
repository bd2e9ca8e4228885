//! Sentences about the catalogue's source: its departments, and whether it gave all that it has.

use super::{Words, codes, number};
use crate::{
    chat::escape,
    report::{ChangedShape, DepartmentName, DepartmentsBy, EmptyDepartments, Percent, ShapeChange},
};

/// Characters of a department's id or name, and of an element's kind.
const NAME_CHARS: usize = 40;
/// Characters of a value's place.
const PLACE_CHARS: usize = 80;
/// Characters of a technical reason.
const REASON_CHARS: usize = 300;

impl Words {
    /// Departments by name and id: `수납 (st001)`, as code.
    fn departments(self, departments: &[DepartmentName], more: u64) -> String {
        let named = departments.iter().map(|department| match &department.name {
            Some(name) => {
                let id: String = department.id.chars().take(NAME_CHARS).collect();
                let name: String = name.chars().take(NAME_CHARS).collect();
                escape::code(&format!("{name} ({id})"), 2 * NAME_CHARS + 3)
            }
            None => escape::code(&department.id, NAME_CHARS),
        });
        let mut named = named.collect::<Vec<_>>().join(", ");
        if more > 0 {
            let more = number(more);
            named.push_str(&say!(self, " 외 {more}개", " and {more} more"));
        }
        named
    }

    /// In brackets behind a sentence's figures, where there are any.
    fn mostly_of(self, departments: &[DepartmentName]) -> String {
        if departments.is_empty() {
            return String::new();
        }
        let named = self.departments(departments, 0);
        say!(self, " 주로 빠진 카테고리: {named}", " Most are missing of: {named}")
    }

    /// The source gave far less than it says it has.
    pub(super) fn source_incomplete(
        self,
        expected: u64,
        found: u64,
        departments: &[DepartmentName],
    ) -> String {
        let (expected, found, mostly) = (number(expected), number(found), self.mostly_of(departments));
        say!(
            self,
            "카탈로그를 다 받지 못했습니다. 전체 {expected}개 중 {found}개만 받았습니다.{mostly}",
            "The catalogue is incomplete: it gave {found} of its {expected} products.{mostly}"
        )
    }

    /// The source gave a little less than it says it has.
    pub(super) fn source_nearly_complete(
        self,
        (measured, limit): (Percent, Percent),
        expected: u64,
        found: u64,
        departments: &[DepartmentName],
    ) -> String {
        let missing = number(expected.saturating_sub(found));
        let (expected, mostly) = (number(expected), self.mostly_of(departments));
        say!(
            self,
            "카탈로그가 알려 준 {expected}개 가운데 {missing}개({measured})를 두 번 읽어도 받지 못했습니다. \
             ({limit}부터 보류){mostly}",
            "{missing} of the {expected} products that the catalogue says it has ({measured}) did not arrive, \
             though it was read twice (held from {limit}).{mostly}"
        )
    }

    /// Many products in a row have another shape than the others.
    pub(super) fn shape_changed(self, changed: &ChangedShape) -> String {
        let ChangedShape { measured, limit, change } = changed;
        let ShapeChange { field, products, first, id, gone, new, .. } = change;
        let (products, first, field) = (number(*products), number(*first), escape::code(field, NAME_CHARS));
        let id = if id.is_empty() { String::new() } else { format!(", ID {}", escape::code(id, NAME_CHARS)) };
        let keys =
            |keys: &[String]| if keys.is_empty() { "–".to_owned() } else { codes(keys, PLACE_CHARS) };
        let limited = match new.is_empty() {
            true => self
                .pick("대신 들어온 항목이 없어 보류하지는 않습니다", "not held, for nothing new stands there")
                .to_owned(),
            false => say!(self, "보류 기준 {limit}", "held from {limit}"),
        };
        let (gone, new) = (keys(gone), keys(new));
        say!(
            self,
            "카탈로그의 형식이 중간에 바뀌었습니다. {first}번째 상품부터 {products}개({measured}{id})에 {field} 값이 없습니다. \
             없어진 항목: {gone} / 새 항목: {new} ({limited})",
            "The catalogue changes its shape in the middle: from product {first} on, {products} in a row \
             ({measured}{id}) have no {field}. Gone: {gone} / new: {new} ({limited})."
        )
    }

    /// Departments that had products have none now.
    pub(super) fn departments_empty(self, empty: &EmptyDepartments) -> String {
        let EmptyDepartments { measured, limit, departments, more, elements } = empty;
        let (named, elements) = (self.departments(departments, *more), number(*elements));
        say!(
            self,
            "공개된 피드에는 상품이 있던 카테고리에서 이번에는 하나도 받지 못했습니다: {named} (상품 {elements}개, \
             전체의 {measured}, 보류 기준 {limit})",
            "Departments that had products in the published feed gave none now: {named} ({elements} products, \
             {measured} of all; held from {limit})."
        )
    }

    /// The shop's own list of departments could not be read.
    pub(super) fn departments_not_read(self, by: DepartmentsBy, departments: u64, why: &str) -> String {
        let (departments, why) = (number(departments), escape::code(why, REASON_CHARS));
        match by {
            DepartmentsBy::Preset => say!(
                self,
                "쇼핑몰의 카테고리 목록을 읽지 못해 미리 정해 둔 목록({departments}개)을 사용했습니다. 빠진 카테고리가 \
                 없는지 확인해 주세요. {why}",
                "The shop's list of departments could not be read, so the preset's own was used ({departments}). \
                 Please check that none is missing. {why}"
            ),
            _ => say!(
                self,
                "쇼핑몰의 카테고리 목록을 읽지 못해 마지막으로 읽은 목록({departments}개)을 사용했습니다. 새 카테고리가 \
                 있다면 빠져 있을 수 있습니다. {why}",
                "The shop's list of departments could not be read, so the last one that was read was used \
                 ({departments}); a new department would be missing. {why}"
            ),
        }
    }

    /// The source's own count could not be had.
    pub(super) fn count_unknown(self, uncounted: u64, of: u64) -> String {
        if of == 1 {
            return self
                .pick(
                    "카탈로그가 스스로 밝히는 상품 수를 읽지 못해, 빠진 상품이 없는지 확인하지 못했습니다.",
                    "The catalogue's own count could not be read, so nobody knows whether products are missing.",
                )
                .to_owned();
        }
        let [uncounted, of] = [uncounted, of].map(number);
        say!(
            self,
            "카테고리 {of}개 중 {uncounted}개의 상품 수를 읽지 못해, 빠진 상품이 없는지 확인하지 못했습니다.",
            "The counts of {uncounted} of {of} departments could not be read, so nobody knows whether products are \
             missing there."
        )
    }

    /// The shop has new departments.
    pub(super) fn new_departments(self, departments: &[DepartmentName], more: u64) -> String {
        let named = self.departments(departments, more);
        say!(self, "새 카테고리: {named}", "New departments: {named}")
    }

    /// Departments are gone from the shop's list.
    pub(super) fn vanished_departments(self, departments: &[DepartmentName], more: u64) -> String {
        let named = self.departments(departments, more);
        say!(
            self,
            "쇼핑몰의 목록에서 없어진 카테고리: {named}",
            "Departments that the shop's list no longer names: {named}"
        )
    }

    /// Elements of the listing that hold no product.
    pub(super) fn no_products(self, elements: u64, kinds: &[String]) -> String {
        let (kinds, elements) = (codes(kinds, NAME_CHARS), number(elements));
        say!(
            self,
            "카탈로그 목록에서 상품이 아닌 항목: {elements}개 ({kinds})",
            "Entries of the catalogue that are no products: {elements} ({kinds})."
        )
    }
}
