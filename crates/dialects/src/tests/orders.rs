//! Orders as the books would hold them, for the dialects' own tests and for the suite.

use std::sync::Arc;

use heliu_trade::fee::shares::ShareReturns;
use heliu_trade::followup::consequences::Counts;
use heliu_trade::id::{AppId, MerchantId, OrderNo};
use heliu_trade::money::Currency;
use heliu_trade::order::{Order, OrderDetails, OrderState, RefundTotals};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::Scene;

/// An open order of CNY that asks for nothing yet; name what it is about.
pub(crate) fn blank_order(app: &str, order_no: OrderNo, created_at: Timestamp) -> Order {
    Order {
        merchant_id: MerchantId::from("m"),
        order_no,
        app_id: AppId::from(app),
        merchant_order_no: String::new(),
        version: 1,
        scene: Scene::Barcode,
        wallet: None,
        state: OrderState::Open,
        amount_minor: 0,
        currency: Currency::CNY,
        rate: None,
        charge_fen: 0,
        payment: None,
        refunded: RefundTotals::default(),
        refunding: RefundTotals::default(),
        fee_returned_fen: 0,
        cost_returned_fen: 0,
        shares_returned: ShareReturns::default(),
        refund_count: 0,
        last_refund_failed: false,
        refund_not_before: None,
        decline: None,
        created_at,
        expires_at: None,
        horizon_at: None,
        ended_at: None,
        counts: Counts::default(),
        details: Arc::new(OrderDetails::default()),
    }
}
