//! Orders at Alipay: pay, create, precreate, query, cancel, close.

use heliu_ports::channel::PrepayResult;
use heliu_trade::attempt::Handoff;
use heliu_trade::promotion::{FundBill, PaymentNotes};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{CloseResult, Decline, DeclineKind, Evidence, ReversalResult, Verdict};
use heliu_trade::wallet::Funding;
use serde_json::{Value, json};

use crate::support::alipay::{
    business, case, channel, done, gateway_error, over, paid, sent_content, sent_parameters,
    signed, trade,
};
use crate::support::orders::{self, CALLBACK_URL, CHARGE_FEN, Case, NUMBER};
use crate::support::{Fake, NOW_MS, Reply, keys, run};
use crate::{declined, is_unknown};

const AUTH_CODE: &str = "284567890123456700";
const PAY: &str = "alipay.trade.pay";
const QUERY: &str = "alipay.trade.query";
const CANCEL: &str = "alipay.trade.cancel";
const CLOSE: &str = "alipay.trade.close";

fn pay(reply: Reply) -> Verdict {
    run(channel().pay(&Fake::new([reply]), &case("pay").order(), AUTH_CODE))
}

fn query(case: &Case, reply: Reply) -> Verdict {
    run(channel().query(&Fake::new([reply]), &case.order()))
}

fn evidence() -> Evidence {
    Evidence {
        payable_fen: CHARGE_FEN,
        cash_fen: CHARGE_FEN,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: "2026011522001".to_owned(),
        payer_order_no: "2026011522001".to_owned(),
        payer_id: Some("2088000000000777".to_owned()),
        funding: Funding::Balance,
        paid_at: Timestamp::from_ms(NOW_MS + 1000),
        notes: Some(Box::new(PaymentNotes {
            payer_account: Some("a**@b.c".to_owned()),
            bank: Some("ALIPAYACCOUNT".to_owned()),
            fund_bills: vec![FundBill {
                source: "ALIPAYACCOUNT".to_owned(),
                amount_fen: CHARGE_FEN,
            }],
            ..PaymentNotes::default()
        })),
    }
}

#[test]
fn pay_sends_what_the_document_asks() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().pay(&fake, &case("pay").expires_in(300_000).order(), AUTH_CODE));
    let (request, timeout_ms) = fake.sent().remove(0);
    assert_eq!(request.url, "http://127.0.0.1:8090/alipay/gateway.do");
    assert_eq!(timeout_ms, 10_000);
    let mut parameters = sent_parameters(&request);
    parameters.retain(|name, _| name != "sign" && name != "biz_content");
    let expected = json!({
        "app_auth_token": "202601BBtoken", "app_id": "2021000000000001", "charset": "utf-8",
        "format": "JSON", "method": PAY, "notify_url": CALLBACK_URL, "sign_type": "RSA2",
        "timestamp": "2026-01-15 10:00:00", "version": "1.0",
    });
    assert_eq!(json!(parameters), expected);
    let expected = json!({
        "out_trade_no": NUMBER, "total_amount": "88.88", "subject": "咖啡 & cake",
        "scene": "bar_code", "auth_code": AUTH_CODE, "product_code": "FACE_TO_FACE_PAYMENT",
        "time_expire": "2026-01-15 10:05:00",
        "extend_params": {"sys_service_provider_id": "2088000000000001"},
    });
    assert_eq!(sent_content(&request), expected);
}

#[test]
fn nothing_is_sent_for_a_merchant_who_gave_no_token() {
    let fake = || Fake::without("app_auth_token", []);
    let verdict = run(channel().pay(&fake(), &case("pay").order(), AUTH_CODE));
    assert_eq!(verdict, declined("UNREACHABLE", DeclineKind::Unreachable));
    let asked = run(channel().query(&fake(), &case("pay").order()));
    assert!(is_unknown(&asked), "{asked:?}");
}

/// The gateway repeats the text to sign, and the token stands in it.
#[test]
fn what_a_refusal_repeats_of_our_request_is_told_to_nobody() {
    let token = "202601BBtoken";
    for code in ["40002", "40004", "20000", "99999"] {
        let node = json!({"code": code, "msg": token, "sub_code": "isv.invalid-signature",
            "sub_msg": format!("app_auth_token={token}&app_id=1")});
        for method in [PAY, QUERY] {
            let reply = signed(method, &node.to_string());
            let verdict = match method {
                PAY => pay(reply),
                _ => query(&case("pay"), reply),
            };
            assert!(!format!("{verdict:?}").contains(token), "{verdict:?}");
        }
    }
}

#[test]
fn a_token_cannot_be_entered_as_a_merchants_number() {
    let check = channel().descriptor().check_sub_merchant_id;
    for number in ["2088000000000009", "2088102146225135"] {
        assert_eq!(check(number), Ok(()), "{number}");
    }
    let tokens = [
        "202601BBtoken",
        "202601BB7ab1d2a3c3d24b3d9e1b8b1c2d3e4X09",
        "2088000000000009 ",
        "208800000000000a",
        "20880000000000091",
        "1088000000000009",
        "",
    ];
    for text in tokens {
        check(text).expect_err(text);
    }
}

#[test]
fn a_paid_answer_is_evidence() {
    assert_eq!(pay(done(PAY, &paid(&json!({})))), Verdict::Paid(evidence()));
    let waiting =
        json!({"code": "10003", "msg": "order success pay inprocess", "out_trade_no": NUMBER});
    assert_eq!(pay(signed(PAY, &waiting.to_string())), Verdict::Pending);
    let other = over(waiting, &json!({"out_trade_no": "1"}));
    assert!(is_unknown(&pay(signed(PAY, &other.to_string()))));
}

#[test]
fn discounts_are_divided_by_who_pays_them() {
    for (own, parts) in [
        (
            json!({"receipt_amount": "80.00", "buyer_pay_amount": "80.00"}),
            (8000, 888, 0),
        ),
        (
            json!({"receipt_amount": "88.88", "buyer_pay_amount": "80.00"}),
            (8000, 0, 888),
        ),
        (
            json!({"receipt_amount": "85.88", "buyer_pay_amount": "80.00"}),
            (8000, 300, 588),
        ),
        (
            json!({"receipt_amount": "88.88", "buyer_pay_amount": null,
                   "voucher_detail_list": [{"amount": "8.88"}]}),
            (8000, 0, 888),
        ),
        (
            json!({"receipt_amount": null, "buyer_pay_amount": null, "voucher_detail_list":
                   [{"amount": "8.88", "merchant_contribute": "3.00"}]}),
            (8000, 300, 588),
        ),
        (
            json!({"receipt_amount": "80.00", "buyer_pay_amount": null}),
            (8000, 888, 0),
        ),
        (
            json!({"receipt_amount": null, "buyer_pay_amount": null}),
            (8888, 0, 0),
        ),
    ] {
        let Verdict::Paid(found) = pay(done(PAY, &paid(&own))) else {
            panic!("{own}")
        };
        let found = (
            found.cash_fen,
            found.merchant_discount_fen,
            found.channel_discount_fen,
        );
        assert_eq!(found, parts, "{own}");
        assert_eq!(found.0 + found.1 + found.2, CHARGE_FEN);
    }
}

#[test]
fn fund_channels_tell_the_funding() {
    for (bills, funding) in [
        (
            json!([{"fund_channel": "PCREDIT", "amount": "88.88"}]),
            Funding::WalletCredit,
        ),
        (
            json!([{"fund_channel": "BANKCARD", "amount": "88.88", "fund_type": "DEBIT_CARD"}]),
            Funding::Debit,
        ),
        (
            json!([{"fund_channel": "BANKCARD", "amount": "88.88", "fund_type": "CREDIT_CARD"}]),
            Funding::Credit,
        ),
        (
            json!([{"fund_channel": "BANKCARD", "amount": "88.88"}]),
            Funding::Unknown,
        ),
        (
            json!([{"fund_channel": "FINANCEACCOUNT", "amount": "88.88"}]),
            Funding::Balance,
        ),
        (
            json!([{"fund_channel": "MDISCOUNT", "amount": "80.00"},
                   {"fund_channel": "ALIPAYACCOUNT", "amount": "8.88"}]),
            Funding::Balance,
        ),
        (
            json!([{"fund_channel": "NEWS", "amount": "1"}]),
            Funding::Unknown,
        ),
        (json!([]), Funding::Unknown),
        (json!(null), Funding::Unknown),
    ] {
        let verdict = pay(done(PAY, &paid(&json!({"fund_bill_list": bills}))));
        let Verdict::Paid(found) = verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!(found.funding, funding);
    }
}

#[test]
fn refusals_prove_what_the_table_says() {
    for word in [
        "INVALID_PARAMETER",
        "BUYER_BALANCE_NOT_ENOUGH",
        "PAYMENT_FAIL",
        "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
        "BEYOND_PER_RECEIPT_SINGLE_RESTRICTION",
        "NOW_TIME_AFTER_EXPIRE_TIME_ERROR",
    ] {
        let verdict = pay(business(PAY, &format!("ACQ.{word}")));
        assert_eq!(verdict, declined(word, DeclineKind::Refused));
    }
    for word in ["SOUNDWAVE_PARSER_FAIL", "PAYMENT_AUTH_CODE_INVALID"] {
        let verdict = pay(business(PAY, &format!("ACQ.{word}")));
        assert_eq!(verdict, declined(word, DeclineKind::CodeInvalid));
    }
    assert_eq!(
        pay(business(PAY, "ACQ.TRADE_HAS_CLOSE")),
        declined("TRADE_HAS_CLOSE", DeclineKind::Closed)
    );
    for word in [
        "ACQ.SYSTEM_ERROR",
        "aop.ACQ.SYSTEM_ERROR",
        "ACQ.TRADE_HAS_SUCCESS",
        "ACQ.CONTEXT_INCONSISTENT",
        "ACQ.TRADE_BUYER_NOT_MATCH",
        "ACQ.NEWS",
    ] {
        let verdict = pay(business(PAY, word));
        assert!(is_unknown(&verdict), "{word}: {verdict:?}");
    }
}

#[test]
fn the_gateways_own_refusals_count_if_signed() {
    for (code, word) in [
        ("20001", "aop.invalid-app-auth-token"),
        ("40001", "isv.missing-signature"),
        ("40002", "isv.invalid-signature"),
        ("40006", "isv.insufficient-isv-permissions"),
    ] {
        assert_eq!(
            pay(gateway_error(code, word, true)),
            declined(word, DeclineKind::Refused)
        );
        let verdict = pay(gateway_error(code, word, false));
        assert!(is_unknown(&verdict), "{code}: {verdict:?}");
        // A prepay moves nothing.
        let fake = Fake::new([gateway_error(code, word, false)]);
        let result = run(channel().prepay(&fake, &case("precreate").order()));
        assert!(
            matches!(result, PrepayResult::Declined(_)),
            "{code}: {result:?}"
        );
    }
    for (code, word) in [
        ("20000", "isp.unknow-error"),
        ("40005", "isv.limited"),
        ("50000", "x"),
    ] {
        for is_signed in [true, false] {
            assert!(
                is_unknown(&pay(gateway_error(code, word, is_signed))),
                "{code}"
            );
            let fake = Fake::new([gateway_error(code, word, is_signed)]);
            let result = run(channel().prepay(&fake, &case("precreate").order()));
            assert!(
                matches!(result, PrepayResult::Unknown(_)),
                "{code}: {result:?}"
            );
        }
    }
    assert!(is_unknown(&pay(gateway_error(
        "40004",
        "ACQ.PAYMENT_FAIL",
        false
    ))));
    assert!(
        is_unknown(&pay(gateway_error("10000", "", true))),
        "an error is no success"
    );
}

/// Answers that are about something else, or that nobody signed.
fn spoiled(method: &str, node: &Value) -> Vec<(&'static str, Reply)> {
    let name = format!("{}_response", method.replace('.', "_"));
    let node = over(node.clone(), &json!({"code": "10000"}));
    let changed = |own: Value| signed(method, &over(node.clone(), &own).to_string());
    let text = node.to_string();
    let sign = keys::theirs().sign(text.as_bytes());
    let ours = keys::ours().sign(text.as_bytes());
    let raw = |text: String| Reply::ok(text);
    vec![
        ("another number", changed(json!({"out_trade_no": "1"}))),
        ("no number", changed(json!({"out_trade_no": null}))),
        ("another amount", changed(json!({"total_amount": "88.89"}))),
        ("a long amount", changed(json!({"total_amount": "88.880"}))),
        ("no amount", changed(json!({"total_amount": null}))),
        (
            "another currency",
            changed(json!({"trans_currency": "USD"})),
        ),
        ("no trade number", changed(json!({"trade_no": ""}))),
        (
            "no time",
            changed(json!({"gmt_payment": null, "send_pay_date": null})),
        ),
        ("no code", changed(json!({"code": null}))),
        ("an odd code", changed(json!({"code": "10001"}))),
        ("no signature", raw(format!("{{\"{name}\":{text}}}"))),
        (
            "our signature",
            raw(format!("{{\"{name}\":{text},\"sign\":\"{ours}\"}}")),
        ),
        (
            "a changed node",
            raw(format!(
                "{{\"{name}\":{},\"sign\":\"{sign}\"}}",
                text.replace("8888", "8889").replace("2026011522001", "9")
            )),
        ),
        (
            "spread out",
            raw(format!(
                "{{\"{name}\":{{ {},\"sign\":\"{sign}\"}}",
                &text[1..]
            )),
        ),
        (
            "another method",
            raw(format!(
                "{{\"alipay_x_response\":{text},\"sign\":\"{sign}\"}}"
            )),
        ),
        (
            "cut off",
            raw(format!("{{\"{name}\":{text},\"sign\":\"{sign}\"")),
        ),
        (
            "HTTP 500",
            Reply::Http(
                500,
                Vec::new(),
                format!("{{\"{name}\":{text},\"sign\":\"{sign}\"}}").into(),
            ),
        ),
    ]
}

#[test]
fn what_is_not_about_this_order_is_no_answer() {
    for (name, reply) in spoiled(PAY, &paid(&json!({}))) {
        let verdict = pay(reply);
        assert!(is_unknown(&verdict), "{name}: {verdict:?}");
    }
    for (name, reply) in spoiled(QUERY, &trade("TRADE_SUCCESS", &json!({}))) {
        let verdict = query(&case("pay"), reply);
        assert!(is_unknown(&verdict), "{name}: {verdict:?}");
    }
}

#[test]
fn braces_and_escapes_in_texts_do_not_move_the_node() {
    let node = paid(&json!({"code": "10000", "store_name": "a \"}\" b {{ \\ }"}));
    let text = node.to_string().replace('/', "\\/").replacen('{', "{ ", 1);
    assert_eq!(pay(signed(PAY, &text)), Verdict::Paid(evidence()));
}

#[test]
fn payers_are_named_by_either_id() {
    const OURS: &str = "2021000000000001";
    const ANOTHER: &str = "2021000000000077";
    let open_id = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5";
    // An open id is one of the application that signs, or one of the app whose page invokes the
    // trade.
    for (payer, app_id, member) in [
        ("2088000000000777", None, "buyer_id"),
        ("2088000000000777", Some(ANOTHER), "buyer_id"),
        (open_id, None, "buyer_open_id"),
        (open_id, Some(OURS), "buyer_open_id"),
        (open_id, Some(ANOTHER), "op_buyer_open_id"),
        ("208800000000077", None, "buyer_open_id"),
        ("208800000000077", Some(ANOTHER), "op_buyer_open_id"),
    ] {
        let answer = json!({"out_trade_no": NUMBER, "trade_no": "2026011522001"});
        let fake = Fake::new([done("alipay.trade.create", &answer)]);
        let mut case = case("create").payer(payer);
        if let Some(app_id) = app_id {
            case = case.sub_app(app_id);
        }
        let result = run(channel().prepay(&fake, &case.order()));
        let expected = Handoff::TradeNo("2026011522001".to_owned());
        assert_eq!(result, PrepayResult::Handed(expected));
        let request = fake.only();
        let content = sent_content(&request);
        assert_eq!(content[member], payer);
        assert_eq!(content["op_app_id"], json!(app_id));
        let members = ["buyer_id", "buyer_open_id", "op_buyer_open_id"];
        let named = members.iter().filter(|name| content.get(**name).is_some());
        assert_eq!(named.count(), 1, "{content}");
        assert_eq!(sent_parameters(&request)["notify_url"], CALLBACK_URL);
    }
    // A login is no id, and an id is better.
    let login = || case("create").payer_login("138@example.com");
    for (case, names) in [
        (login(), [false, false, true]),
        (login().payer("2088000000000777"), [true, false, false]),
    ] {
        let fake = Fake::new([Reply::NoAnswer]);
        run(channel().prepay(&fake, &case.order()));
        let sent = sent_content(&fake.only());
        let members = ["buyer_id", "buyer_open_id", "buyer_logon_id"];
        assert_eq!(
            members.map(|name| sent.get(name).is_some()),
            names,
            "{sent}"
        );
    }
    let fake = Fake::new([]);
    let result = run(channel().prepay(&fake, &case("create").order()));
    assert!(matches!(result, PrepayResult::Declined(_)), "{result:?}");
}

#[test]
fn a_code_is_handed_on() {
    let method = "alipay.trade.precreate";
    let answer = json!({"out_trade_no": NUMBER, "qr_code": "https://qr.alipay.com/x"});
    let prepay =
        |reply: Reply| run(channel().prepay(&Fake::new([reply]), &case("precreate").order()));
    let expected = Handoff::CodeUrl("https://qr.alipay.com/x".to_owned());
    assert_eq!(
        prepay(done(method, &answer)),
        PrepayResult::Handed(expected)
    );
    for own in [json!({"out_trade_no": "1"}), json!({"qr_code": null})] {
        let result = prepay(done(method, &over(answer.clone(), &own)));
        assert!(matches!(result, PrepayResult::Unknown(_)), "{result:?}");
    }
    let refused = prepay(business(method, "ACQ.TRADE_HAS_CLOSE"));
    let kind = DeclineKind::Closed;
    let expected = Decline {
        reason: "TRADE_HAS_CLOSE".to_owned(),
        kind,
    };
    assert_eq!(refused, PrepayResult::Declined(expected));
    let unknown = prepay(business(method, "ACQ.SYSTEM_ERROR"));
    assert!(matches!(unknown, PrepayResult::Unknown(_)), "{unknown:?}");
}

#[test]
fn a_query_tells_the_state() {
    let of = |case: &Case, status: &str| query(case, done(QUERY, &trade(status, &json!({}))));
    let code = case("pay");
    for status in ["TRADE_SUCCESS", "TRADE_FINISHED"] {
        assert_eq!(of(&code, status), Verdict::Paid(evidence()));
    }
    assert_eq!(of(&code, "WAIT_BUYER_PAY"), Verdict::Pending);
    assert!(is_unknown(&of(&code, "NEWS")));
    // Closed: declined by the payer, timed out, or refunded in full after we saw it paid.
    assert_eq!(
        of(&code, "TRADE_CLOSED"),
        declined("PAYMENT_FAIL", DeclineKind::Refused)
    );
    let page = case("create");
    assert_eq!(
        of(&page, "TRADE_CLOSED"),
        declined("TRADE_CLOSED", DeclineKind::Closed)
    );
    let seen = case("pay").seen_paid();
    assert_eq!(of(&seen, "TRADE_CLOSED"), Verdict::Paid(orders::evidence()));
    for word in [
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.SYSTEM_ERROR",
        "ACQ.INVALID_PARAMETER",
    ] {
        assert!(is_unknown(&query(&code, business(QUERY, word))), "{word}");
    }
}

#[test]
fn only_a_definite_cancel_is_a_reversal() {
    let cancel = |reply: Reply| run(channel().reverse(&Fake::new([reply]), &case("pay").order()));
    let of = |own: Value| cancel(done(CANCEL, &over(json!({"out_trade_no": NUMBER}), &own)));
    for own in [
        json!({"retry_flag": "N", "action": "close"}),
        json!({"retry_flag": "N", "action": "refund"}),
        json!({"retry_flag": "N"}),
        json!({}),
    ] {
        assert_eq!(of(own.clone()), ReversalResult::Reversed, "{own}");
    }
    for own in [
        json!({"retry_flag": "Y"}),
        json!({"retry_flag": "Y", "action": "close"}),
        json!({"retry_flag": "N", "action": "news"}),
        json!({"retry_flag": "N", "action": "close", "out_trade_no": "1"}),
    ] {
        assert!(
            matches!(of(own.clone()), ReversalResult::Unknown(_)),
            "{own}"
        );
    }
    assert_eq!(
        cancel(business(CANCEL, "ACQ.TRADE_CANCEL_TIME_OUT")),
        ReversalResult::TooLate
    );
    for word in ["ACQ.SYSTEM_ERROR", "ACQ.SELLER_BALANCE_NOT_ENOUGH"] {
        assert!(matches!(
            cancel(business(CANCEL, word)),
            ReversalResult::Unknown(_)
        ));
    }
}

#[test]
fn a_close_falls_back_to_what_works() {
    let close = |replies: Vec<Reply>| {
        let fake = Fake::new(replies);
        let result = run(channel().close(&fake, &case("precreate").order()));
        let methods: Vec<String> = fake
            .sent()
            .iter()
            .map(|(sent, _)| sent_parameters(sent)["method"].clone())
            .collect();
        (result, methods)
    };
    let about = json!({"out_trade_no": NUMBER});
    assert_eq!(
        close(vec![done(CLOSE, &about)]),
        (CloseResult::Closed, vec![CLOSE.to_owned()])
    );
    let unscanned = || business(CLOSE, "ACQ.TRADE_NOT_EXIST");
    let (result, methods) = close(vec![unscanned(), done(CANCEL, &json!({"action": "close"}))]);
    assert_eq!(result, CloseResult::Closed);
    assert_eq!(methods, [CLOSE, CANCEL]);
    for second in [
        done(CANCEL, &json!({"retry_flag": "Y"})),
        Reply::NotSent,
        Reply::NoAnswer,
    ] {
        let (result, _) = close(vec![unscanned(), second]);
        assert!(matches!(result, CloseResult::Unknown(_)), "{result:?}");
    }
    let over_it = || business(CLOSE, "ACQ.REASON_TRADE_STATUS_INVALID");
    let status = |word: &str| done(QUERY, &trade(word, &json!({})));
    assert_eq!(
        close(vec![over_it(), status("TRADE_SUCCESS")]).0,
        CloseResult::Paid
    );
    assert_eq!(
        close(vec![over_it(), status("TRADE_CLOSED")]).0,
        CloseResult::Closed
    );
    for second in [status("WAIT_BUYER_PAY"), Reply::NoAnswer] {
        let (result, _) = close(vec![over_it(), second]);
        assert!(matches!(result, CloseResult::Unknown(_)), "{result:?}");
    }
    let (result, _) = close(vec![business(CLOSE, "ACQ.SYSTEM_ERROR")]);
    assert!(matches!(result, CloseResult::Unknown(_)), "{result:?}");
}
