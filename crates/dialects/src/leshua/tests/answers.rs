//! Answers element by element as the vectors have them, given the same facts.

use heliu_trade::attempt::Handoff;
use heliu_trade::command::Reply;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::promotion::{PaymentNotes, Promotion, PromotionKind, PromotionScope};
use heliu_trade::refund::RefundState;
use heliu_trade::verdict::{Decline, DeclineKind};
use heliu_trade::wallet::{Funding, WalletKind};

use super::samples::{
    ALIPAY_NUMBER, CHANNEL_NO, PUBLIC_URL, TRADE_KEY, attempt, body, code, decode, echo, elements,
    encode, evidence, fourth_paid, md5, of_vector, order_of, owned, paid, prepaid, refund,
    refunded, sign_input, text, told, value, vector,
};

/// The answer to the vector's request is the vector's: names, order, values. Where it prints a
/// number that only its server knows, ours stands in its place, and the signature is that of the
/// changed text.
fn answers(name: &str, reply: &Reply, ours: &[(&str, &str)]) {
    let vector = vector(name);
    let decoded = decode(&of_vector(&vector));
    let answer = encode(&decoded.echo, Ok(reply));
    let printed = text(&vector, "/response/body");
    let mut expected = elements(printed.as_bytes());
    for (name, value) in &mut expected {
        if let Some((_, ours)) = ours.iter().find(|(number, _)| number == name) {
            (*ours).clone_into(value);
        }
    }
    let pairs = expected.iter().map(|(name, value)| (&**name, &**value));
    let sign = md5(sign_input(pairs, TRADE_KEY).as_bytes()).to_uppercase();
    let signature = expected.iter_mut().find(|(name, _)| name == "sign");
    signature.expect("a signed answer").1 = sign;
    assert_eq!(elements(&answer.body), expected, "{name}");
    if ours.is_empty() {
        assert_eq!(body(&answer), printed, "{name}");
    }
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/xml;charset=UTF-8");
    assert!(!answer.headers.contains_key("x-error-detail"));
}

#[test]
fn paid_orders() {
    // The clearing network's number is the channel's here.
    let number = [("channel_order_id", CHANNEL_NO)];
    answers("upload-authcode", &told(fourth_paid()), &number);
    answers("query-paid", &told(fourth_paid()), &number);
}

#[test]
fn unified_orders() {
    let code = Handoff::CodeUrl("https://qr.example/bax00001".to_owned());
    let order = order_of("tdcode-alipay", "2601011200000001");
    answers("tdcode-alipay", &prepaid(order, Some(code)), &[]);
    // As the channel gives them, in another order and with more than the page takes.
    let given = [
        ("paySign", "00000000000000000000000000000000"),
        ("appId", "wx0000000000000001"),
        ("package", "prepay_id=wx0112000000000000000000"),
        ("nonceStr", "abc123"),
        ("other", "1"),
        ("timeStamp", "1767240000"),
        ("signType", "MD5"),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let order = order_of("tdcode-wechat-jsapi", "2601011200010002");
    let reply = prepaid(order, Some(Handoff::Invocation(given.to_vec())));
    answers("tdcode-wechat-jsapi", &reply, &[]);
    let order = order_of("tdcode-simple", "2601011200020003");
    let url = format!(
        "{PUBLIC_URL}/cgi-bin/lepos_pay_cashier.cgi?order=9605000011.2601011200020003.proof-of-9605000011-2601011200020003"
    );
    answers(
        "tdcode-simple",
        &prepaid(order, None),
        &[("jspay_url", &url)],
    );
}

#[test]
fn what_each_wallet_gives_for_its_page() {
    let asked = |name: &str, handoff| {
        let reply = prepaid(order_of(name, "2601011200000001"), Some(handoff));
        encode(&echo("get_tdcode"), Ok(&reply))
    };
    let number = Handoff::TradeNo("2026010122001".to_owned());
    let answer = asked("lib-alipay-mini-program", number);
    assert_eq!(
        value(&answer, "jspay_info"),
        "{\"tradeNO\":\"2026010122001\"}"
    );
    let url = "https://qr.95516.com/x?a=1&b=2".to_owned();
    let answer = asked("lib-unionpay-page", Handoff::Redirect(url.clone()));
    assert_eq!(value(&answer, "jspay_info"), url);
    let answer = asked("lib-flag-absent", Handoff::CodeUrl("weixin://x".to_owned()));
    assert_eq!(value(&answer, "td_code"), "weixin://x");
    let answer = asked("lib-flag-absent", Handoff::TradeNo("1".to_owned()));
    assert_eq!(code(&answer), "0 1 -20010");
}

#[test]
fn an_order_that_cannot_be_handed_over_gives_nothing() {
    for (state, expected) in [
        (OrderState::Paid, "0 1 -20027"),
        (OrderState::Closed, "0 1 -1006"),
        (OrderState::Failed, "0 1 -20010"),
    ] {
        let mut order = order_of("tdcode-simple", "2601011200020003");
        order.state = state;
        let answer = encode(&echo("get_tdcode"), Ok(&prepaid(order, None)));
        assert_eq!(code(&answer), expected);
        assert_eq!(value(&answer, "jspay_url"), "-");
    }
}

#[test]
fn a_closed_order_says_so_also_while_it_is_being_reversed() {
    let mut order = order_of("tdcode-alipay", "2601011200000001");
    order.state = OrderState::Closed;
    answers("close", &told(order.clone()), &[]);
    for (state, expected) in [
        (OrderState::Open, "0 0 0"),
        (OrderState::Paying, "0 0 0"),
        (OrderState::Reversing, "0 0 6"),
        (OrderState::Reversed, "0 0 6"),
        (OrderState::Expired, "0 0 6"),
        (OrderState::Failed, "0 0 8"),
        (OrderState::Paid, "0 1 -20027"),
    ] {
        order.state = state;
        let answer = encode(&echo("close_order"), Ok(&told(order.clone())));
        assert_eq!(code(&answer), expected, "{state:?}");
    }
}

#[test]
fn refunds() {
    let number = [("leshua_refund_id", "2601011202000005")];
    answers("refund", &refunded(RefundState::Refunding), &number);
    answers("refund-query", &refunded(RefundState::Succeeded), &number);
    let Reply::Refund {
        order, attempts, ..
    } = refunded(RefundState::Succeeded)
    else {
        panic!("no refund")
    };
    let refunds = vec![refund(RefundState::Failed), refund(RefundState::Succeeded)];
    let all = |refunds| Reply::Refunds {
        order: order.clone(),
        refunds,
        attempts: attempts.clone(),
    };
    answers("refund-query", &all(refunds), &number);
    let none = encode(&echo("unified_query_refund"), Ok(&all(Vec::new())));
    assert_eq!(code(&none), "0 1 -5019");
}

#[test]
fn a_failed_refund_says_why_and_gives_its_amount_free() {
    let Reply::Refund {
        order,
        mut refund,
        attempts,
    } = refunded(RefundState::Failed)
    else {
        panic!("no refund")
    };
    refund.details.decline = Some(Decline {
        reason: "NOTENOUGH".to_owned(),
        kind: DeclineKind::Refused,
    });
    let attach = ("attach".to_owned(), "r".to_owned());
    refund.details.attributes.extend([attach]);
    let reply = Reply::Refund {
        order,
        refund,
        attempts,
    };
    for service in ["unified_refund", "unified_query_refund"] {
        let answer = encode(&echo(service), Ok(&reply));
        assert_eq!(code(&answer), "0 0 12");
        assert_eq!(value(&answer, "failure_reason"), "NOTENOUGH");
        assert_eq!(value(&answer, "order_balance"), "500");
        assert_eq!(value(&answer, "attach"), "r");
        assert_eq!(value(&answer, "refund_time"), "-");
    }
}

#[test]
fn payers() {
    for (name, payer_id) in [
        ("query-openid", "oTEST0000000000000000000001"),
        ("query-userid", "UPUSER0000000001"),
    ] {
        let payer_id = payer_id.to_owned();
        answers(name, &Reply::Payer { payer_id }, &[]);
    }
}

#[test]
fn who_paid_depends_on_the_wallet() {
    let asked = |order| {
        let answer = encode(&echo("query_status"), Ok(&told(order)));
        ["openid", "sub_openid", "bank_type"].map(|name| value(&answer, name))
    };
    let mut order = fourth_paid();
    // No app of the merchant's own: WeChat knows the payer under the platform's.
    evidence(&mut order).notes = Some(Box::default());
    let payer = "oTEST0000000000000000000001";
    assert_eq!(asked(order.clone()), [payer, "-", "OTHERS"]);
    let notes = PaymentNotes {
        bank: owned("ICBC_CREDIT"),
        sub_payer_id: owned("o2"),
        ..PaymentNotes::default()
    };
    evidence(&mut order).notes = Some(Box::new(notes));
    evidence(&mut order).funding = Funding::Credit;
    assert_eq!(asked(order.clone()), ["-", "o2", "ICBC_CREDIT"]);
    order.wallet = Some(WalletKind::Alipay);
    evidence(&mut order).notes = None;
    assert_eq!(asked(order.clone()), [payer, payer, "ALIPAYACCOUNT"]);
    order.wallet = Some(WalletKind::Unionpay);
    assert_eq!(asked(order.clone()), [payer, "-", "2"]);
    evidence(&mut order).funding = Funding::Debit;
    assert_eq!(asked(order.clone()), [payer, "-", "1"]);
    evidence(&mut order).funding = Funding::Unknown;
    assert_eq!(asked(order), [payer, "-", "-"]);
}

#[test]
fn discounts_are_told_by_who_funds_them() {
    let mut order = paid(order_of("upload-authcode", "2601011201000004"), 420);
    let facts = evidence(&mut order);
    (facts.merchant_discount_fen, facts.channel_discount_fen) = (50, 30);
    let promotion = Promotion {
        promotion_id: "1".to_owned(),
        name: "立减".to_owned(),
        scope: PromotionScope::Order,
        kind: PromotionKind::Discount,
        amount_fen: 50,
        activity_id: "2".to_owned(),
        wallet_fen: 0,
        merchant_fen: 50,
        other_fen: 0,
        goods: Vec::new(),
    };
    let notes = PaymentNotes {
        promotions: vec![promotion],
        ..PaymentNotes::default()
    };
    facts.notes = Some(Box::new(notes));
    let mut asked = |wallet| {
        order.wallet = Some(wallet);
        encode(&echo("query_status"), Ok(&told(order.clone())))
    };
    let answer = asked(WalletKind::Wechat);
    for (name, fen) in [
        ("amount", "500"),
        ("coupon", "30"),
        ("settlement_amount", "450"),
        ("discount_amount", "80"),
        ("buyer_pay_amount", "420"),
    ] {
        assert_eq!(value(&answer, name), fen, "{name}");
    }
    let detail = value(&answer, "promotion_detail");
    assert!(detail.starts_with("{\"promotion_detail\":[{"), "{detail}");
    let answer = asked(WalletKind::Alipay);
    assert_eq!(value(&answer, "promotion_detail"), "-");
}

/// Leshua's change of 2019-11-25: whenever the line to the channel is known.
#[test]
fn the_sub_merchant_is_that_of_the_line_or_of_the_contract() {
    let mut order = order_of("tdcode-simple", "2601011200020003");
    let ask = |service, order: &Order| {
        let answer = encode(&echo(service), Ok(&told_without_attempts(order)));
        value(&answer, "sub_merchant_id")
    };
    for service in ["query_status", "close_order"] {
        assert_eq!(ask(service, &order), "100000001", "{service}");
    }
    order.wallet = Some(WalletKind::Alipay);
    assert_eq!(ask("query_status", &order), ALIPAY_NUMBER);
    for unknown in [None, Some(WalletKind::Unionpay)] {
        order.wallet = unknown;
        let prepaid = encode(&echo("get_tdcode"), Ok(&prepaid(order.clone(), None)));
        assert_eq!(value(&prepaid, "sub_merchant_id"), "-", "{unknown:?}");
        assert_eq!(ask("query_status", &order), "-", "{unknown:?}");
    }
}

fn told_without_attempts(order: &Order) -> Reply {
    Reply::Order {
        order: Box::new(order.clone()),
        attempts: Vec::new(),
        auth_code: None,
    }
}

#[test]
fn a_repeat_tells_no_code_and_the_attempt_that_paid() {
    let order = fourth_paid();
    let of_another = attempt(&order_of("tdcode-alipay", "2601011200000001"));
    let ask = |attempts| {
        let order = Box::new(order.clone());
        let reply = Reply::Order {
            order,
            attempts,
            auth_code: owned("134567890123456789"),
        };
        encode(&echo("upload_authcode"), Ok(&reply))
    };
    let answer = ask(Vec::new());
    assert_eq!(code(&answer), "0 0 2");
    assert!(!body(&answer).contains("134567890123456789"));
    assert_eq!(
        value(&ask(vec![of_another]), "sub_merchant_id"),
        ALIPAY_NUMBER
    );
}
