//! What the upstreams believe: orders, refunds, timers, notifications, all in `sandbox.db`.
//!
//! The database is the only truth; nothing about an order is kept in memory, so a restart changes
//! nothing.

mod codes;
mod faults;
mod handle;
mod logins;
mod money;
mod notifications;
mod order;
mod promotion;
mod records;
mod sms;
mod timers;
mod transfers;
mod verb;

pub(crate) use handle::Book;
pub(crate) use logins::LoginCode;
pub(crate) use money::{Parts, parse_yuan, split, yuan};
pub(crate) use order::{Order, Refund, RefundState, Scene, State};
pub(crate) use promotion::{DiscountedGoods, Goods, Promotion};
pub(crate) use records::{NewNotification, NotificationRow, Sending, Timer};
pub(crate) use transfers::{Transfer, TransferState, Turn};
pub(crate) use verb::Verb;
