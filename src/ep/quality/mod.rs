//! What a sound row can still be bad at: texts that were destroyed on their way here, titles that Naver sanctions, and
//! values that stand on many products.
//!
//! Pure and cheap: the writer asks for each product, the verifier for each row. They find and never mend.

pub mod destroyed;
pub mod hashes;
pub mod phone;
pub mod promotion;
pub mod repeats;

use super::plain::Glance;

/// What is wrong with a title.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TitleFlaws {
    /// It was destroyed on its way here.
    pub destroyed: bool,
    /// It holds a phone number.
    pub phone_number: bool,
    /// It holds a promotion phrase.
    pub promotion: bool,
}

impl TitleFlaws {
    /// Looks at a title that was glanced at.
    pub fn of(title: &str, glance: Glance) -> Self {
        Self {
            destroyed: destroyed::glanced(title, glance).is_some(),
            phone_number: phone::glanced(title, glance).is_some(),
            promotion: promotion::glanced(title, glance).is_some(),
        }
    }
}
