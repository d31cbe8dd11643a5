//! Notifications of Alipay: good, bad, about somebody else, refunds in disguise.

use heliu_ports::channel::{CallbackNews, CallbackRefused};
use heliu_ports::wire::WireRequest;
use heliu_trade::verdict::{DeclineKind, Verdict};
use heliu_trade::wallet::Funding;
use serde_json::json;

use crate::declined;
use crate::support::Fake;
use crate::support::alipay::{case, channel, form, notice, notified};
use crate::support::orders::{CHARGE_FEN, Case};

fn read(case: &Case, request: &WireRequest) -> Result<CallbackNews, CallbackRefused> {
    channel().callback(&Fake::new([]), &case.order(), request)
}

#[test]
fn a_payment_is_news() {
    for status in ["TRADE_SUCCESS", "TRADE_FINISHED"] {
        let news = read(&case("create"), &notice(notified(status, &json!({}))));
        let Ok(CallbackNews::Payment(Verdict::Paid(found))) = news else {
            panic!("{news:?}")
        };
        assert_eq!(
            (found.payable_fen, found.cash_fen),
            (CHARGE_FEN, CHARGE_FEN)
        );
        assert_eq!(found.funding, Funding::WalletCredit);
        assert_eq!(found.payer_id.as_deref(), Some("2088000000000777"));
    }
    let news = read(
        &case("create"),
        &notice(notified("TRADE_CLOSED", &json!({}))),
    );
    let closed = declined("TRADE_CLOSED", DeclineKind::Closed);
    assert_eq!(news, Ok(CallbackNews::Payment(closed)));
    let news = read(
        &case("create"),
        &notice(notified("WAIT_BUYER_PAY", &json!({}))),
    );
    assert_eq!(news, Ok(CallbackNews::Payment(Verdict::Waiting)));
    let news = read(&case("create"), &notice(notified("NEWS", &json!({}))));
    assert_eq!(news, Ok(CallbackNews::Nothing));
}

#[test]
fn a_refund_in_disguise_is_told_apart() {
    let marks = [
        json!({"gmt_refund": "2026-01-15 10:00:05.000", "refund_fee": "30.00"}),
        json!({"out_biz_no": "r1"}),
    ];
    for own in marks {
        let part = notice(notified("TRADE_SUCCESS", &own));
        assert_eq!(
            read(&case("create").seen_paid(), &part),
            Ok(CallbackNews::Nothing)
        );
        // Nobody told us that it was paid: this does.
        let news = read(&case("create"), &part);
        assert!(
            matches!(news, Ok(CallbackNews::Payment(Verdict::Paid(_)))),
            "{news:?}"
        );
        let whole = notice(notified("TRADE_CLOSED", &own));
        for case in [case("create"), case("create").seen_paid()] {
            assert_eq!(read(&case, &whole), Ok(CallbackNews::Nothing));
        }
    }
    let closed = notice(notified("TRADE_CLOSED", &json!({})));
    assert_eq!(
        read(&case("create").seen_paid(), &closed),
        Ok(CallbackNews::Nothing)
    );
}

#[test]
fn a_notice_is_checked_like_a_strangers() {
    let good = notice(notified("TRADE_SUCCESS", &json!({})));
    let body = String::from_utf8(good.body.to_vec()).expect("a form");
    let with = |body: String| WireRequest {
        body: body.into(),
        ..good.clone()
    };
    for stranger in [
        form(&notified("TRADE_SUCCESS", &json!({}))),
        with(body.replace("88.88", "00.01")),
        with(format!("{body}&extra=1")),
        with(body.replace("sign_type=RSA2", "sign_type=RSA")),
        with(body.replace("sign=", "sing=")),
    ] {
        let news = read(&case("create"), &stranger);
        assert!(
            matches!(news, Err(CallbackRefused::Signature(_))),
            "{news:?}"
        );
    }
    let news = read(
        &case("create"),
        &with(format!("{body}&trade_status=TRADE_CLOSED")),
    );
    assert!(
        matches!(news, Err(CallbackRefused::Malformed(_))),
        "{news:?}"
    );
}

#[test]
fn a_notice_about_somebody_else_is_refused() {
    for own in [
        json!({"app_id": "2021000000000002"}),
        json!({"seller_id": "2088000000000010"}),
        json!({"out_trade_no": "1"}),
        json!({"total_amount": "88.89"}),
    ] {
        let news = read(&case("create"), &notice(notified("TRADE_SUCCESS", &own)));
        assert!(
            matches!(news, Err(CallbackRefused::Mismatch(_))),
            "{own}: {news:?}"
        );
    }
    let anybody = case("create").setting("seller_id", "");
    let other = notice(notified(
        "TRADE_SUCCESS",
        &json!({"seller_id": "2088000000000010"}),
    ));
    assert!(
        read(&anybody, &other).is_ok(),
        "an account of several merchants names none"
    );
}

#[test]
fn the_answer_is_seven_letters() {
    let request = form(&notified("TRADE_SUCCESS", &json!({})));
    let answer = channel().acknowledge(&request, Ok(()));
    assert_eq!((answer.status, &answer.body[..]), (200, &b"success"[..]));
    let refused = CallbackRefused::Mismatch("x".to_owned());
    let answer = channel().acknowledge(&request, Err(&refused));
    assert_eq!(&answer.body[..], b"failure");
}
