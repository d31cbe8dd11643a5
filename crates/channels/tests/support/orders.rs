//! Orders and refunds to try channels with.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_ports::channel::{ChannelOrder, ChannelRefund};
use heliu_trade::attempt::{Attempt, AttemptState, Route};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::fee::{ShareTerms, Tariff};
use heliu_trade::goods::{Goods, SaleTerms};
use heliu_trade::id::AttemptNo;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::{Funding, Scene, WalletKind};

use super::NOW_MS;

/// The number of every order here.
pub(crate) const NUMBER: &str = "0001234567890123";
/// The number of every refund here.
pub(crate) const REFUND_NO: &str = "0001234567899999";
/// What every order charges.
pub(crate) const CHARGE_FEN: i64 = 8888;
/// What every refund gives back.
pub(crate) const REFUND_FEN: i64 = 3000;
/// Where callbacks go.
pub(crate) const CALLBACK_URL: &str = "https://pay.example.com/callback/t0ken";

/// What a test holds while a channel borrows it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) account: ChannelAccount,
    pub(crate) attempt: Attempt,
    pub(crate) subject: String,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) terms: SaleTerms,
}

impl Case {
    pub(crate) fn new(channel: &str, settings: &[(&str, &str)], api: &str, scene: Scene) -> Self {
        let account = ChannelAccount {
            channel_account_id: "main".into(),
            channel_id: channel.into(),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
        };
        let (wallet, sub_merchant_id) = match channel {
            "wechat_partner" => (WalletKind::Wechat, "1900000109"),
            "unionpay_partner" => (WalletKind::Unionpay, "777290058110097"),
            _ => (WalletKind::Alipay, "2088000000000009"),
        };
        let attempt = Attempt {
            attempt_no: NUMBER.parse::<AttemptNo>().expect("a number"),
            state: AttemptState::Pending,
            sent_at: Timestamp::from_ms(NOW_MS),
            asked_at: None,
            route: Arc::new(Route {
                channel_id: channel.into(),
                channel_account_id: "main".into(),
                wallet,
                scene,
                sub_merchant_id: sub_merchant_id.to_owned(),
                sub_app_id: None,
                provider_merchant_no: None,
                provider_app_id: None,
                payer_id: None,
                payer_login: None,
                api: api.to_owned(),
                fee: Tariff::default(),
                shares: ShareTerms::default(),
                funds: heliu_trade::funds::FundsTerms::default(),
                query_gap_ms: 5_000,
                reverse_after_ms: 15_000,
                refund_gap_ms: 60_000,
                refund_count_max: 50,
                reverses_by_call: true,
            }),
            handoff: None,
            evidence: None,
        };
        Self {
            account,
            attempt,
            subject: "咖啡 & cake".to_owned(),
            expires_at: None,
            terms: SaleTerms::default(),
        }
    }

    /// With all that a merchant can state.
    pub(crate) fn with_terms(mut self) -> Self {
        self.terms = terms();
        self
    }

    pub(crate) fn payer(mut self, id: &str) -> Self {
        Arc::make_mut(&mut self.attempt.route).payer_id = Some(id.to_owned());
        self
    }

    pub(crate) fn payer_login(mut self, login: &str) -> Self {
        Arc::make_mut(&mut self.attempt.route).payer_login = Some(login.to_owned());
        self
    }

    pub(crate) fn sub_app(mut self, id: &str) -> Self {
        Arc::make_mut(&mut self.attempt.route).sub_app_id = Some(id.to_owned());
        self
    }

    pub(crate) fn setting(mut self, name: &str, value: &str) -> Self {
        self.account
            .settings
            .insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn expires_in(mut self, ms: i64) -> Self {
        self.expires_at = Some(Timestamp::from_ms(NOW_MS + ms));
        self
    }

    pub(crate) fn seen_paid(mut self) -> Self {
        self.attempt.evidence = Some(Arc::new(evidence()));
        self
    }

    pub(crate) fn order(&self) -> ChannelOrder<'_> {
        ChannelOrder {
            account: &self.account,
            attempt: &self.attempt,
            charge_fen: CHARGE_FEN,
            subject: &self.subject,
            terms: &self.terms,
            expires_at: self.expires_at,
            callback_url: CALLBACK_URL,
            terminal_ip: "203.0.113.7",
        }
    }
}

pub(crate) fn refund() -> ChannelRefund<'static> {
    ChannelRefund {
        refund_no: REFUND_NO,
        refund_fen: REFUND_FEN,
        reason: "退货",
    }
}

/// Some evidence that was stored before.
pub(crate) fn evidence() -> Evidence {
    Evidence {
        payable_fen: CHARGE_FEN,
        cash_fen: CHARGE_FEN,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: "stored".to_owned(),
        payer_order_no: "stored".to_owned(),
        payer_id: None,
        funding: Funding::Balance,
        paid_at: Timestamp::from_ms(NOW_MS),
        notes: None,
    }
}

/// All that a merchant can state about a sale.
pub(crate) fn terms() -> SaleTerms {
    SaleTerms {
        goods_tag: Some("SUMMER".to_owned()),
        goods: vec![
            Goods {
                goods_id: "sku-1".to_owned(),
                wallet_goods_id: Some("1001".to_owned()),
                name: Some("拿铁 \"大\"".to_owned()),
                quantity: 2,
                price_fen: 3_000,
            },
            Goods {
                goods_id: "sku-2".to_owned(),
                wallet_goods_id: None,
                name: None,
                quantity: 1,
                price_fen: 2_888,
            },
        ],
        product_id: Some("P1".to_owned()),
        shop_id: Some("shop-1".to_owned()),
        terminal_id: Some("T0001".to_owned()),
        terminal_ip: Some("198.51.100.9".to_owned()),
        refuses_credit: true,
        wallet_terms: None,
    }
}
