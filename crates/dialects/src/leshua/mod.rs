//! Leshua (乐刷) trade gateway: form bodies, XML answers and notifications, MD5 over sorted pairs.
//!
//! `README.md` beside this file names the source of each rule and the wire's weaknesses.

mod codes;
mod data;
mod notify;
mod opening;
mod page;
mod payouts;
mod sign;
mod statements;
#[cfg(test)]
mod tests;
mod trade;

use heliu_ports::dialect::{
    Descriptor, Dialect, IdForm, Notice, PageReference, PayoutNotice, Policy, PrepayRepeat, Repeat,
    Statements, Surface, Switch,
};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::order::Order;
use heliu_trade::step::{CancelRules, RefundRepeat};
use heliu_trade::time::{MINUTE_MS, SECOND_MS};
use heliu_trade::wallet::WalletKind;

/// Its id, in tables and configuration.
const ID: &str = "leshua";

/// One hour, in ms.
const HOUR_MS: i64 = 60 * MINUTE_MS;

static DESCRIPTOR: Descriptor = Descriptor {
    id: ID,
    name: "Leshua trade gateway",
    page_routes: &[page::PATH, page::OLD_PATH],
    code_image_routes: &[],
    app_id: IdForm {
        min: 10,
        max: 10,
        has_letters: false,
    },
    agent_id: IdForm {
        min: 2,
        max: 8,
        has_letters: false,
    },
    // Terminals' notices (ruling 75).
    agent_key_roles: &["pos"],
    app_switches: &[Switch {
        name: setting::NOTICE_ERROR_CODE,
        words: &["none", codes::NO_ERROR],
        meaning: "whether notices about a success carry an error_code of 0",
    }],
    agent_switches: &statements::SWITCHES,
    wallets: &[WalletKind::Wechat, WalletKind::Alipay, WalletKind::Unionpay],
    policy: Policy {
        repeat: Repeat::ReturnPresent,
        prepay_repeat: PrepayRepeat::HandSame,
        refund_repeat: RefundRepeat::ReturnPresent,
        terminal_wallets: &[],
        pay_wait_ms: 10 * SECOND_MS,
        answers_pending: true,
        horizon_ms: 6 * MINUTE_MS,
        prepay_life_ms: 120 * MINUTE_MS,
        refund_wait_ms: 0,
        refund_query_wait_ms: 3 * SECOND_MS,
        close_barcode_after_ms: Some(5 * MINUTE_MS),
        cancel_wait_ms: 10 * SECOND_MS,
        // No service cancels.
        cancel: CancelRules {
            not_before_ms: 0,
            hours_s: None,
            takes_paid: false,
            takes_prepay: false,
            paid_until_ms: None,
            accepts_ended: true,
        },
        notify_gaps_ms: &[
            15 * SECOND_MS,
            15 * SECOND_MS,
            30 * SECOND_MS,
            3 * MINUTE_MS,
            10 * MINUTE_MS,
            20 * MINUTE_MS,
            30 * MINUTE_MS,
            30 * MINUTE_MS,
            30 * MINUTE_MS,
            HOUR_MS,
            3 * HOUR_MS,
            3 * HOUR_MS,
            3 * HOUR_MS,
            6 * HOUR_MS,
            6 * HOUR_MS,
        ],
        notify_connect_timeout_ms: 5 * SECOND_MS,
        notify_timeout_ms: 10 * SECOND_MS,
    },
    source: "Leshua saas open platform, trade services, 2017 to 2019",
};

/// Type of every answer.
const CONTENT_TYPE: &str = "text/xml;charset=UTF-8";
/// The element around every answer and notification.
const ROOT: &str = "leshua";
/// Length of a `nonce_str` of ours.
const NONCE_LENGTH: usize = 32;

/// Texts of a request that are stored with what it makes, and values that an answer repeats.
mod attribute {
    /// Returned unchanged.
    pub(super) const ATTACH: &str = "attach";
    /// Kept for reports, never returned.
    pub(super) const HB_FQ_NUM: &str = "hb_fq_num";
    pub(super) const T0: &str = "t0";
    pub(super) const ROYALTY: &str = "royalty";
    pub(super) const SOURCE: &str = "Source";
    /// A basket that nobody can read.
    pub(super) const GOODS_DETAIL: &str = "goods_detail";
    /// Names in errors.
    pub(super) const NOTIFY_URL: &str = "notify_url";
    pub(super) const JUMP_URL: &str = "jump_url";
    pub(super) const JSPAY_FLAG: &str = "jspay_flag";
    pub(super) const SUB_OPENID: &str = "sub_openid";
    pub(super) const LESHUA_ORDER_ID: &str = "leshua_order_id";
    pub(super) const EXTEND_BUSINESS_PARAMS: &str = "extend_business_params";
    /// Echo.
    pub(super) const SERVICE: &str = "service";
    pub(super) const MERCHANT_ID: &str = "merchant_id";
    pub(super) const THIRD_ORDER_ID: &str = "third_order_id";
    pub(super) const PAY_WAY: &str = "pay_way";
    pub(super) const MERCHANT_REFUND_ID: &str = "merchant_refund_id";
    pub(super) const REFUND_AMOUNT: &str = "refund_amount";
}

/// Switches of an app.
mod setting {
    /// `error_code` of notices about a success.
    pub(super) const NOTICE_ERROR_CODE: &str = "notice_error_code";
}

/// The dialect.
#[derive(Debug, Clone, Copy, Default)]
pub struct Leshua;

impl Dialect for Leshua {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn surfaces(&self) -> &'static [&'static dyn Surface] {
        &[&trade::Trade, &payouts::Payouts]
    }

    fn notification(&self, notice: Notice<'_>) -> Outgoing<OutRequest> {
        notify::render(notice)
    }

    fn acknowledges(&self, answer: &WireResponse) -> bool {
        notify::acknowledges(answer)
    }

    fn payout_notice(&self, notice: PayoutNotice<'_>) -> Option<OutRequest> {
        payouts::callback::render(notice)
    }

    fn statements(&self) -> Option<&'static dyn Statements> {
        Some(&statements::Files)
    }

    fn page(&self, path: &str, query: &str) -> Option<PageReference> {
        page::read(path, query)
    }

    fn page_url(&self, order: &Order, public_url: &str, proof: &str) -> String {
        page::url(order, public_url, proof)
    }
}
