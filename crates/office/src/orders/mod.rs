//! Orders: their stories, and what is done with them in a merchant's place.

mod act;
mod story;

pub use act::{Acted, RefundOf, close, query, refund};
pub use story::{AttemptView, JobView, Moment, OrderView, PaymentView, RefundView, show};
