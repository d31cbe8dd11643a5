//! What the suite answers and tells: one of each kind.

use std::collections::BTreeMap;

use heliu_ports::dialect::Dialect;
use heliu_trade::attempt::Handoff;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::command::{
    FaceCredentialReply, MerchantReply, MiniProgramSession, Reply, StatementReply,
};
use heliu_trade::directory::{App, MerchantState};
use heliu_trade::followup::notification::{NoticeKind, Notification, NotificationState};
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{AppId, MerchantId, NotificationNo, OrderNo, PlatformNo, RefundNo};
use heliu_trade::order::{Order, OrderState, RefundTotals};
use heliu_trade::payout_view::{PayoutClass, PayoutPage, PayoutStanding, PayoutView};
use heliu_trade::refund::{Refund, RefundDetails, RefundState};
use heliu_trade::wallet::Scene;

use super::NOW;
use super::orders::blank_order;

pub(crate) fn app(dialect: &dyn Dialect) -> App {
    App {
        app_id: AppId::from("1"),
        merchant_id: MerchantId::from("m"),
        dialect_id: dialect.descriptor().id.into(),
        agent_id: None,
        partners: Vec::new(),
        settings: BTreeMap::new(),
    }
}

/// Every kind of reply, about an order in this state.
pub(crate) fn replies(state: OrderState) -> Vec<Reply> {
    let order = || Box::new(Order { state, ..order() });
    let refund = || Refund {
        refund_no: RefundNo::from_u64(1),
        order_no: OrderNo::from_u64(1),
        merchant_refund_no: "R-1".to_owned(),
        state: RefundState::Refunding,
        amounts: RefundTotals::default(),
        created_at: NOW,
        sent_at: None,
        ended_at: None,
        details: RefundDetails::default(),
    };
    let handoffs = [
        None,
        Some(Handoff::TradeNo("1".to_owned())),
        Some(Handoff::CodeUrl("weixin://x?y=1&z".to_owned())),
        Some(Handoff::Redirect("https://w/x?y=1&z".to_owned())),
        Some(Handoff::Invocation(vec![("a".to_owned(), "\"".to_owned())])),
    ];
    let prepaid = handoffs.map(|handoff| Reply::Prepaid {
        order: order(),
        attempt: None,
        handoff,
    });
    let attempts = Vec::new;
    let mut replies = vec![
        Reply::Order {
            order: order(),
            attempts: attempts(),
            auth_code: None,
        },
        Reply::Refund {
            order: order(),
            refund: Box::new(refund()),
            attempts: attempts(),
        },
        Reply::Refunds {
            order: order(),
            refunds: vec![refund(), refund()],
            attempts: attempts(),
        },
        Reply::Refunds {
            order: order(),
            refunds: Vec::new(),
            attempts: attempts(),
        },
        Reply::FaceCredential(Box::new(FaceCredentialReply {
            app_id: "a".to_owned(),
            sub_app_id: None,
            provider_merchant_no: "1".to_owned(),
            sub_merchant_id: "2".to_owned(),
            credential: "c".to_owned(),
            expires_in_s: 3600,
        })),
        Reply::Merchant(Box::new(MerchantReply {
            app_id: AppId::from("1"),
            full_name: "n".to_owned(),
            short_name: String::new(),
            state: MerchantState::Pending,
            trade_code: "t".to_owned(),
            partners: Vec::new(),
        })),
        Reply::Payer {
            payer_id: "p".to_owned(),
        },
        Reply::LoginCodeSent { life_ms: 1_200_000 },
        Reply::Payout(Box::new(payout())),
        Reply::Payouts(PayoutPage {
            rows: vec![payout(), payout()],
            page_no: 1,
            page_size: 20,
            total: 2,
        }),
        Reply::Statement(Box::new(StatementReply {
            name: "s.txt".to_owned(),
            path: "/statements/s.txt".into(),
            bytes: 1,
            sha256: "0".repeat(64),
        })),
        Reply::MiniProgramSession(Box::new(MiniProgramSession {
            payer_id: "p".to_owned(),
            session_key: "k".to_owned(),
            union_id: None,
            expires_in_s: 7200,
        })),
    ];
    replies.extend(prepaid);
    replies
}

pub(crate) fn payout() -> PayoutView {
    PayoutView {
        bill_id: "20260102000000000001".to_owned(),
        app_id: AppId::from("1"),
        class: PayoutClass::NextDay,
        standing: PayoutStanding::Returned,
        is_final: true,
        created_at: NOW,
        answered_at: None,
        trade_date: BusinessDate::of(NOW),
        plan_fen: 498,
        suspend_fen: 0,
        real_fen: 498,
        fail_reason: "\"".to_owned(),
        previous_bill_id: None,
        card_masked: "620000*********0018".to_owned(),
        holder_masked: "*".to_owned(),
        branch: String::new(),
    }
}

pub(crate) fn order() -> Order {
    Order {
        merchant_order_no: "T-1".to_owned(),
        scene: Scene::Qr,
        state: OrderState::Paid,
        amount_minor: 158,
        charge_fen: 158,
        ended_at: Some(NOW),
        ..blank_order("1", OrderNo::from_u64(1_234_567_890_123), NOW)
    }
}

pub(crate) fn notification(kind: NoticeKind) -> Notification {
    Notification {
        notification_no: NotificationNo::from_u64(1),
        subject: Subject::of_merchant(&MerchantId::from("m"), PlatformNo::from_u64(1)),
        about: None,
        kind,
        url: "http://merchant.test/notify".to_owned(),
        state: NotificationState::Due,
        tries: 0,
        body: None,
        moment: None,
        created_at: NOW,
    }
}
