//! What a sound row can still be bad at: texts that were destroyed on their way here, titles that Naver sanctions, and
//! values that stand on many products.
//!
//! Pure and cheap: the writer asks for each product, the verifier for each row. They find and never mend, and how much
//! of it is too much is for the gate and the verification to say.

pub mod destroyed;
pub mod phone;
pub mod promotion;
pub mod repeats;
