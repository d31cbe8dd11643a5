//! Payouts by the sandbox's bank, and what became of them.

use std::sync::Arc;

use heliu_ports::channel::{Channel, Payee};
use heliu_ports::wire::OutRequest;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn};
use serde_json::{Value, json};

use crate::support::payouts::{
    AMOUNT_FEN, BANK_SETTINGS, CARD, REQUEST_NO, account, bank_answer, bank_hmac, company, order,
    person, sent,
};
use crate::support::{Fake, NOW_MS, Reply, run};

/// The clock of the tests, as the bank reads it.
const TIME: &str = "2026-01-15T10:00:00+08:00";
const MINUTE_MS: i64 = 60_000;

fn channel() -> Arc<dyn Channel> {
    heliu_channels::find("sandbox_bank").expect("registered")
}

/// The signature of a payout to a person, and of the question about it; computed here.
fn signatures() -> (String, String) {
    let fake = Fake::new([Reply::NoAnswer]);
    pay(&fake, person());
    let body = fake.only().body;
    let body = std::str::from_utf8(&body).expect("UTF-8");
    let path = "/payout_bank/v1/payouts";
    (
        bank_hmac(&format!("POST\n{path}\n{TIME}\n{body}")),
        bank_hmac(&format!("GET\n{path}/{REQUEST_NO}\n{TIME}\n")),
    )
}

fn pay(fake: &Fake, payee: Payee<'_>) -> PayoutResult {
    let (channel, account) = (channel(), account("sandbox_bank", BANK_SETTINGS));
    let payouts = channel.payouts().expect("it pays out");
    run(payouts.send(fake, &order(&account, payee)))
}

fn ask(fake: &Fake, age_ms: i64) -> PayoutResult {
    let (channel, account) = (channel(), account("sandbox_bank", BANK_SETTINGS));
    let payouts = channel.payouts().expect("it pays out");
    run(payouts.query(fake, &sent(&account, age_ms)))
}

fn header<'a>(request: &'a OutRequest, name: &str) -> &'a str {
    let mut headers = request.headers.iter();
    let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

/// How a payout stands, in the bank's words.
fn stands(state: &str, own: &Value) -> String {
    let mut body = json!({
        "request_no": REQUEST_NO, "amount_fen": AMOUNT_FEN, "state": state,
        "bank_no": "202601150000000007", "paid_at": null, "returned_at": null, "text": "",
    });
    for (name, value) in own.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body.to_string()
}

fn evidence(remark: &str) -> PayoutEvidence {
    PayoutEvidence {
        bank_no: "202601150000000007".to_owned(),
        paid_at: Timestamp::from_ms(NOW_MS + 1000),
        remark: remark.to_owned(),
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
fn a_payout_is_signed_and_says_all_that_the_bank_needs() {
    let fake = Fake::new([Reply::NoAnswer]);
    assert!(is_unknown(&pay(&fake, company())));
    let request = fake.only();
    assert_eq!(request.url, "http://127.0.0.1:8090/payout_bank/v1/payouts");
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    let expected = json!({
        "request_no": REQUEST_NO, "amount_fen": AMOUNT_FEN, "account_no": "755912345610701",
        "holder": "演示有限公司", "holder_kind": "company", "clearing_no": "308584000013",
        "bank_name": "招商银行", "remark": "20260114结算款",
    });
    assert_eq!(body, expected);
    let text = String::from_utf8(request.body.to_vec()).expect("UTF-8");
    let signed = format!("POST\n/payout_bank/v1/payouts\n{TIME}\n{text}");
    for (name, expected) in [
        ("X-Bank-Customer", "66000001"),
        ("X-Bank-Time", TIME),
        ("X-Bank-Signature", &bank_hmac(&signed)),
    ] {
        assert_eq!(header(&request, name), expected);
    }
}

#[test]
fn the_banks_words_say_how_a_payout_ended() {
    let paid_at = "2026-01-15T10:00:01+08:00";
    let (post, get) = signatures();
    for (state, own, expected) in [
        (
            "paid",
            json!({"paid_at": paid_at}),
            PayoutResult::Paid(evidence("")),
        ),
        (
            "paid",
            json!({"paid_at": paid_at, "text": "有缺陷的成功"}),
            PayoutResult::Paid(evidence("有缺陷的成功")),
        ),
        (
            "failed",
            json!({"text": "账号6200000000000000752收付控制状态不允许交易[1000061]"}),
            failed("账号620000*********0752收付控制状态不允许交易[1000061]"),
        ),
        (
            "returned",
            json!({
                "paid_at": paid_at, "returned_at": "2026-01-16T00:00:00+08:00",
                "text": "账号户名不符,退票",
            }),
            PayoutResult::Returned(PayoutReturn {
                payment: evidence(""),
                returned_at: Timestamp::from_ms(NOW_MS + 14 * 3_600_000),
                reason: "账号户名不符,退票".to_owned(),
            }),
        ),
    ] {
        let body = stands(state, &own);
        let fake = Fake::new([bank_answer(&post, 200, &body)]);
        assert_eq!(pay(&fake, person()), expected);
        let fake = Fake::new([bank_answer(&get, 200, &body)]);
        assert_eq!(ask(&fake, 0), expected);
    }
}

#[test]
fn what_is_not_certain_is_unknown() {
    let (_, get) = signatures();
    let paid = |own: Value| {
        let mut all = json!({"paid_at": "2026-01-15T10:00:01+08:00"});
        for (name, value) in own.as_object().expect("an object") {
            all[name] = value.clone();
        }
        stands("paid", &all)
    };
    for body in [
        stands("processing", &json!({})),
        stands("somehow", &json!({})),
        stands("paid", &json!({})),
        paid(json!({"request_no": "26011500000000000002"})),
        paid(json!({"amount_fen": AMOUNT_FEN + 1})),
        paid(json!({"bank_no": null})),
        stands("returned", &json!({"paid_at": "2026-01-15T10:00:01+08:00"})),
        "[]".to_owned(),
        "paid".to_owned(),
    ] {
        let fake = Fake::new([bank_answer(&get, 200, &body)]);
        let result = ask(&fake, MINUTE_MS);
        assert!(is_unknown(&result), "{body} says {result:?}");
    }
}

#[test]
fn an_answer_that_is_not_signed_for_this_request_says_nothing() {
    let (post, get) = signatures();
    let body = stands("failed", &json!({"text": "非本行帐户"}));
    let lost = json!({"error": "NO_SUCH_REQUEST", "request_no": REQUEST_NO}).to_string();
    for reply in [
        Reply::ok(body.clone()),
        Reply::Http(404, Vec::new(), lost.clone().into_bytes()),
        // The answer to another call, and another status than was signed.
        bank_answer(&post, 200, &body),
        match bank_answer(&get, 200, &lost) {
            Reply::Http(_, headers, body) => Reply::Http(404, headers, body),
            other => other,
        },
    ] {
        let result = ask(&Fake::new([reply]), MINUTE_MS);
        assert!(is_unknown(&result), "{result:?}");
    }
}

#[test]
fn a_number_that_the_bank_does_not_know_is_believed_once_the_call_is_over() {
    let (_, get) = signatures();
    let lost = |number: &str| json!({"error": "NO_SUCH_REQUEST", "request_no": number}).to_string();
    let answered = |body: &str, age_ms| ask(&Fake::new([bank_answer(&get, 404, body)]), age_ms);
    assert!(is_unknown(&answered(&lost(REQUEST_NO), MINUTE_MS - 1)));
    assert_eq!(
        answered(&lost(REQUEST_NO), MINUTE_MS),
        PayoutResult::NotFound
    );
    assert!(is_unknown(&answered(&lost("another"), MINUTE_MS)));
    let else_ = json!({"error": "NOT_HERE", "request_no": REQUEST_NO}).to_string();
    assert!(is_unknown(&answered(&else_, MINUTE_MS)));
}

#[test]
fn a_refused_form_has_not_failed_yet() {
    let (post, _) = signatures();
    let refused = json!({"error": "MALFORMED", "message": "holder must have 1 to 64 characters"});
    let fake = Fake::new([bank_answer(&post, 400, &refused.to_string())]);
    let reason = "holder must have 1 to 64 characters".to_owned();
    assert_eq!(
        pay(&fake, person()),
        PayoutResult::Refused(PayoutFailure { reason })
    );
    let taken = json!({"error": "NUMBER_TAKEN", "message": "another payout has it"}).to_string();
    let fake = Fake::new([bank_answer(&post, 409, &taken)]);
    assert!(is_unknown(&pay(&fake, person())));
}

#[test]
fn what_is_printed_shows_no_card() {
    let account = account("sandbox_bank", BANK_SETTINGS);
    let printed = format!("{:?}", order(&account, person()));
    assert!(!printed.contains(CARD) && !printed.contains("测试法人"));
    let (channel, fake) = (channel(), Fake::without("bank_hmac", []));
    let payouts = channel.payouts().expect("it pays out");
    let PayoutResult::Unknown(unknown) = run(payouts.send(&fake, &order(&account, person())))
    else {
        panic!("nobody was asked")
    };
    assert!(!unknown.why.contains(CARD));
}
