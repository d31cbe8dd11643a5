//! Fufu (付付) open API V1.1.1: JSON bodies, the signature in the query.
//!
//! `README.md` beside this file names the source of each rule and the wire's weaknesses.

mod codes;
mod members;
mod notify;
mod page;
mod sign;
#[cfg(test)]
mod tests;
mod trade;

use heliu_ports::dialect::{
    Descriptor, Dialect, IdForm, Notice, PageReference, Policy, PrepayRepeat, Repeat, Surface,
};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::order::Order;
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::time::{MINUTE_MS, SECOND_MS};
use heliu_trade::wallet::WalletKind;

/// Its id, in tables and configuration.
const ID: &str = "fufu";

static DESCRIPTOR: Descriptor = Descriptor {
    id: ID,
    name: "Fufu V1.1.1",
    page_routes: &[page::PATH],
    code_image_routes: &[],
    app_id: IdForm {
        min: 1,
        max: 32,
        has_letters: true,
    },
    agent_id: IdForm {
        min: 1,
        max: 32,
        has_letters: true,
    },
    agent_key_roles: &[],
    app_switches: &[],
    agent_switches: &[],
    wallets: &[WalletKind::Wechat, WalletKind::Alipay],
    policy: Policy {
        repeat: Repeat::Refuse,
        prepay_repeat: PrepayRepeat::Refuse,
        refund_repeat: RefundRepeat::Refuse,
        terminal_wallets: &[],
        pay_wait_ms: 80 * SECOND_MS,
        answers_pending: false,
        horizon_ms: 75 * SECOND_MS,
        prepay_life_ms: 5 * MINUTE_MS,
        refund_wait_ms: 5 * SECOND_MS,
        refund_query_wait_ms: 0,
        close_barcode_after_ms: None,
        cancel_wait_ms: 10 * SECOND_MS,
        cancel: CancelRules {
            not_before_ms: 15 * SECOND_MS,
            hours_s: Some((3600, 23 * 3600)),
            takes_paid: false,
            takes_prepay: false,
            paid_until_ms: None,
            accepts_ended: false,
        },
        notify_gaps_ms: &[5 * SECOND_MS; 4],
        notify_connect_timeout_ms: 3 * SECOND_MS,
        notify_timeout_ms: 10 * SECOND_MS,
    },
    source: "Fufu open API V1.1.1, 2018-01-15",
};

/// Type of every body that we send.
const CONTENT_TYPE: &str = "application/json;charset=UTF-8";

/// Texts of a request that are stored with what it makes and come back in answers.
mod attribute {
    pub(super) const OPERATOR_ID: &str = "operator_id";
    pub(super) const TERMINAL_ID: &str = "terminal_id";
    pub(super) const MERCHANT_PARAM: &str = "merchant_param";
    /// Kept for reports, never returned.
    pub(super) const STORE_ID: &str = "store_id";
    pub(super) const TIME_ZONE: &str = "time_zone";
}

/// The dialect.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fufu;

impl Dialect for Fufu {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn surfaces(&self) -> &'static [&'static dyn Surface] {
        &[&trade::Trade]
    }

    fn notification(&self, notice: Notice<'_>) -> Outgoing<OutRequest> {
        notify::render(notice)
    }

    fn acknowledges(&self, answer: &WireResponse) -> bool {
        notify::acknowledges(answer)
    }

    fn page(&self, path: &str, query: &str) -> Option<PageReference> {
        page::read(path, query)
    }

    fn page_url(&self, order: &Order, public_url: &str, _proof: &str) -> String {
        page::url(order, public_url)
    }
}
