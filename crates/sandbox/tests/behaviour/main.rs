//! Behaviour through the router, signed by an implementation that shares nothing with `src`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says so by panicking"
)]

mod alipay;
mod barcode;
mod codes;
mod control;
mod face;
mod limits;
mod logins;
mod notifications;
mod payout_bank;
mod promotions;
mod sms;
mod socket;
mod trades;
mod unionpay;
mod unionpay_money;
mod unionpay_payers;
mod unionpay_wire;
mod v3;
mod wechat_keys;
mod world;
