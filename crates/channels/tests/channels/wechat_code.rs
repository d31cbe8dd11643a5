//! Payments by code over v2: micropay, orderquery, reverse.

use heliu_trade::promotion::PaymentNotes;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{DeclineKind, Evidence, ReversalResult, Verdict};
use heliu_trade::wallet::{Funding, Scene};

use crate::support::orders::{CHARGE_FEN, Case, NUMBER};
use crate::support::wechat::{
    Fields, answered, case, channel, hmac_xml, over, paid, refused, sent_fields, signed_xml, v2,
    xml,
};
use crate::support::{Fake, NOW_MS, Reply, run};
use crate::{declined, is_unknown};

const AUTH_CODE: &str = "134567890123456700";

fn barcode() -> Case {
    case("v2", Scene::Barcode)
}

fn pay(reply: Reply) -> Verdict {
    run(channel().pay(&Fake::new([reply]), &barcode().order(), AUTH_CODE))
}

fn query(reply: Reply) -> Verdict {
    run(channel().query(&Fake::new([reply]), &barcode().order()))
}

fn evidence() -> Evidence {
    Evidence {
        payable_fen: CHARGE_FEN,
        cash_fen: CHARGE_FEN,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: "4200000001".to_owned(),
        payer_order_no: NUMBER.to_owned(),
        payer_id: Some("oPayer".to_owned()),
        funding: Funding::Credit,
        paid_at: Timestamp::from_ms(NOW_MS + 1000),
        notes: Some(Box::new(PaymentNotes {
            provider_payer_id: Some("oPayer".to_owned()),
            follows_provider: Some(false),
            bank: Some("CMB_CREDIT".to_owned()),
            ..PaymentNotes::default()
        })),
    }
}

#[test]
fn micropay_sends_what_the_document_asks() {
    let case = barcode().expires_in(30_000);
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().pay(&fake, &case.order(), AUTH_CODE));
    let (request, timeout_ms) = fake.sent().remove(0);
    assert_eq!(request.url, "http://127.0.0.1:8090/wechat/pay/micropay");
    assert_eq!(timeout_ms, 10_000);
    let mut sent = sent_fields(&request.body);
    assert_eq!(sent.remove("nonce_str").map(|nonce| nonce.len()), Some(32));
    let expected: Fields = [
        ("appid", "wx1111111111111111"),
        ("mch_id", "1900000001"),
        ("sub_mch_id", "1900000109"),
        ("body", "咖啡 & cake"),
        ("out_trade_no", NUMBER),
        ("total_fee", "8888"),
        ("fee_type", "CNY"),
        ("spbill_create_ip", "203.0.113.7"),
        ("auth_code", AUTH_CODE),
        ("time_start", "20260115100000"),
        // At least a minute.
        ("time_expire", "20260115100100"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    assert_eq!(sent, expected);
}

#[test]
fn control_characters_and_long_subjects_are_cut_before_signing() {
    let mut case = barcode();
    case.subject = format!("\u{0}{}\u{8}", "茶".repeat(60));
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().pay(&fake, &case.order(), AUTH_CODE));
    assert_eq!(sent_fields(&fake.only().body)["body"], "茶".repeat(42));
}

#[test]
fn a_paid_answer_is_evidence() {
    assert_eq!(pay(v2(paid(&[]))), Verdict::Paid(evidence()));
    assert_eq!(
        pay(Reply::ok(hmac_xml(paid(&[])))),
        Verdict::Paid(evidence())
    );
}

#[test]
fn discounts_are_divided_by_who_pays_them() {
    let detail = |kind: &str, merchant: i64| {
        format!(
            "{{\"promotion_detail\":[{{\"type\":\"{kind}\",\"amount\":888,\
             \"wxpay_contribute\":0,\"merchant_contribute\":{merchant}}}]}}"
        )
    };
    let discounted = detail("DISCOUNT", 888);
    let prepaid = detail("COUPON", 888);
    let shared = detail("DISCOUNT", 300);
    for (own, parts) in [
        (
            vec![
                ("cash_fee", "8000"),
                ("promotion_detail", discounted.as_str()),
            ],
            (8000, 888, 0),
        ),
        (
            vec![("cash_fee", "8000"), ("promotion_detail", shared.as_str())],
            (8000, 300, 588),
        ),
        (
            vec![("cash_fee", "8000"), ("promotion_detail", prepaid.as_str())],
            (8000, 0, 888),
        ),
        (
            vec![("cash_fee", "8000"), ("settlement_total_fee", "8000")],
            (8000, 888, 0),
        ),
        (
            vec![("cash_fee", "8000"), ("settlement_total_fee", "8888")],
            (8000, 0, 888),
        ),
        (
            vec![("cash_fee", "8000"), ("promotion_detail", "not JSON")],
            (8000, 0, 888),
        ),
        (vec![("cash_fee", "8000")], (8000, 0, 888)),
        (
            vec![
                ("cash_fee", "123"),
                ("cash_fee_type", "USD"),
                ("coupon_fee", "88"),
            ],
            (8800, 0, 88),
        ),
    ] {
        let Verdict::Paid(found) = pay(v2(paid(&own))) else {
            panic!("{own:?}")
        };
        let found = (
            found.cash_fen,
            found.merchant_discount_fen,
            found.channel_discount_fen,
        );
        assert_eq!(found, parts, "{own:?}");
        assert_eq!(found.0 + found.1 + found.2, CHARGE_FEN);
    }
}

#[test]
fn bank_types_tell_the_funding() {
    for (bank, funding) in [
        ("CMB_CREDIT", Funding::Credit),
        ("ICBC_DEBIT", Funding::Debit),
        ("CFT", Funding::Balance),
        ("OTHERS", Funding::Balance),
        ("LQT", Funding::Unknown),
        ("", Funding::Unknown),
    ] {
        let Verdict::Paid(found) = pay(v2(paid(&[("bank_type", bank)]))) else {
            panic!("{bank}")
        };
        assert_eq!(found.funding, funding, "{bank}");
    }
}

#[test]
fn refusals_prove_what_the_table_says() {
    let codes = |list: &'static str| list.split(' ');
    for code in codes(
        "PARAM_ERROR NOAUTH NOTENOUGH NOTSUPORTCARD XML_FORMAT_ERROR REQUIRE_POST_METHOD SIGNERROR \
         LACK_PARAMS NOT_UTF8 BUYER_MISMATCH APPID_NOT_EXIST MCHID_NOT_EXIST APPID_MCHID_NOT_MATCH \
         INVALID_REQUEST TRADE_ERROR NOT_ENOUGH",
    ) {
        assert_eq!(pay(v2(refused(code))), declined(code, DeclineKind::Refused));
    }
    for code in codes("AUTHCODEEXPIRE AUTH_CODE_ERROR AUTH_CODE_INVALID") {
        assert_eq!(
            pay(v2(refused(code))),
            declined(code, DeclineKind::CodeInvalid)
        );
    }
    for code in codes("ORDERCLOSED ORDERREVERSED") {
        assert_eq!(pay(v2(refused(code))), declined(code, DeclineKind::Closed));
    }
    assert_eq!(pay(v2(refused("USERPAYING"))), Verdict::Pending);
    for code in
        codes("SYSTEMERROR SYSTEM_ERROR BANKERROR BANK_ERROR ORDERPAID OUT_TRADE_NO_USED NEWS")
    {
        let verdict = pay(v2(refused(code)));
        assert!(is_unknown(&verdict), "{code}: {verdict:?}");
    }
}

/// Answers that are about something else, or that nobody signed.
fn spoiled(good: &Fields) -> Vec<(&'static str, Reply)> {
    let over = |pairs: &[(&str, &str)]| v2(over(good.clone(), pairs));
    let text = signed_xml(good.clone());
    let mut unsigned = good.clone();
    unsigned.remove("sign");
    vec![
        ("another app", over(&[("appid", "wx2222222222222222")])),
        ("another provider", over(&[("mch_id", "1900000002")])),
        (
            "another sub-merchant",
            over(&[("sub_mch_id", "1900000110")]),
        ),
        ("no sub-merchant", over(&[("sub_mch_id", "")])),
        (
            "another number",
            over(&[("out_trade_no", "0001234567890124")]),
        ),
        ("no number", over(&[("out_trade_no", "")])),
        ("another amount", over(&[("total_fee", "8889")])),
        ("a signed amount", over(&[("total_fee", "+8888")])),
        ("another currency", over(&[("fee_type", "USD")])),
        ("no time", over(&[("time_end", "")])),
        ("a broken time", over(&[("time_end", "20261315100001")])),
        ("no transaction", over(&[("transaction_id", "")])),
        ("a failed transport", over(&[("return_code", "FAIL")])),
        ("an odd result", over(&[("result_code", "MAYBE")])),
        ("no signature", Reply::ok(xml(&unsigned))),
        ("a changed amount", Reply::ok(text.replace("8888", "8889"))),
        (
            "an added field",
            Reply::ok(text.replace("</xml>", "<a>1</a></xml>")),
        ),
        (
            "a doubled field",
            Reply::ok(text.replace("</xml>", "<total_fee>1</total_fee></xml>")),
        ),
        (
            "a cut answer",
            Reply::ok(&text.as_bytes()[..text.len() - 7]),
        ),
        ("a DOCTYPE", Reply::ok(format!("<!DOCTYPE xml>{text}"))),
        (
            "an entity",
            Reply::ok(text.replace("</xml>", "<b>&x;</b></xml>")),
        ),
        ("HTTP 500", Reply::Http(500, Vec::new(), text.into_bytes())),
    ]
}

#[test]
fn what_is_not_about_this_payment_is_no_answer() {
    for (name, reply) in spoiled(&paid(&[])) {
        let verdict = pay(reply);
        assert!(is_unknown(&verdict), "{name}: {verdict:?}");
    }
    for (name, reply) in spoiled(&paid(&[("trade_state", "SUCCESS")])) {
        let verdict = query(reply);
        assert!(is_unknown(&verdict), "{name}: {verdict:?}");
    }
    for app in [
        ("appid", "wx2222222222222222"),
        ("mch_id", "1"),
        ("sub_mch_id", "1"),
    ] {
        let verdict = pay(v2(over(refused("NOTENOUGH"), &[app])));
        assert!(is_unknown(&verdict), "{app:?}: {verdict:?}");
    }
    let mut forged = refused("NOTENOUGH");
    forged.insert("sign".to_owned(), "0".repeat(32));
    assert!(is_unknown(&pay(Reply::ok(xml(&forged)))));
}

#[test]
fn a_query_tells_the_state() {
    let state = |word: &str| answered(&[("out_trade_no", NUMBER), ("trade_state", word)]);
    for word in ["SUCCESS", "REFUND"] {
        assert_eq!(
            query(v2(paid(&[("trade_state", word)]))),
            Verdict::Paid(evidence())
        );
        assert!(is_unknown(&query(v2(state(word)))), "paid without facts");
    }
    for word in ["NOTPAY", "USERPAYING", "ACCEPT"] {
        assert_eq!(query(v2(state(word))), Verdict::Pending);
    }
    for word in ["CLOSED", "REVOKED"] {
        assert_eq!(query(v2(state(word))), declined(word, DeclineKind::Closed));
    }
    assert_eq!(
        query(v2(state("PAYERROR"))),
        declined("PAYERROR", DeclineKind::Refused)
    );
    for word in ["", "NEWS"] {
        assert!(is_unknown(&query(v2(state(word)))), "{word}");
    }
    let foreign = over(state("PAYERROR"), &[("out_trade_no", "1")]);
    assert!(is_unknown(&query(v2(foreign))));
    for code in [
        "ORDERNOTEXIST",
        "ORDER_NOT_EXIST",
        "SYSTEMERROR",
        "PARAM_ERROR",
    ] {
        assert!(is_unknown(&query(v2(refused(code)))), "{code}");
    }
}

#[test]
fn a_query_of_a_v2_order_asks_v2() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().query(&fake, &barcode().order()));
    let request = fake.only();
    assert_eq!(request.url, "http://127.0.0.1:8090/wechat/pay/orderquery");
    assert_eq!(sent_fields(&request.body)["out_trade_no"], NUMBER);
}

#[test]
fn only_a_definite_reversal_is_one() {
    let reverse =
        |case: Case, reply: Reply| run(channel().reverse(&Fake::new([reply]), &case.order()));
    let recall = |word: &str| v2(answered(&[("recall", word)]));
    assert_eq!(reverse(barcode(), recall("N")), ReversalResult::Reversed);
    let too_late = v2(refused("REVERSE_EXPIRE"));
    assert_eq!(reverse(barcode(), too_late), ReversalResult::TooLate);
    for reply in [
        recall("Y"),
        recall(""),
        recall("MAYBE"),
        v2(refused("SYSTEMERROR")),
        v2(refused("USERPAYING")),
        v2(refused("INVALID_REQUEST")),
        Reply::Http(429, Vec::new(), Vec::new()),
        v2(over(answered(&[("recall", "N")]), &[("sub_mch_id", "1")])),
        Reply::ok(xml(&answered(&[("recall", "N")]))),
    ] {
        let result = reverse(barcode(), reply);
        assert!(matches!(result, ReversalResult::Unknown(_)), "{result:?}");
    }
    let result = reverse(case("v2", Scene::Jsapi), recall("N"));
    assert!(
        matches!(result, ReversalResult::Unknown(_)),
        "pages cannot be reversed"
    );
}
