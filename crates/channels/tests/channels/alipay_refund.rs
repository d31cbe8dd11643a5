//! Refunds at Alipay, and what became of them.

use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Decline, DeclineKind, RefundEvidence, RefundResult};
use serde_json::{Value, json};

use crate::support::alipay::{
    business, case, channel, done, gateway_error, over, sent_content, sent_parameters,
};
use crate::support::orders::{NUMBER, REFUND_NO, refund};
use crate::support::{Fake, NOW_MS, Reply, run};

const REFUND: &str = "alipay.trade.refund";
const QUERY: &str = "alipay.trade.fastpay.refund.query";

fn give(replies: impl IntoIterator<Item = Reply>) -> RefundResult {
    run(channel().refund(&Fake::new(replies), &case("pay").order(), &refund()))
}

fn ask(reply: Reply) -> RefundResult {
    run(channel().query_refund(&Fake::new([reply]), &case("pay").order(), &refund()))
}

fn given(own: &Value) -> Reply {
    let base = json!({
        "out_trade_no": NUMBER, "trade_no": "2026011522001", "fund_change": "Y",
        "refund_fee": "40.00", "send_back_fee": "30.00", "gmt_refund_pay": "2026-01-15 10:00:05",
    });
    done(REFUND, &over(base, own))
}

fn found(own: &Value) -> Reply {
    let base = json!({
        "out_trade_no": NUMBER, "trade_no": "2026011522001", "out_request_no": REFUND_NO,
        "total_amount": "88.88", "refund_amount": "30.00", "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": "2026-01-15 10:00:05",
    });
    done(QUERY, &over(base, own))
}

fn succeeded(cash_fen: Option<i64>) -> RefundResult {
    RefundResult::Succeeded(RefundEvidence {
        channel_refund_no: REFUND_NO.to_owned(),
        cash_fen,
        refunded_at: Timestamp::from_ms(NOW_MS + 5000),
    })
}

fn is_unknown(result: &RefundResult) -> bool {
    matches!(result, RefundResult::Unknown(_))
}

#[test]
fn a_refund_names_its_request() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().refund(&fake, &case("pay").order(), &refund()));
    let request = fake.only();
    assert_eq!(sent_parameters(&request)["method"], REFUND);
    let expected = json!({
        "out_trade_no": NUMBER, "out_request_no": REFUND_NO, "refund_amount": "30.00",
        "refund_reason": "退货",
    });
    assert_eq!(sent_content(&request), expected);
}

#[test]
fn moved_money_is_success_and_the_rest_is_asked() {
    assert_eq!(give([given(&json!({}))]), succeeded(None));
    let split = json!({"present_refund_buyer_amount": "27.00"});
    assert_eq!(give([given(&split)]), succeeded(Some(2700)));
    let repeat = || given(&json!({"fund_change": "N"}));
    assert_eq!(give([repeat(), found(&json!({}))]), succeeded(None));
    let not_yet = found(&json!({"refund_status": null}));
    assert_eq!(give([repeat(), not_yet]), RefundResult::Pending);
    for second in [
        Reply::NoAnswer,
        Reply::NotSent,
        found(&json!({"refund_status": "NEWS"})),
    ] {
        assert!(is_unknown(&give([repeat(), second])));
    }
    for own in [
        json!({"fund_change": null}),
        json!({"out_trade_no": "1"}),
        json!({"refund_fee": "29.99"}),
        json!({"refund_fee": null}),
    ] {
        let result = give([given(&own)]);
        assert!(is_unknown(&result), "{own}: {result:?}");
    }
}

fn failed(reason: &str, kind: DeclineKind) -> RefundResult {
    RefundResult::Failed(Decline {
        reason: reason.to_owned(),
        kind,
    })
}

#[test]
fn refused_refunds_are_definite_or_unknown() {
    for word in [
        "SELLER_BALANCE_NOT_ENOUGH",
        "REFUND_AMT_NOT_EQUAL_TOTAL",
        "REASON_TRADE_BEEN_FREEZEN",
        "TRADE_HAS_FINISHED",
        "TRADE_STATUS_ERROR",
        "REASON_TRADE_REFUND_FEE_ERR",
        "TRADE_NOT_ALLOW_REFUND",
        "REFUND_FEE_ERROR",
        "NOT_ALLOW_PARTIAL_REFUND",
    ] {
        assert_eq!(
            give([business(REFUND, &format!("ACQ.{word}"))]),
            failed(word, DeclineKind::Refused)
        );
    }
    for word in [
        "ACQ.SYSTEM_ERROR",
        "aop.ACQ.SYSTEM_ERROR",
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.DISCORDANT_REPEAT_REQUEST",
        "ACQ.INVALID_PARAMETER",
        "ACQ.ACCESS_FORBIDDEN",
        "ACQ.NEWS",
    ] {
        let result = give([business(REFUND, word)]);
        assert!(is_unknown(&result), "{word}: {result:?}");
    }
}

/// What the gateway refuses says nothing of the money: an earlier send under the same number may
/// have been done.
#[test]
fn a_gateway_that_refuses_proves_nothing() {
    for (code, word) in [
        ("20000", "isp.unknow-error"),
        ("20001", "aop.invalid-app-auth-token"),
        ("20001", "aop.app-auth-token-time-out"),
        ("40001", "isv.missing-signature"),
        ("40002", "isv.invalid-signature"),
        ("40002", "isv.invalid-app-id"),
        ("40003", "isv.missing-condition"),
        ("40005", "isv.call-limited"),
        ("40006", "isv.insufficient-isv-permissions"),
        ("40006", "ACQ.SELLER_BALANCE_NOT_ENOUGH"),
    ] {
        for is_signed in [true, false] {
            let refusal = || gateway_error(code, word, is_signed);
            for result in [
                give([refusal()]),
                ask(refusal()),
                // Moved, or not, by an earlier send: the question is refused.
                give([given(&json!({"fund_change": "N"})), refusal()]),
            ] {
                assert!(is_unknown(&result), "{word}, {is_signed}: {result:?}");
            }
        }
    }
    // The first was done, its answer was lost; then the merchant took its consent back.
    let refusal = || gateway_error("20001", "aop.invalid-app-auth-token", true);
    let fake = Fake::new([Reply::NoAnswer, refusal(), refusal()]);
    let case = case("pay");
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
    let fails = |own: &Value| {
        let mut own = own.clone();
        own["refund_status"] = "REFUND_FAIL".into();
        found(&own)
    };
    let ended = failed("REFUND_FAIL", DeclineKind::Closed);
    assert_eq!(ask(fails(&json!({}))), ended);
    let repeat = given(&json!({"fund_change": "N"}));
    assert_eq!(give([repeat, fails(&json!({}))]), ended);
    for own in [
        json!({"out_request_no": "1"}),
        json!({"out_request_no": null}),
        json!({"out_trade_no": "1"}),
        json!({"refund_amount": "30.01"}),
        json!({"total_amount": "30.00"}),
    ] {
        let result = ask(fails(&own));
        assert!(is_unknown(&result), "{own}: {result:?}");
    }
}

#[test]
fn only_refund_success_is_success() {
    assert_eq!(ask(found(&json!({}))), succeeded(None));
    for own in [
        json!({"refund_status": null}),
        json!({"refund_status": "REFUND_PROCESSING"}),
        json!({"out_request_no": "1"}),
        json!({"out_trade_no": "1"}),
        json!({"refund_amount": "30.01"}),
        json!({"total_amount": "30.00"}),
    ] {
        let result = ask(found(&own));
        assert!(is_unknown(&result), "{own}: {result:?}");
    }
    for word in [
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.SYSTEM_ERROR",
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
    ] {
        assert!(is_unknown(&ask(business(QUERY, word))), "{word}");
    }
}
