//! 结算卡: the cards to which owners are paid. No number and no holder is shown in
//! clear.

mod add;
mod list;
mod sow;

pub use add::{CardProposed, NewCard, add};
pub use list::{CardRow, CardsAsked, list, show};
pub use sow::sow;
