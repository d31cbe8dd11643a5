//! Refunds and what became of them, over v3 and v2.

use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Decline, DeclineKind, RefundEvidence, RefundResult};
use heliu_trade::wallet::Scene;
use serde_json::{Value, json};

use crate::support::orders::{
    CALLBACK_URL, CHARGE_FEN, Case, NUMBER, REFUND_FEN, REFUND_NO, refund,
};
use crate::support::wechat::{
    answered, case, channel, over, refused, sent_fields, v2, v3, v3_error,
};
use crate::support::{Fake, NOW_MS, Reply, run};

fn barcode() -> Case {
    case("v2", Scene::Barcode)
}

fn by_v2() -> Case {
    barcode().setting("refund_api", "v2")
}

fn give(case: &Case, reply: Reply) -> RefundResult {
    run(channel().refund(&Fake::new([reply]), &case.order(), &refund()))
}

fn ask(case: &Case, reply: Reply) -> RefundResult {
    run(channel().query_refund(&Fake::new([reply]), &case.order(), &refund()))
}

fn object(status: &str) -> Value {
    json!({
        "refund_id": "5030000001", "out_refund_no": REFUND_NO, "transaction_id": "4200000001",
        "out_trade_no": NUMBER, "channel": "ORIGINAL", "status": status,
        "success_time": "2026-01-15T10:00:05+08:00",
        "amount": {"total": CHARGE_FEN, "refund": REFUND_FEN, "payer_total": 8000,
                   "payer_refund": 2700, "currency": "CNY"},
    })
}

fn succeeded(cash_fen: Option<i64>) -> RefundResult {
    RefundResult::Succeeded(RefundEvidence {
        channel_refund_no: "5030000001".to_owned(),
        cash_fen,
        refunded_at: Timestamp::from_ms(NOW_MS + 5000),
    })
}

fn failed(reason: &str) -> RefundResult {
    RefundResult::Failed(Decline {
        reason: reason.to_owned(),
        kind: DeclineKind::Refused,
    })
}

#[test]
fn refunds_of_any_order_go_through_v3() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().refund(&fake, &barcode().order(), &refund()));
    let request = fake.only();
    assert_eq!(
        request.url,
        "http://127.0.0.1:8090/wechat/v3/refund/domestic/refunds"
    );
    let sent: Value = serde_json::from_slice(&request.body).expect("JSON");
    let expected = json!({
        "sub_mchid": "1900000109", "out_trade_no": NUMBER, "out_refund_no": REFUND_NO,
        "reason": "退货", "notify_url": CALLBACK_URL,
        "amount": {"refund": REFUND_FEN, "total": CHARGE_FEN, "currency": "CNY"},
    });
    assert_eq!(sent, expected);
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().query_refund(&fake, &barcode().order(), &refund()));
    let path = format!("/v3/refund/domestic/refunds/{REFUND_NO}?sub_mchid=1900000109");
    assert_eq!(
        fake.only().url,
        format!("http://127.0.0.1:8090/wechat{path}")
    );
}

#[test]
fn v3_states_are_four() {
    for verb in [give, ask] {
        let of = |status: &str| verb(&barcode(), v3(200, &object(status).to_string()));
        assert_eq!(of("SUCCESS"), succeeded(Some(2700)));
        assert_eq!(of("PROCESSING"), RefundResult::Pending);
        assert_eq!(of("ABNORMAL"), failed("ABNORMAL"));
        assert_eq!(of("CLOSED"), failed("CLOSED"));
        assert!(matches!(of("NEWS"), RefundResult::Unknown(_)));
        for (pointer, value) in [
            ("/out_refund_no", json!("1")),
            ("/out_trade_no", json!("1")),
            ("/amount/refund", json!(1)),
            ("/amount/total", json!(1)),
            ("/amount/currency", json!("USD")),
            ("/refund_id", json!("")),
        ] {
            let mut other = object("SUCCESS");
            *other.pointer_mut(pointer).expect("a member") = value;
            let result = verb(&barcode(), v3(200, &other.to_string()));
            assert!(
                matches!(result, RefundResult::Unknown(_)),
                "{pointer}: {result:?}"
            );
        }
        let body = object("SUCCESS").to_string().into_bytes();
        let result = verb(&barcode(), Reply::Http(200, Vec::new(), body));
        assert!(
            matches!(result, RefundResult::Unknown(_)),
            "unsigned: {result:?}"
        );
    }
}

#[test]
fn refused_refunds_are_definite_or_unknown() {
    for (status, code) in [
        (403, "NOT_ENOUGH"),
        (400, "PARAM_ERROR"),
        (400, "INVALID_REQUEST"),
        (403, "USER_ACCOUNT_ABNORMAL"),
    ] {
        assert_eq!(give(&barcode(), v3_error(status, code)), failed(code));
        let result = ask(&barcode(), v3_error(status, code));
        assert!(
            matches!(result, RefundResult::Unknown(_)),
            "a query refuses nothing: {result:?}"
        );
    }
    for (status, code) in [
        (429, "FREQUENCY_LIMITED"),
        (500, "SYSTEM_ERROR"),
        (500, "NOT_ENOUGH"),
        (404, "RESOURCE_NOT_EXISTS"),
        (400, "NEWS"),
    ] {
        let result = give(&barcode(), v3_error(status, code));
        assert!(
            matches!(result, RefundResult::Unknown(_)),
            "{code}: {result:?}"
        );
    }
    for code in [
        "NOTENOUGH",
        "TRADE_OVERDUE",
        "ERROR",
        "REFUND_FEE_MISMATCH",
        "ORDER_NOT_READY",
    ] {
        assert_eq!(give(&by_v2(), v2(refused(code))), failed(code));
    }
    for code in [
        "SYSTEMERROR",
        "BIZERR_NEED_RETRY",
        "FREQUENCY_LIMITED",
        "INVALID_REQ_TOO_MUCH",
    ] {
        let result = give(&by_v2(), v2(refused(code)));
        assert!(
            matches!(result, RefundResult::Unknown(_)),
            "{code}: {result:?}"
        );
    }
}

#[test]
fn v2_accepts_first_and_tells_later() {
    let accepted = answered(&[
        ("out_trade_no", NUMBER),
        ("out_refund_no", REFUND_NO),
        ("refund_id", "5030000001"),
        ("total_fee", "8888"),
        ("refund_fee", "3000"),
    ]);
    assert_eq!(give(&by_v2(), v2(accepted.clone())), RefundResult::Pending);
    for other in [
        ("out_trade_no", "1"),
        ("out_refund_no", "1"),
        ("refund_fee", "1"),
        ("total_fee", "1"),
    ] {
        let result = give(&by_v2(), v2(over(accepted.clone(), &[other])));
        assert!(
            matches!(result, RefundResult::Unknown(_)),
            "{other:?}: {result:?}"
        );
    }
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().refund(&fake, &by_v2().order(), &refund()));
    let request = fake.only();
    assert_eq!(
        request.url,
        "http://127.0.0.1:8090/wechat/secapi/pay/refund"
    );
    let sent = sent_fields(&request.body);
    assert_eq!(
        (sent["total_fee"].as_str(), sent["refund_fee"].as_str()),
        ("8888", "3000")
    );

    let listed = |status: &str| {
        answered(&[
            ("out_trade_no", NUMBER),
            ("total_fee", "8888"),
            ("refund_count", "2"),
            ("out_refund_no_0", "other"),
            ("refund_status_0", "PROCESSING"),
            ("refund_fee_0", "1"),
            ("out_refund_no_1", REFUND_NO),
            ("refund_id_1", "5030000001"),
            ("refund_fee_1", "3000"),
            ("coupon_refund_fee_1", "300"),
            ("refund_status_1", status),
            ("refund_success_time_1", "2026-01-15 10:00:05"),
        ])
    };
    assert_eq!(ask(&by_v2(), v2(listed("SUCCESS"))), succeeded(Some(2700)));
    assert_eq!(
        ask(&by_v2(), v2(listed("PROCESSING"))),
        RefundResult::Pending
    );
    assert_eq!(
        ask(&by_v2(), v2(listed("REFUNDCLOSE"))),
        failed("REFUNDCLOSE")
    );
    assert_eq!(ask(&by_v2(), v2(listed("CHANGE"))), failed("CHANGE"));
    for reply in [
        v2(over(listed("SUCCESS"), &[("out_refund_no_1", "another")])),
        v2(over(listed("SUCCESS"), &[("refund_fee_1", "1")])),
        v2(over(listed("SUCCESS"), &[("out_trade_no", "1")])),
        v2(refused("REFUNDNOTEXIST")),
    ] {
        let result = ask(&by_v2(), reply);
        assert!(matches!(result, RefundResult::Unknown(_)), "{result:?}");
    }
}
