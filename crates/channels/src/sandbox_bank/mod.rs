//! The sandbox's bank, which pays from the operator's account to cards and accounts. It stands for
//! the banks that are called directly. Its wire: README of the sandbox's `payout_bank`.

mod bank;
mod payouts;
mod sign;

use heliu_ports::channel::ChannelDescriptor;
use heliu_ports::setting::{Setting, SettingForm};

use crate::payout_table::PayoutTable;
use crate::payouts_only;
use crate::protocol::Protocol;

const ID: &str = "sandbox_bank";

static DESCRIPTOR: ChannelDescriptor = ChannelDescriptor {
    id: ID,
    name: "沙箱银行",
    settings: &[
        Setting::required(
            "base_url",
            SettingForm::Address,
            "where the bank is reached, up to /v1, such as http://127.0.0.1:8090/payout_bank",
        ),
        Setting::required(
            "customer_no",
            SettingForm::Digits(4, 16),
            "the customer's number, which is told with each call",
        ),
    ],
    keys: &[(
        "bank_hmac",
        "the secret that the bank handed over, as text; signs both ways",
    )],
    optional_keys: &[],
    named_keys: &[],
    contract_keys: &[],
    check_sub_merchant_id: payouts_only::no_contracts,
    source: "crates/sandbox/src/upstreams/payout_bank/README.md",
};

/// The channel. It has no state.
pub(crate) static PROTOCOL: Protocol = payouts_only::channel(
    &DESCRIPTOR,
    Some(PayoutTable {
        send: |upstream, payout| Box::pin(payouts::send(upstream, payout)),
        query: |upstream, payout| Box::pin(payouts::query(upstream, payout)),
    }),
    None,
);
