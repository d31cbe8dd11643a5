//! Alipay's shapes and signatures.

mod facts;
mod sign;

pub(crate) use facts::{BUYER_LOGON_ID, add_payment, basics, fund_bills, vouchers};
pub(crate) use sign::signed_text;
