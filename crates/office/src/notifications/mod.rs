//! Notifications: listed, and delivered anew.

mod list;
mod resend;

pub use list::{NoticeRow, NoticesAsked, list};
pub use resend::{Recovered, recover, resend};
