//! Orders: their list, their stories, and what is done with them in a merchant's place.

mod act;
mod list;
mod story;

pub use act::{Acted, RefundOf, close, query, refund};
pub use list::{OrderRow, OrdersAsked, list};
pub(crate) use list::{agent_key, wallet};
pub use story::{AttemptView, JobView, OrderView, PaymentView, RefundView, show};
