//! Refunds at UnionPay, and what became of them.

use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Decline, DeclineKind, RefundEvidence, RefundResult};
use heliu_trade::wallet::Scene;
use serde_json::{Value, json};

use crate::support::alipay::over;
use crate::support::orders::{NUMBER, REFUND_NO, refund};
use crate::support::unionpay::{MER_ID, answered, case, channel, sent};
use crate::support::{Fake, NOW_MS, Reply, run};

fn give(replies: impl IntoIterator<Item = Reply>) -> RefundResult {
    run(channel().refund(
        &Fake::new(replies),
        &case(Scene::Barcode).order(),
        &refund(),
    ))
}

fn ask(reply: Reply) -> RefundResult {
    run(channel().query_refund(
        &Fake::new([reply]),
        &case(Scene::Barcode).order(),
        &refund(),
    ))
}

fn taken(code: &str) -> Reply {
    answered(&json!({"respCode": code, "orderNo": REFUND_NO, "origOrderNo": NUMBER}))
}

fn found(state: &str, own: &Value) -> Reply {
    let base = json!({
        "orderNo": REFUND_NO, "origOrderNo": NUMBER, "txnAmt": "3000", "origRespCode": state,
        "transIndex": "R20260115000001", "refundTime": "20260115100005",
    });
    answered(&over(base, own))
}

fn succeeded() -> RefundResult {
    RefundResult::Succeeded(RefundEvidence {
        channel_refund_no: "R20260115000001".to_owned(),
        cash_fen: None,
        refunded_at: Timestamp::from_ms(NOW_MS + 5_000),
    })
}

fn failed(reason: &str, kind: DeclineKind) -> RefundResult {
    RefundResult::Failed(Decline {
        reason: reason.to_owned(),
        kind,
    })
}

/// Taken, then ended.
fn ended() -> RefundResult {
    failed("REFUND_FAILED", DeclineKind::Closed)
}

fn is_unknown(result: &RefundResult) -> bool {
    matches!(result, RefundResult::Unknown(_))
}

#[test]
fn a_refund_names_its_order_and_both_amounts() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().refund(&fake, &case(Scene::Barcode).order(), &refund()));
    let request = fake.only();
    assert!(request.url.ends_with("/gateway/api/pay/refund"));
    let expected = json!({
        "serProvId": "S2026010100001", "merId": MER_ID, "orderNo": REFUND_NO,
        "orderType": "unionpay", "origOrderNo": NUMBER, "origTxnAmt": "8888", "txnAmt": "3000",
    });
    assert_eq!(sent(&request), expected);
}

#[test]
fn what_is_taken_is_asked_about() {
    for code in ["00", "02", "12"] {
        let give = |second| give([taken(code), second]);
        assert_eq!(give(found("00", &json!({}))), succeeded());
        assert_eq!(give(found("01", &json!({}))), ended());
        assert_eq!(give(found("02", &json!({}))), RefundResult::Pending);
    }
    for second in [taken("34"), Reply::NoAnswer, Reply::NotSent] {
        assert_eq!(give([taken("00"), second.clone()]), RefundResult::Pending);
        // A number that is taken may be somebody else's.
        assert!(is_unknown(&give([taken("12"), second])));
    }
}

#[test]
fn a_refused_refund_failed() {
    for code in ["33", "36", "39"] {
        assert_eq!(give([taken(code)]), failed(code, DeclineKind::Refused));
    }
    let foreign = answered(&json!({"orderNo": "0001234567899998"}));
    assert!(is_unknown(&give([foreign])));
}

#[test]
fn other_refusals_of_a_refund_prove_nothing() {
    let refusing = ["00", "02", "12", "33", "36", "39"];
    for code in (0..100).map(|code| format!("{code:02}")) {
        if !refusing.contains(&code.as_str()) {
            assert!(is_unknown(&give([taken(&code)])), "{code}");
        }
        // A question refuses nothing.
        if code != "00" {
            assert!(is_unknown(&ask(taken(&code))), "{code}");
        }
    }
    for code in ["A6", "SIGN_ERROR", "3", "033"] {
        assert!(is_unknown(&give([taken(code)])), "{code}");
    }
    // The first was done, its answer was lost; then a key was changed on one side only.
    let fake = Fake::new([Reply::NoAnswer, taken("11"), taken("11")]);
    let case = case(Scene::Barcode);
    let order = case.order();
    for result in [
        run(channel().refund(&fake, &order, &refund())),
        run(channel().query_refund(&fake, &order, &refund())),
        run(channel().refund(&fake, &order, &refund())),
    ] {
        assert!(is_unknown(&result), "{result:?}");
    }
}

#[test]
fn a_refund_that_was_taken_may_end_without_success() {
    for own in [json!({}), json!({"txnAmt": null, "transIndex": null})] {
        assert_eq!(ask(found("01", &own)), ended());
    }
    for own in [
        json!({"orderNo": NUMBER}),
        json!({"orderNo": null}),
        json!({"origOrderNo": "0001234567890124"}),
        json!({"txnAmt": "3001"}),
    ] {
        assert!(is_unknown(&ask(found("01", &own))), "{own}");
    }
}

#[test]
fn a_refund_query_is_compared() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().query_refund(&fake, &case(Scene::Barcode).order(), &refund()));
    let request = fake.only();
    assert!(request.url.ends_with("/gateway/api/pay/refundQuery"));
    let expected = json!({
        "serProvId": "S2026010100001", "merId": MER_ID, "orderNo": REFUND_NO,
        "orderType": "unionpay", "origOrderNo": NUMBER,
    });
    assert_eq!(sent(&request), expected);
    assert_eq!(ask(found("00", &json!({}))), succeeded());
    let untold = json!({"transIndex": null, "refundTime": null});
    assert_eq!(
        ask(found("00", &untold)),
        RefundResult::Succeeded(RefundEvidence {
            channel_refund_no: REFUND_NO.to_owned(),
            cash_fen: None,
            refunded_at: Timestamp::from_ms(NOW_MS),
        })
    );
    for own in [
        json!({"orderNo": NUMBER}),
        json!({"origOrderNo": "0001234567890124"}),
        json!({"txnAmt": "3001"}),
        json!({"txnAmt": null}),
        json!({"origRespCode": "03"}),
        json!({"origRespCode": null}),
        json!({"respCode": "34"}),
        json!({"respCode": "60"}),
    ] {
        assert!(is_unknown(&ask(found("00", &own))), "{own}");
    }
}
