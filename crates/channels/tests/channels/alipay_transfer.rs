//! Payouts by Alipay's transfers, and what became of them.

use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn};
use serde_json::{Value, json};

use crate::support::alipay::{
    SETTINGS, business, channel, done, gateway_error, over, sent_content, sent_parameters,
};
use crate::support::payouts::{REQUEST_NO, account, company, order, person, sent};
use crate::support::{Fake, NOW_MS, Reply, run};

const TRANSFER: &str = "alipay.fund.trans.uni.transfer";
const QUERY: &str = "alipay.fund.trans.common.query";
const MINUTE_MS: i64 = 60_000;

fn pay(fake: &Fake) -> PayoutResult {
    let (channel, account) = (channel(), account("alipay_isv", SETTINGS));
    let payouts = channel.payouts().expect("it pays out");
    run(payouts.send(fake, &order(&account, person())))
}

fn ask(reply: Reply, age_ms: i64) -> PayoutResult {
    let (channel, account) = (channel(), account("alipay_isv", SETTINGS));
    let payouts = channel.payouts().expect("it pays out");
    run(payouts.query(&Fake::new([reply]), &sent(&account, age_ms)))
}

fn transferred(status: &str, own: &Value) -> Reply {
    let base = json!({
        "out_biz_no": REQUEST_NO, "order_id": "20260115110070000006", "status": status,
        "pay_fund_order_id": "20260115110070000007", "trans_date": "2026-01-15 10:00:01",
    });
    done(TRANSFER, &over(base, own))
}

fn found(status: &str, own: &Value) -> Reply {
    let base = json!({
        "out_biz_no": REQUEST_NO, "order_id": "20260115110070000006", "status": status,
        "trans_amount": "83.77", "pay_date": "2026-01-15 10:00:01",
    });
    done(QUERY, &over(base, own))
}

fn evidence() -> PayoutEvidence {
    PayoutEvidence {
        bank_no: "20260115110070000006".to_owned(),
        paid_at: Timestamp::from_ms(NOW_MS + 1000),
        remark: String::new(),
    }
}

fn failed(reason: &str) -> PayoutResult {
    PayoutResult::Failed(PayoutFailure {
        reason: reason.to_owned(),
    })
}

fn is_unknown(result: &PayoutResult) -> bool {
    matches!(result, PayoutResult::Unknown(_))
}

#[test]
fn a_transfer_goes_to_a_card_and_names_no_merchant() {
    let channel = channel();
    let payouts = channel.payouts().expect("it pays out");
    let mut account = account("alipay_isv", SETTINGS);
    for (name, value) in [
        ("app_cert_sn", "0123456789abcdef0123456789abcdef"),
        ("alipay_root_cert_sn", "a_b"),
        ("transfer_title", "商户结算"),
    ] {
        account.settings.insert(name.to_owned(), value.to_owned());
    }
    let fake = Fake::new([Reply::NoAnswer]);
    run(payouts.send(&fake, &order(&account, company())));
    let request = fake.only();
    let parameters = sent_parameters(&request);
    assert_eq!(parameters["method"], TRANSFER);
    assert_eq!(
        parameters["app_cert_sn"],
        "0123456789abcdef0123456789abcdef"
    );
    assert_eq!(parameters["alipay_root_cert_sn"], "a_b");
    assert!(!parameters.contains_key("app_auth_token"));
    let expected = json!({
        "out_biz_no": REQUEST_NO, "trans_amount": "83.77", "order_title": "商户结算",
        "product_code": "TRANS_BANKCARD_NO_PWD", "biz_scene": "DIRECT_TRANSFER",
        "remark": "20260114结算款",
        "payee_info": {
            "identity": "755912345610701", "identity_type": "BANKCARD_ACCOUNT",
            "name": "演示有限公司",
            "bankcard_ext_info": {
                "account_type": "1", "inst_name": "招商银行", "bank_code": "308584000013",
            },
        },
    });
    assert_eq!(sent_content(&request), expected);
}

#[test]
fn a_status_says_how_a_transfer_ended() {
    let reason = json!({"error_code": "CARD", "fail_reason": "银行卡号6200000000000000018有误"});
    let told = "银行卡号620000*********0018有误";
    assert_eq!(
        pay(&Fake::new([transferred("SUCCESS", &json!({}))])),
        PayoutResult::Paid(evidence())
    );
    for (status, own, expected) in [
        ("SUCCESS", json!({}), PayoutResult::Paid(evidence())),
        ("FAIL", reason.clone(), failed(told)),
        ("FAIL", json!({"error_code": "CARD"}), failed("CARD")),
        ("CLOSED", reason.clone(), failed(told)),
        (
            "REFUND",
            reason.clone(),
            PayoutResult::Returned(PayoutReturn {
                payment: evidence(),
                returned_at: Timestamp::from_ms(NOW_MS),
                reason: told.to_owned(),
            }),
        ),
    ] {
        assert_eq!(ask(found(status, &own), 0), expected, "{status}");
    }
    // Why is told by the query only.
    let fake = Fake::new([transferred("FAIL", &json!({})), found("FAIL", &reason)]);
    assert_eq!(pay(&fake), failed(told));
}

#[test]
fn what_is_not_certain_is_unknown() {
    for reply in [
        found("DEALING", &json!({})),
        found("WAIT_PAY", &json!({})),
        found("SOMEHOW", &json!({})),
        found("SUCCESS", &json!({"out_biz_no": "another"})),
        found("FAIL", &json!({"trans_amount": "83.78"})),
        found("FAIL", &json!({"trans_amount": null})),
        found("SUCCESS", &json!({"pay_date": null})),
        business(QUERY, "SYSTEM_ERROR"),
        gateway_error("40002", "isv.invalid-signature", false),
        gateway_error("40004", "ORDER_NOT_EXIST", false),
    ] {
        let result = ask(reply, MINUTE_MS);
        assert!(is_unknown(&result), "{result:?}");
    }
    for reply in [
        transferred("DEALING", &json!({})),
        transferred("SUCCESS", &json!({"out_biz_no": "another"})),
        business(TRANSFER, "SYSTEM_ERROR"),
        business(TRANSFER, "PAYMENT_INFO_INCONSISTENCY"),
        gateway_error("40006", "isv.insufficient-isv-permissions", true),
    ] {
        let result = pay(&Fake::new([reply]));
        assert!(is_unknown(&result), "{result:?}");
    }
}

#[test]
fn a_number_that_alipay_does_not_know_is_believed_once_the_call_is_over() {
    let absent = || business(QUERY, "ORDER_NOT_EXIST");
    assert!(is_unknown(&ask(absent(), MINUTE_MS - 1)));
    assert_eq!(ask(absent(), MINUTE_MS), PayoutResult::NotFound);
}

#[test]
fn a_refused_transfer_has_not_failed_yet() {
    let fake = Fake::new([business(TRANSFER, "PAYER_BALANCE_NOT_ENOUGH")]);
    let reason = "PAYER_BALANCE_NOT_ENOUGH".to_owned();
    assert_eq!(pay(&fake), PayoutResult::Refused(PayoutFailure { reason }));
    // A failure that the query knows nothing of is none.
    let fake = Fake::new([
        transferred("FAIL", &json!({})),
        business(QUERY, "ORDER_NOT_EXIST"),
    ]);
    assert!(is_unknown(&pay(&fake)));
}
