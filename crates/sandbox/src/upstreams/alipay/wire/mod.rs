//! Alipay's shapes and signatures.

mod facts;
mod sign;

pub(crate) use facts::{add_payment, basics, buyer_logon_id, fund_bills, vouchers};
pub(crate) use sign::signed_text;
