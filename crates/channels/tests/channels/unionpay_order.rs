//! Orders at UnionPay: payments by code, codes to scan, pages for a known payer, queries, closes.

use heliu_ports::channel::{PrepayResult, UpstreamScene};
use heliu_trade::attempt::Handoff;
use heliu_trade::promotion::{PaymentNotes, Promotion, PromotionKind, PromotionScope};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{CloseResult, Decline, DeclineKind, Evidence, ReversalResult, Verdict};
use heliu_trade::wallet::{Funding, Scene, WalletKind};
use serde_json::{Value, json};

use crate::support::alipay::over;
use crate::support::orders::{CALLBACK_URL, CHARGE_FEN, Case, NUMBER};
use crate::support::unionpay::{MER_ID, answered, case, channel, found, paid, refused, sent, sign};
use crate::support::{Fake, NOW_MS, Reply, run};
use crate::{declined, is_unknown};

const CODE: &str = "6220485073630469936";

fn pay(case: &Case, reply: Reply) -> Verdict {
    run(channel().pay(&Fake::new([reply]), &case.order(), CODE))
}

fn take(reply: Reply) -> Verdict {
    pay(&case(Scene::Barcode), reply)
}

fn query(reply: Reply) -> Verdict {
    run(channel().query(&Fake::new([reply]), &case(Scene::Barcode).order()))
}

fn close(case: &Case, replies: impl IntoIterator<Item = Reply>) -> CloseResult {
    run(channel().close(&Fake::new(replies), &case.order()))
}

fn prepay(case: &Case, reply: Reply) -> PrepayResult {
    run(channel().prepay(&Fake::new([reply]), &case.order()))
}

fn evidence() -> Evidence {
    Evidence {
        payable_fen: CHARGE_FEN,
        cash_fen: CHARGE_FEN,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: "T20260115000001".to_owned(),
        payer_order_no: NUMBER.to_owned(),
        payer_id: None,
        funding: Funding::Credit,
        paid_at: Timestamp::from_ms(NOW_MS + 1_000),
        notes: Some(Box::new(PaymentNotes {
            bank: Some("2".to_owned()),
            ..PaymentNotes::default()
        })),
    }
}

#[test]
fn micropay_sends_what_the_notes_ask() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().pay(&fake, &case(Scene::Barcode).order(), CODE));
    let (request, timeout_ms) = fake.sent().remove(0);
    assert_eq!(
        request.url,
        "http://127.0.0.1:8090/unionpay/gateway/api/pay/micropay"
    );
    assert_eq!(timeout_ms, 10_000);
    let expected = json!({
        "serProvId": "S2026010100001", "merId": MER_ID, "orderNo": NUMBER,
        "orderTime": "20260115100000", "orderType": "unionpay", "txnAmt": "8888",
        "currencyCode": "156", "orderInfo": "咖啡 & cake", "termId": "00000001",
        "termInfo": "{\"ip\":\"203.0.113.7\"}", "authCode": CODE,
        "backUrl": "https://pay.example.com/callback/t0ken",
    });
    assert_eq!(sent(&request), expected);
}

#[test]
fn terminals_are_the_merchants_if_they_fit() {
    let term_id = |case: &Case| {
        let fake = Fake::new([Reply::NoAnswer]);
        run(channel().pay(&fake, &case.order(), CODE));
        sent(&fake.only())["termId"].clone()
    };
    let mut stated = case(Scene::Barcode).setting("termId", "SHOP0001");
    assert_eq!(term_id(&stated), "SHOP0001");
    stated.terms.terminal_id = Some("T-1".to_owned());
    assert_eq!(term_id(&stated), "SHOP0001");
    stated.terms.terminal_id = Some("T0000009".to_owned());
    assert_eq!(term_id(&stated), "T0000009");
}

#[test]
fn the_account_names_the_merchant_where_the_contract_does_not() {
    let mut one = case(Scene::Barcode).setting("merId", "777290058110000");
    std::sync::Arc::make_mut(&mut one.attempt.route).sub_merchant_id = String::new();
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().pay(&fake, &one.order(), CODE));
    assert_eq!(sent(&fake.only())["merId"], "777290058110000");
    one.account.settings.remove("merId");
    let fake = Fake::new([]);
    let verdict = run(channel().pay(&fake, &one.order(), CODE));
    assert_eq!(verdict, declined("UNREACHABLE", DeclineKind::Unreachable));
}

#[test]
fn a_paid_code_is_paid() {
    assert_eq!(take(answered(&paid(&json!({})))), Verdict::Paid(evidence()));
    let numbers = json!({"txnAmt": 8888, "cardAttr": "1", "userId": "UP/1+="});
    match take(answered(&paid(&numbers))) {
        Verdict::Paid(found) => {
            assert_eq!(found.funding, Funding::Debit);
            assert_eq!(found.payer_id.as_deref(), Some("UP/1+="));
            assert_eq!(
                found.notes.and_then(|notes| notes.bank).as_deref(),
                Some("1")
            );
        }
        other => panic!("{other:?}"),
    }
    let untold = json!({"payTime": null, "cardAttr": null});
    match take(answered(&paid(&untold))) {
        Verdict::Paid(found) => {
            assert_eq!(found.funding, Funding::Unknown);
            assert_eq!(found.paid_at, Timestamp::from_ms(NOW_MS));
            assert_eq!(found.notes, None);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn discounts_are_told_by_who_pays_them() {
    let coupons = json!([
        {"type": "DD01", "spnsrId": MER_ID, "offstAmt": "500", "id": "c1", "desc": "店铺立减"},
        {"type": "CP02", "spnsrId": "00010000", "offstAmt": 300, "id": "c2", "desc": "银联券"},
        {"type": "DD01", "spnsrId": "01020000", "offstAmt": "88"},
        {"type": "DD01", "spnsrId": MER_ID},
    ]);
    for told in [coupons.clone(), coupons.to_string().into()] {
        let message = paid(&json!({"couponInfo": told}));
        let Verdict::Paid(found) = take(answered(&message)) else {
            panic!("it is paid")
        };
        assert_eq!(
            (
                found.cash_fen,
                found.merchant_discount_fen,
                found.channel_discount_fen
            ),
            (8_000, 500, 388)
        );
        let promotions = found.notes.expect("told").promotions;
        let shares: Vec<_> = promotions
            .iter()
            .map(|one| (one.merchant_fen, one.wallet_fen, one.other_fen))
            .collect();
        assert_eq!(shares, [(500, 0, 0), (0, 300, 0), (0, 0, 88)]);
        assert_eq!(
            promotions[0],
            Promotion {
                promotion_id: "c1".to_owned(),
                name: "店铺立减".to_owned(),
                scope: PromotionScope::Order,
                kind: PromotionKind::Discount,
                amount_fen: 500,
                activity_id: "c1".to_owned(),
                wallet_fen: 0,
                merchant_fen: 500,
                other_fen: 0,
                goods: Vec::new(),
            }
        );
    }
}

#[test]
fn refusals_of_a_code_are_told_apart() {
    for (code, kind) in [
        ("61", DeclineKind::CodeInvalid),
        ("64", DeclineKind::Refused),
        ("01", DeclineKind::Refused),
        ("13", DeclineKind::Refused),
    ] {
        assert_eq!(take(refused(code)), declined(code, kind));
    }
    let other = case(Scene::Barcode).setting("code_invalid", "60, 77");
    assert_eq!(
        pay(&other, refused("77")),
        declined("77", DeclineKind::CodeInvalid)
    );
    assert_eq!(take(refused("02")), Verdict::Pending);
    for code in [
        "12", "99", "03", "04", "05", "06", "34", "96", "98", "A6", "1", "0000", "",
    ] {
        assert!(is_unknown(&take(refused(code))), "{code}");
    }
}

#[test]
fn an_answer_about_something_else_is_no_answer() {
    for own in [
        json!({"orderNo": "0001234567890124"}),
        json!({"orderNo": null}),
        json!({"txnAmt": "8889"}),
        json!({"txnAmt": null}),
        json!({"txnAmt": "88.88"}),
        json!({"currencyCode": "840"}),
        json!({"transIndex": null}),
        json!({"merId": "777290058110098"}),
        json!({"serProvId": "S2026010100002"}),
    ] {
        let mut message = paid(&json!({}));
        for (name, value) in own.as_object().expect("an object") {
            message[name] = value.clone();
        }
        assert!(is_unknown(&take(answered(&message))), "{own}");
    }
    let declined = json!({"respCode": "64", "merId": "777290058110098"});
    assert!(is_unknown(&take(answered(&declined))));
}

#[test]
fn an_answer_must_be_signed() {
    let base = over(paid(&json!({})), &json!({"respCode": "00"}));
    for broken in [
        base.clone(),
        over(base.clone(), &json!({"signature": ""})),
        over(base.clone(), &json!({"signature": "AAAA"})),
        over(sign(base.clone(), true), &json!({"transIndex": "T2"})),
        over(sign(base.clone(), true), &json!({"more": "x"})),
    ] {
        assert!(is_unknown(&take(Reply::ok(broken.to_string()))), "{broken}");
    }
    // A refusal before the signature is looked at is not signed itself: it proves nothing, but is
    // told.
    match take(Reply::ok(r#"{"respCode":"11","respMsg":"验签失败"}"#)) {
        Verdict::Unknown(why) => assert!(why.why.contains("it says 11"), "{}", why.why),
        other => panic!("{other:?}"),
    }
    let text = sign(base.clone(), true).to_string();
    let twice = text.replacen('{', "{\"respCode\":\"00\",", 1);
    assert!(is_unknown(&take(Reply::ok(twice))));
    let late = Reply::Http(500, Vec::new(), text.into_bytes());
    assert!(is_unknown(&take(late)));
}

#[test]
fn members_are_verified_as_they_came() {
    // Numbers keep their digits, objects their blanks, nulls are not signed, empty texts are or are
    // not.
    let own =
        json!({"respCode": "00", "txnAmt": 8888, "settleRate": 1.50, "x": null, "reqReserved": ""});
    for keeps_empty in [true, false] {
        let message = sign(over(paid(&json!({})), &own), keeps_empty).to_string();
        assert_eq!(
            take(Reply::ok(message.clone())),
            Verdict::Paid(evidence()),
            "{message}"
        );
    }
    let message = json!({"respCode": "00", "o": {"a": [1, 2]}});
    let signed = sign(over(paid(&json!({})), &message), true).to_string();
    let spaced = signed.replace("{\"a\":[1,2]}", "{\"a\": [1, 2]}");
    assert_ne!(signed, spaced);
    assert!(is_unknown(&take(Reply::ok(spaced))));
    assert_eq!(take(Reply::ok(signed)), Verdict::Paid(evidence()));
}

#[test]
fn a_query_tells_the_orders_state() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().query(&fake, &case(Scene::Barcode).order()));
    let request = fake.only();
    assert!(request.url.ends_with("/gateway/api/pay/queryOrder"));
    let expected = json!({
        "serProvId": "S2026010100001", "merId": MER_ID, "orderNo": NUMBER, "orderType": "unionpay",
    });
    assert_eq!(sent(&request), expected);
    for state in ["00", "01"] {
        assert_eq!(query(found(state, &json!({}))), Verdict::Paid(evidence()));
    }
    for state in ["02", "05"] {
        assert_eq!(query(found(state, &json!({}))), Verdict::Pending);
    }
    for (state, reason, kind) in [
        ("03", "CLOSED", DeclineKind::Closed),
        ("04", "REVOKED", DeclineKind::Closed),
        ("06", "PAYERROR", DeclineKind::Refused),
    ] {
        assert_eq!(query(found(state, &json!({}))), declined(reason, kind));
    }
    for reply in [
        found("07", &json!({})),
        found("00", &json!({"txnAmt": "1"})),
        found("03", &json!({"orderNo": "0001234567890124"})),
        answered(&json!({})),
        refused("34"),
        refused("64"),
    ] {
        assert!(is_unknown(&query(reply)));
    }
}

#[test]
fn a_code_to_scan_is_an_order_without_a_payer() {
    let native = case(Scene::Native).payer("ignored").expires_in(300_000);
    let fake = Fake::new([answered(
        &json!({"payData": "https://qr.95516.com/00010000/6221"}),
    )]);
    let result = run(channel().prepay(&fake, &native.order()));
    let code = Handoff::CodeUrl("https://qr.95516.com/00010000/6221".to_owned());
    assert_eq!(result, PrepayResult::Handed(code));
    let request = fake.only();
    assert!(request.url.ends_with("/gateway/api/pay/unifiedorder"));
    let expected = json!({
        "serProvId": "S2026010100001", "merId": MER_ID, "orderNo": NUMBER,
        "orderTime": "20260115100000", "orderType": "upJs", "txnAmt": "8888",
        "currencyCode": "156", "orderInfo": "咖啡 & cake", "termId": "00000001",
        "termInfo": "{\"ip\":\"203.0.113.7\"}", "backUrl": CALLBACK_URL,
        "payTimeout": "20260115100500",
    });
    assert_eq!(sent(&request), expected);
}

#[test]
fn a_known_payer_is_sent_to_an_address() {
    let page = case(Scene::Jsapi)
        .payer("UP 1/=")
        .setting("frontUrl", "https://shop.example.com/done")
        .setting("expiry_member", "none")
        .expires_in(300_000);
    let fake = Fake::new([answered(
        &json!({"payData": "https://qr.95516.com/js/6221", "txnAmt": "8888"}),
    )]);
    let result = run(channel().prepay(&fake, &page.order()));
    let address = Handoff::Redirect("https://qr.95516.com/js/6221".to_owned());
    assert_eq!(result, PrepayResult::Handed(address));
    let request = sent(&fake.only());
    for (name, value) in [
        ("userId", json!("UP+1/=")),
        ("customerIp", json!("203.0.113.7")),
        ("frontUrl", json!("https://shop.example.com/done")),
        ("payTimeout", Value::Null),
    ] {
        assert_eq!(request[name], value, "{name}");
    }
    let fake = Fake::new([]);
    match run(channel().prepay(&fake, &case(Scene::Jsapi).order())) {
        PrepayResult::Declined(Decline { reason, .. }) => assert_eq!(reason, "LACK_PARAMS"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_prepay_needs_an_address_of_the_web() {
    let native = case(Scene::Native);
    for own in [
        json!({"payData": null}),
        json!({"payData": ""}),
        json!({"payData": "javascript:alert(1)"}),
        json!({"payData": "https://qr.95516.com/\r\nSet-Cookie: a"}),
        json!({"payData": "https://qr.95516.com/1", "txnAmt": "1"}),
        json!({"payData": "https://qr.95516.com/1", "orderNo": "0001234567890124"}),
    ] {
        let result = prepay(&native, answered(&own));
        assert!(
            matches!(result, PrepayResult::Unknown(_)),
            "{own}: {result:?}"
        );
    }
    let result = prepay(&native, refused("10"));
    assert!(matches!(result, PrepayResult::Declined(_)), "{result:?}");
    for code in ["02", "12", "99"] {
        let result = prepay(&native, refused(code));
        assert!(
            matches!(result, PrepayResult::Unknown(_)),
            "{code}: {result:?}"
        );
    }
}

#[test]
fn what_cannot_be_closed_is_asked_about() {
    for scene in [Scene::Barcode, Scene::Native] {
        let order = case(scene);
        assert_eq!(close(&order, [answered(&json!({}))]), CloseResult::Closed);
        let paid = close(&order, [refused("39"), found("00", &json!({}))]);
        assert_eq!(paid, CloseResult::Paid);
        for state in ["03", "04", "06"] {
            let closed = close(&order, [refused("39"), found(state, &json!({}))]);
            assert_eq!(closed, CloseResult::Closed);
        }
        for second in [found("05", &json!({})), refused("99"), Reply::NoAnswer] {
            let result = close(&order, [refused("39"), second]);
            assert!(matches!(result, CloseResult::Unknown(_)), "{result:?}");
        }
        let foreign = answered(&json!({"orderNo": "0001234567890124"}));
        let result = close(&order, [foreign]);
        assert!(matches!(result, CloseResult::Unknown(_)), "{result:?}");
    }
}

#[test]
fn an_absent_order_is_believed_absent_only_after_a_while() {
    let mut order = case(Scene::Barcode);
    let result = close(&order, [refused("34")]);
    assert!(matches!(result, CloseResult::Unknown(_)), "{result:?}");
    order.attempt.asked_at = Some(Timestamp::from_ms(NOW_MS));
    order.attempt.sent_at = Timestamp::from_ms(NOW_MS - 60_000);
    assert_eq!(close(&order, [refused("34")]), CloseResult::Closed);
}

#[test]
fn no_call_reverses_but_a_close_may_do() {
    let order = case(Scene::Barcode);
    let plan = channel().plan(&order.account, WalletKind::Unionpay, UpstreamScene::Barcode);
    assert!(plan.is_some_and(|plan| !plan.reverses_by_call));
    let reverse = |replies: Vec<Reply>| run(channel().reverse(&Fake::new(replies), &order.order()));
    assert_eq!(
        reverse(vec![answered(&json!({}))]),
        ReversalResult::Reversed
    );
    assert_eq!(
        reverse(vec![refused("39"), found("00", &json!({}))]),
        ReversalResult::TooLate
    );
}
