//! Channels: pure translators between the engine's words and one upstream protocol each.
//!
//! A folder a channel, the same files in each. A channel describes requests, signatures and what
//! answers mean; it has no client, no key, no clock, no retry and no log. It is a table of its
//! verbs (`protocol.rs`). To add one: write its folder, add its line to [`all`], and pass
//! `tests/conformance.rs`.

mod account;
mod answer;
mod discount;
mod json;
mod notes;
mod order;
mod payout_table;
mod payouts_only;
mod protocol;
mod text;

mod alipay;
mod bank_file;
mod sandbox_bank;
mod unionpay;
mod wechat;

use std::sync::Arc;

use heliu_ports::channel::Channel;

/// Every channel.
#[must_use]
pub fn all() -> Vec<Arc<dyn Channel>> {
    vec![
        Arc::new(wechat::PROTOCOL),
        Arc::new(alipay::PROTOCOL),
        Arc::new(unionpay::PROTOCOL),
        Arc::new(sandbox_bank::PROTOCOL),
        Arc::new(bank_file::PROTOCOL),
    ]
}

/// The channel of that id, as its descriptor states it.
#[must_use]
pub fn find(id: &str) -> Option<Arc<dyn Channel>> {
    all()
        .into_iter()
        .find(|channel| channel.descriptor().id == id)
}
