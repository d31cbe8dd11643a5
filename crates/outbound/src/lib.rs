//! The only HTTP client: address filter, time-outs, size caps.
//!
//! No retry and no redirect: whoever asked decides what an answer means. The address that was
//! checked is the address that is dialled: names are resolved by a resolver that drops refused
//! addresses, so a name that changes between check and dial gains nothing.

mod client;
mod files;
mod filter;
mod sms;

pub use client::Outbound;
pub use filter::AddressPolicy;
pub use sms::{Sms, SmsProvider};
