//! Chaoying (超赢) open API v2.5.3: form bodies, JSON answers, one signature of the agent over
//! both.
//!
//! `README.md` beside this file names the source of each rule and the wire's weaknesses.

mod codes;
mod decode;
mod encode;
mod fields;
mod gateway;
mod interface;
mod logins;
mod members;
mod notify;
mod page;
mod sign;
#[cfg(test)]
mod tests;
mod trade;

use heliu_ports::dialect::{
    Descriptor, Dialect, IdForm, Notice, PageReference, Policy, PrepayRepeat, Repeat, Surface,
    Switch,
};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::order::Order;
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::time::{MINUTE_MS, SECOND_MS};
use heliu_trade::wallet::WalletKind;

/// Its id, in tables and configuration.
const ID: &str = "chaoying";

static DESCRIPTOR: Descriptor = Descriptor {
    id: ID,
    name: "Chaoying v2.5.3",
    page_routes: &[page::PATH],
    code_image_routes: &[page::CODE_IMAGE_PATH],
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
    agent_switches: &[
        Switch {
            name: setting::SIGN_PRE_ORDER,
            words: &["on", setting::OFF],
            meaning: "whether answers to pre-orders are signed like all others",
        },
        Switch {
            name: setting::SIGN_ORDER,
            words: &["ascii", setting::IGNORE_CASE],
            meaning: "in which order the names of an answer are signed",
        },
    ],
    wallets: &[
        WalletKind::Wechat,
        WalletKind::Alipay,
        WalletKind::Unionpay,
        WalletKind::Qq,
        WalletKind::Jd,
        WalletKind::Bestpay,
    ],
    policy: Policy {
        repeat: Repeat::Refuse,
        prepay_repeat: PrepayRepeat::HandAgain,
        refund_repeat: RefundRepeat::RetryFailed,
        terminal_wallets: &[WalletKind::Qq],
        pay_wait_ms: 10 * SECOND_MS,
        answers_pending: true,
        horizon_ms: 6 * MINUTE_MS,
        prepay_life_ms: 30 * MINUTE_MS,
        refund_wait_ms: 5 * SECOND_MS,
        refund_query_wait_ms: 0,
        close_barcode_after_ms: None,
        // The channel's earliest reversal, 15 s after the payment, included (ruling 65).
        cancel_wait_ms: 20 * SECOND_MS,
        cancel: CancelRules {
            not_before_ms: 0,
            hours_s: None,
            takes_paid: true,
            takes_prepay: true,
            paid_until_ms: Some(5 * MINUTE_MS),
            accepts_ended: true,
        },
        notify_gaps_ms: &[
            15 * SECOND_MS,
            15 * SECOND_MS,
            30 * SECOND_MS,
            3 * MINUTE_MS,
            30 * MINUTE_MS,
            30 * MINUTE_MS,
            30 * MINUTE_MS,
            30 * MINUTE_MS,
            60 * MINUTE_MS,
        ],
        notify_connect_timeout_ms: 3 * SECOND_MS,
        notify_timeout_ms: 3 * SECOND_MS,
    },
    source: "Chaoying open API v2.5.3, 2019-08-06",
};

static SURFACES: [&dyn Surface; 2] = [&trade::TRADE, &logins::LOGINS];

/// `goods_detail` alone may have 6000 characters: 54 000 bytes when they are Chinese and
/// encoded.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Type of every answer.
const CONTENT_TYPE: &str = "application/json;charset=utf-8";

/// Length of a `nonce_str`.
const NONCE_LENGTH: usize = 32;

/// Texts of a request that are stored with what it makes, and values that an answer repeats.
mod attribute {
    /// What `orderquery` calls the way it was paid.
    pub(super) const TRADE_TYPE: &str = "trade_type";
    pub(super) const ATTACH: &str = "attach";
    /// Kept for reports, never returned.
    pub(super) const OP_USER_ID: &str = "op_user_id";
    pub(super) const OP_SHOP_ID: &str = "op_shop_id";
    pub(super) const OP_DEVICE_ID: &str = "op_device_id";
    /// A basket that nobody can read.
    pub(super) const GOODS_DETAIL: &str = "goods_detail";
    /// Who signs.
    pub(super) const AGENT_ID: &str = "agent_id";
    /// Echo: which interface of the one address.
    pub(super) const METHOD: &str = "method";
    /// Echo: for answers that name the merchant and are about no order.
    pub(super) const MCH_ID: &str = "mch_id";
}

/// Switches of an agent.
mod setting {
    /// Whether pre-order answers are signed too.
    pub(super) const SIGN_PRE_ORDER: &str = "sign_preorder";
    /// They are not, as the printed samples have it.
    pub(super) const OFF: &str = "off";
    /// In which order names are signed.
    pub(super) const SIGN_ORDER: &str = "sign_order";
    /// Without regard to case.
    pub(super) const IGNORE_CASE: &str = "ignore_case";
}

/// The dialect.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chaoying;

impl Dialect for Chaoying {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn surfaces(&self) -> &'static [&'static dyn Surface] {
        &SURFACES
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

    fn page_url(&self, order: &Order, public_url: &str, proof: &str) -> String {
        page::url(order, public_url, proof)
    }

    fn code_image(&self, path: &str, query: &str) -> Option<String> {
        page::code_image(path, query)
    }
}
