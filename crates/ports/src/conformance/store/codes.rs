//! Contents of QR codes that channels gave.

use std::sync::Arc;

use heliu_trade::attempt::Handoff;
use heliu_trade::id::{AttemptNo, OrderNo};
use heliu_trade::step::{Action, Target};

use super::steps::{START, Till};
use crate::store::Store;

const CODE: &str = "weixin://wxpay/bizpayurl?pr=abc";

pub(super) async fn codes_that_channels_gave_are_known(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let is_known = async |content: &str| {
        let known = store.is_issued_code(content.to_owned()).await;
        known.expect("read")
    };
    let hand = async |order_no: OrderNo, handoff| {
        let action = Action::RecordHandoff {
            attempt_no: AttemptNo(order_no.0),
            handoff,
        };
        till.commit(Target::Order(order_no), START.plus_ms(1), action)
            .await
            .expect("recorded");
    };
    let first = till.order("n-1", 100).await;
    assert!(!is_known(CODE).await);
    hand(first, Handoff::CodeUrl(CODE.to_owned())).await;
    assert!(is_known(CODE).await);
    till.pay(first, 100).await.expect("recorded");
    assert!(is_known(CODE).await, "the attempt went on");
    let second = till.order("n-2", 100).await;
    hand(second, Handoff::CodeUrl(CODE.to_owned())).await;
    assert!(is_known(CODE).await, "a channel may give the same twice");
    let third = till.order("n-3", 100).await;
    hand(third, Handoff::TradeNo("2088".to_owned())).await;
    for unknown in [
        "",
        "2088",
        "weixin://wxpay/bizpayurl?pr=ab",
        "WEIXIN://wxpay/bizpayurl?pr=abc",
        "%",
    ] {
        assert!(!is_known(unknown).await, "{unknown}");
    }
}
