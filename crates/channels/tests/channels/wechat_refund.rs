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

fn failed(reason: &str, kind: DeclineKind) -> RefundResult {
    RefundResult::Failed(Decline {
        reason: reason.to_owned(),
        kind,
    })
}

/// Refused outright.
fn refuses(reason: &str) -> RefundResult {
    failed(reason, DeclineKind::Refused)
}

/// Taken, then ended.
fn ended(reason: &str) -> RefundResult {
    failed(reason, DeclineKind::Closed)
}

fn is_unknown(result: &RefundResult) -> bool {
    matches!(result, RefundResult::Unknown(_))
}

/// Somebody settles it by hand.
fn assert_by_hand(result: &RefundResult, status: &str) {
    let RefundResult::Unknown(unknown) = result else {
        panic!("{status}: {result:?}")
    };
    for word in [status, "could not reach the payer", "by hand"] {
        assert!(unknown.why.contains(word), "{}", unknown.why);
    }
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
        assert_by_hand(&of("ABNORMAL"), "ABNORMAL");
        assert_eq!(of("CLOSED"), ended("CLOSED"));
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
fn codes_about_the_refund_refuse_it() {
    for (status, code) in [
        (403, "NOT_ENOUGH"),
        (400, "PARAM_ERROR"),
        (403, "USER_ACCOUNT_ABNORMAL"),
    ] {
        assert_eq!(give(&barcode(), v3_error(status, code)), refuses(code));
    }
    for code in [
        "NOTENOUGH",
        "PARAM_ERROR",
        "TRADE_OVERDUE",
        "TRADE_STATE_ERROR",
        "REFUND_FEE_MISMATCH",
        "USER_ACCOUNT_ABNORMAL",
    ] {
        assert_eq!(give(&by_v2(), v2(refused(code))), refuses(code));
    }
}

/// Codes that say nothing of the money: an earlier send under the same number may have been done.
const ENVELOPE: &[(u16, &str)] = &[
    (401, "SIGN_ERROR"),
    (401, "SIGNERROR"),
    (400, "CERT_ERROR"),
    (400, "CERTERROR"),
    (403, "NO_AUTH"),
    (403, "NOAUTH"),
    (400, "APPID_NOT_EXIST"),
    (400, "MCHID_NOT_EXIST"),
    (400, "APPID_MCHID_NOT_MATCH"),
    (400, "MCH_NOT_EXISTS"),
    (400, "INVALID_REQUEST"),
    (400, "INVALID_TRANSACTIONID"),
    (400, "XML_FORMAT_ERROR"),
    (400, "REQUIRE_POST_METHOD"),
    (400, "LACK_PARAMS"),
    (400, "NOT_UTF8"),
    (400, "ERROR"),
    (403, "RULE_LIMIT"),
    (403, "TRADE_ERROR"),
    (403, "ACCOUNT_ERROR"),
    (400, "ORDER_NOT_READY"),
    (400, "INVALID_REQ_TOO_MUCH"),
    (429, "FREQUENCY_LIMITED"),
    (400, "FREQUENCY_LIMITED"),
    (400, "BIZERR_NEED_RETRY"),
    (500, "SYSTEMERROR"),
    (400, "SYSTEM_ERROR"),
    (500, "NOT_ENOUGH"),
    (404, "RESOURCE_NOT_EXISTS"),
    (404, "ORDER_NOT_EXIST"),
    (400, "NEWS"),
];

#[test]
fn other_refusals_of_a_refund_prove_nothing() {
    for (status, code) in ENVELOPE {
        let result = give(&barcode(), v3_error(*status, code));
        assert!(is_unknown(&result), "{code}: {result:?}");
        if *code != "NOT_ENOUGH" {
            let result = give(&by_v2(), v2(refused(code)));
            assert!(is_unknown(&result), "{code}: {result:?}");
        }
    }
}

#[test]
fn a_refused_question_proves_nothing() {
    let business = [(403, "NOT_ENOUGH"), (400, "PARAM_ERROR")];
    for (status, code) in ENVELOPE.iter().chain(&business) {
        for result in [
            ask(&barcode(), v3_error(*status, code)),
            ask(&by_v2(), v2(refused(code))),
        ] {
            assert!(is_unknown(&result), "{code}: {result:?}");
        }
    }
}

#[test]
fn a_refund_that_may_be_done_is_not_failed_by_its_repeat() {
    for case in [barcode(), by_v2()] {
        let sign_error = match case.account.settings.get("refund_api") {
            Some(_) => v2(refused("SIGNERROR")),
            None => v3_error(401, "SIGN_ERROR"),
        };
        // The first was done, its answer was lost; then a key was changed on one side only.
        let fake = Fake::new([Reply::NoAnswer, sign_error.clone(), sign_error]);
        let order = case.order();
        for result in [
            run(channel().refund(&fake, &order, &refund())),
            run(channel().query_refund(&fake, &order, &refund())),
            run(channel().refund(&fake, &order, &refund())),
        ] {
            assert!(is_unknown(&result), "{result:?}");
        }
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
        ended("REFUNDCLOSE")
    );
    assert_by_hand(&ask(&by_v2(), v2(listed("CHANGE"))), "CHANGE");
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
