//! Answers member by member as the vectors have them, given the same facts.

use std::sync::Arc;

use heliu_trade::attempt::{AttemptState, Handoff};
use heliu_trade::command::{FaceCredentialReply, MerchantReply, MiniProgramSession, Reply};
use heliu_trade::directory::{MerchantState, PartnerNumber};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AppId;
use heliu_trade::order::{Order, OrderState, RefundTotals};
use heliu_trade::promotion::PaymentNotes;
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::wallet::{Funding, WalletKind};

use super::samples::{
    Asked, GATEWAY, KEY, MERCHANT, PROVIDER_APP, attempt, body, code, coupon, decode, echo,
    eighth_paid, encode, first_paid, members, noted, of_vector, order_of, ours, owned, paid,
    prepaid, refund, sign_of, text, told, vector,
};

/// The answer to the vector's request is the vector's: names, order, values; our numbers for its,
/// and then the signature that belongs to them.
fn answers(name: &str, reply: &Reply, nonces: &[&str]) {
    answers_with(name, reply, nonces, &[]);
}

fn answers_with(name: &str, reply: &Reply, nonces: &[&str], settings: &[(&str, &str)]) {
    let vector = vector(name);
    let decoded = decode(&of_vector(&vector));
    let asked = Asked {
        settings,
        nonces,
        ..Asked::default()
    };
    let answer = encode(&decoded.echo, Ok(reply), &asked);
    let printed = text(&vector, "/response/body");
    let mut expected = members(&ours(printed));
    let is_signed = vector["response"]["signed"] == true;
    if is_signed && ours(printed) != printed {
        let pairs = expected.iter().map(|(name, value)| (&**name, &**value));
        let sign = sign_of(pairs, KEY);
        expected.last_mut().expect("a sign").1 = sign;
    }
    assert_eq!(members(body(&answer)), expected, "{name}");
    if ours(printed) == printed {
        assert_eq!(body(&answer), printed, "{name}");
    }
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("x-error-detail"));
}

#[test]
fn paid_orders() {
    let nonce = ["a849df6660cb4354b6fe5b23120a73ce"];
    answers("pay-wechat-with-coupon", &told(first_paid()), &nonce);
    answers(
        "orderquery-paid",
        &told(first_paid()),
        &["1CQmxHpi2H62HsGg"],
    );
    let mut alipay = order_of("pay-alipay", 2);
    alipay.wallet = Some(WalletKind::Alipay);
    let alipay = paid(
        alipay,
        "20260115100006",
        "2026011522001404640200334122",
        100,
    );
    let payer_id = Some("2088822494420001");
    let alipay = noted(alipay, payer_id, PaymentNotes::default());
    let nonce = ["a849df6660cb4354b6fe5b23120a73cf"];
    answers("pay-alipay", &told(alipay), &nonce);
}

/// The face vector prints the wallet's number in both places, as some samples do: no meaning.
#[test]
fn a_face_payment() {
    let order = order_of("facepay", 5);
    let order = paid(order, "20260115100003", "4200000233202601150000000001", 2);
    let notes = PaymentNotes {
        follows_provider: Some(false),
        bank: owned("CFT"),
        promotions: vec![coupon()],
        ..PaymentNotes::default()
    };
    let order = noted(order, Some("oBmIts3wbluDEMO0000000000001"), notes);
    let attempts = vec![attempt(&order, "wx2b029c08a6230001")];
    let reply = Reply::Order {
        order: Box::new(order),
        attempts,
        auth_code: None,
    };
    let vector = vector("facepay");
    let asked = Asked {
        nonces: &["FaceNonce00000001"],
        ..Asked::default()
    };
    let answer = encode(&decode(&of_vector(&vector)).echo, Ok(&reply), &asked);
    let without = |body: &str| -> Vec<_> {
        let numbers = ["transaction_id", "sign"];
        let mut members = members(body);
        members.retain(|(name, _)| !numbers.contains(&&**name));
        members
    };
    assert_eq!(
        without(body(&answer)),
        without(text(&vector, "/response/body"))
    );
}

#[test]
fn unpaid_orders() {
    let mut order = order_of("pay-user-paying", 3);
    order.state = OrderState::Paying;
    answers("pay-user-paying", &told(order.clone()), &[]);
    answers("orderquery-unpaid", &told(order), &[]);
    let waiting = order_of("wechat-preorder-native", 5);
    answers("orderquery-preorder-unpaid", &told(waiting), &[]);
}

/// Members that the tables call mandatory are there for every wallet, and the empty ones are signed
/// by nobody.
#[test]
fn mandatory_members_are_there_without_a_value_too() {
    let payer = [
        "appid",
        "is_subscribe",
        "openid",
        "sub_appid",
        "sub_is_subscribe",
        "sub_openid",
    ];
    for (wallet, told_of, filled) in [
        (WalletKind::Wechat, None, &["appid", "is_subscribe"][..]),
        (WalletKind::Unionpay, None, &[]),
        (WalletKind::Alipay, Some("2088"), &["openid"]),
        (WalletKind::Qq, Some("q1"), &["openid"]),
    ] {
        let mut order = first_paid();
        order.wallet = Some(wallet);
        let order = noted(order, told_of, PaymentNotes::default());
        for method in ["pay", "orderquery"] {
            let reply = told(order.clone());
            let answer = encode(&echo(GATEWAY, Some(method)), Ok(&reply), &Asked::default());
            let members = members(body(&answer));
            for name in payer {
                let found = members.iter().find(|(member, _)| member == name);
                let value = found.map(|(_, value)| value.as_str());
                let is_filled = filled.contains(&name);
                assert_eq!(
                    value.map(|value| !value.is_empty()),
                    Some(is_filled),
                    "{name}"
                );
            }
            let pairs = members.iter().map(|(name, value)| (&**name, &**value));
            let pairs = pairs.filter(|(_, value)| !value.is_empty());
            let sign = sign_of(pairs, KEY);
            assert_eq!(members.last(), Some(&("sign".to_owned(), sign)));
        }
    }
}

#[test]
fn unionpay_pays_with_a_bank_in_this_wires_words() {
    let mut order = first_paid();
    order.wallet = Some(WalletKind::Unionpay);
    for (funding, expected) in [
        (Funding::Debit, "UNIONPAY_DEBIT"),
        (Funding::Credit, "UNIONPAY_CREDIT"),
        (Funding::Unknown, "UNIONPAY"),
    ] {
        // The channel calls them 1 and 2.
        let notes = PaymentNotes {
            bank: owned("2"),
            ..PaymentNotes::default()
        };
        let mut order = noted(order.clone(), None, notes);
        let payment = order.payment.as_mut().expect("a paid order");
        Arc::make_mut(&mut payment.evidence).funding = funding;
        let reply = told(order);
        let answer = encode(&echo(GATEWAY, Some("pay")), Ok(&reply), &Asked::default());
        let members = members(body(&answer));
        let bank = members.iter().find(|(name, _)| name == "bank_type");
        assert_eq!(bank.map(|(_, bank)| bank.as_str()), Some(expected));
    }
}

#[test]
fn refunds() {
    let order = eighth_paid();
    let attempts = vec![attempt(&order, PROVIDER_APP)];
    let reply = Reply::Refund {
        order: Box::new(order.clone()),
        refund: Box::new(refund(RefundState::Succeeded)),
        attempts: attempts.clone(),
    };
    answers("refund-repeat-idempotent", &reply, &["78GTQmdylSxwFXxF"]);
    answers("refundquery", &reply, &["DjRzpkdtpM0Sl6HW"]);
    let all = Reply::Refunds {
        order: Box::new(order),
        refunds: vec![refund(RefundState::Succeeded)],
        attempts,
    };
    answers("refundquery", &all, &["DjRzpkdtpM0Sl6HW"]);
}

#[test]
fn sums_of_refunds_leave_out_what_failed_and_what_is_not_finished() {
    let list: Vec<Refund> = RefundState::ALL.into_iter().map(refund).collect();
    let reply = Reply::Refunds {
        order: Box::new(eighth_paid()),
        refunds: list,
        attempts: Vec::new(),
    };
    let answer = encode(
        &echo(GATEWAY, Some("refundquery")),
        Ok(&reply),
        &Asked::default(),
    );
    let members = members(body(&answer));
    let value = |wanted: &str| {
        let found = members.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).expect("it is there")
    };
    assert_eq!(value("base_refund_fee_summary"), "4");
    assert_eq!(value("refund_fee_summary"), "1");
    assert_eq!(value("refund_count"), "3");
    let list: serde_json::Value = serde_json::from_str(&value("refund_list")).expect("JSON");
    let of = |index: usize, name: &str| list[index][name].as_str().map(str::to_owned);
    assert_eq!(of(0, "serial_no"), owned("0"));
    let states: Vec<_> = (0..3).map(|index| of(index, "refund_status")).collect();
    assert_eq!(
        states,
        [owned("PROCESSING"), owned("SUCCESS"), owned("FAIL")]
    );
    assert_eq!(of(0, "refund_time"), None);
    assert_eq!(of(0, "out_refund_id"), owned(""));
    assert_eq!(of(2, "serial_no"), owned("2"));
}

#[test]
fn a_cancel_succeeds_once_it_is_through() {
    let mut order = order_of("pay-user-paying", 3);
    let echo = echo(GATEWAY, Some("cancel"));
    for state in [OrderState::Open, OrderState::Paying, OrderState::Reversing] {
        order.state = state;
        let answer = encode(&echo, Ok(&told(order.clone())), &Asked::default());
        assert_eq!(code(&answer), "SUCCESS 10001 NEED_QUERY", "{state:?}");
        assert!(!body(&answer).contains("mch_id"), "{state:?}");
    }
    for state in [
        OrderState::Reversed,
        OrderState::Closed,
        OrderState::Expired,
        OrderState::Failed,
    ] {
        order.state = state;
        answers(
            "cancel",
            &told(order.clone()),
            &["f1625e94362d4d82aafcc5fc9d1f9325"],
        );
    }
}

#[test]
fn pre_orders() {
    let nonce = |digit: &str| format!("7d3f0c6a1b2e4d5f8a9b0c1d2e3f4a5{digit}");
    let members = [
        ("appId", "wxaee08d155d9d0001"),
        ("nonceStr", "1768442400000"),
        ("package", "prepay_id=wx15100000000000000000000000000002"),
        ("paySign", "CEE8C0446E3CA56267514CCF57C44695"),
        ("signType", "MD5"),
        ("timeStamp", "1768442400000"),
    ];
    let members = members.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reply = prepaid(
        order_of("wechat-preorder-jspay", 4),
        Some("oRA5quGvJc1DEMO0000000000001"),
        Some(Handoff::Invocation(members.to_vec())),
    );
    let token = "16c5f40274e084b123a08f1313d53da5";
    answers("wechat-preorder-jspay", &reply, &[token, &nonce("b")]);
    let code = |url: &str| Some(Handoff::CodeUrl(url.to_owned()));
    let order = order_of("wechat-preorder-native", 5);
    let reply = prepaid(order, None, code("weixin://wxpay/bizpayurl?pr=DEMO0005"));
    answers("wechat-preorder-native", &reply, &[&nonce("c")]);
    let order = order_of("alipay-preorder-native", 6);
    let reply = prepaid(order, None, code("https://qr.alipay.com/bax0000demo0006"));
    answers("alipay-preorder-native", &reply, &[&nonce("d")]);
}

#[test]
fn an_alipay_page_gets_its_trade_number_and_an_address() {
    let number = Handoff::TradeNo("2026011522001404640200334127".to_owned());
    let payer_id = Some("2088822494420001");
    let reply = prepaid(order_of("alipay-preorder-jspay", 7), payer_id, Some(number));
    let vector = vector("alipay-preorder-jspay");
    let nonce = "7d3f0c6a1b2e4d5f8a9b0c1d2e3f4a5e";
    let asked = Asked {
        nonces: &[nonce],
        ..Asked::default()
    };
    let answer = encode(&decode(&of_vector(&vector)).echo, Ok(&reply), &asked);
    // Its token is a free value: ours names the order.
    let proof = format!("proof-of-{MERCHANT}-0000000000000007");
    let token = format!("token={MERCHANT}.0000000000000007.{proof}");
    let printed = text(&vector, "/response/body").replace("token=7d3f0c6a", &token);
    let mut expected = members(&printed);
    let sign = sign_of(
        expected.iter().map(|(name, value)| (&**name, &**value)),
        KEY,
    );
    expected.last_mut().expect("a sign").1 = sign;
    assert_eq!(members(body(&answer)), expected);
}

#[test]
fn an_apps_kit_gets_what_the_channel_gave() {
    let mut order = order_of("wechat-preorder-jspay", 4);
    order.scene = heliu_trade::wallet::Scene::App;
    let given = vec![
        ("appid".to_owned(), "wx1".to_owned()),
        ("prepayid".to_owned(), "wx2".to_owned()),
    ];
    let reply = prepaid(order, None, Some(Handoff::Invocation(given)));
    let answer = encode(
        &echo("/Open/WECHAT_PreOrder", None),
        Ok(&reply),
        &Asked::default(),
    );
    let text = body(&answer);
    assert!(
        text.contains(r#""pay_info":"{\"appid\":\"wx1\",\"prepayid\":\"wx2\"}""#),
        "{text}"
    );
    assert!(
        !text.contains("token_id") && text.contains(r#""sub_openid":"""#),
        "{text}"
    );
}

#[test]
fn pre_orders_are_signed_unless_the_agent_says_otherwise() {
    let handoff = || Some(Handoff::CodeUrl("weixin://x".to_owned()));
    let reply = prepaid(order_of("wechat-preorder-native", 5), None, handoff());
    let echo = echo("/open/wechat_preorder", None);
    let error = TradeError::new(ErrorCode::ExpiryPassed, "too late");
    let with = |settings| {
        let asked = Asked {
            settings,
            ..Asked::default()
        };
        let answers = [Ok(&reply), Err(&error)].map(|outcome| encode(&echo, outcome, &asked));
        answers.map(|answer| body(&answer).contains("\"sign\""))
    };
    assert_eq!(with(&[]), [true, true]);
    assert_eq!(with(&[("sign_preorder", "on")]), [true, true]);
    assert_eq!(with(&[("sign_preorder", "off")]), [false, false]);
}

fn merchant() -> Reply {
    Reply::Merchant(Box::new(MerchantReply {
        app_id: AppId::from(MERCHANT),
        full_name: "测试商户全称有限公司".to_owned(),
        short_name: "测试商户".to_owned(),
        state: MerchantState::Enabled,
        trade_code: "f6742168cc".to_owned(),
        partners: [
            ("CEB", "257000001", "wx2a8d87e234100001"),
            ("WECHAT", "", ""),
        ]
        .map(|(institution, partner_id, app_id)| PartnerNumber {
            institution: institution.to_owned(),
            partner_id: partner_id.to_owned(),
            app_id: app_id.to_owned(),
        })
        .to_vec(),
    }))
}

/// The number of the contract with WeChat stands beside those that were entered by hand.
#[test]
fn the_contracts_number_is_told_unless_it_is_known() {
    let list = |entered: &[(&str, &str)]| {
        let Reply::Merchant(mut merchant) = merchant() else {
            panic!("no merchant")
        };
        let partner = |(institution, partner_id): &(&str, &str)| PartnerNumber {
            institution: (*institution).to_owned(),
            partner_id: (*partner_id).to_owned(),
            app_id: String::new(),
        };
        merchant.partners = entered.iter().map(partner).collect();
        let reply = Reply::Merchant(merchant);
        let answer = encode(
            &echo("/Open/GetPartnerId", None),
            Ok(&reply),
            &Asked::default(),
        );
        let members = members(body(&answer));
        let list = members.into_iter().find(|(name, _)| name == "partner_list");
        let list: serde_json::Value = serde_json::from_str(&list.expect("a list").1).expect("JSON");
        let text = |entry: &serde_json::Value, name: &str| entry[name].as_str().map(str::to_owned);
        let entries = list.as_array().expect("an array").iter();
        let pairs = entries.map(|entry| (text(entry, "pay_channel"), text(entry, "partner_id")));
        let told = pairs.map(|(channel, number)| {
            format!(
                "{}:{}",
                channel.unwrap_or_default(),
                number.unwrap_or_default()
            )
        });
        told.collect::<Vec<_>>().join(" ")
    };
    for (entered, expected) in [
        (&[][..], "WECHAT:1266500001"),
        (&[("CEB", "1")], "CEB:1 WECHAT:1266500001"),
        (&[("WECHAT", ""), ("CEB", "1")], "WECHAT:1266500001 CEB:1"),
        (&[("WECHAT", "1266500001")], "WECHAT:1266500001"),
        (&[("WECHAT", "9")], "WECHAT:9 WECHAT:1266500001"),
    ] {
        assert_eq!(list(entered), expected);
    }
}

#[test]
fn merchant_services() {
    let known = merchant();
    answers("get-mch-id-by-sms", &known, &[]);
    answers("get-mch-id-by-password", &known, &[]);
    answers("get-partner-id", &known, &[]);
    answers("get-mch-info", &known, &[]);
    let ignores_case = [("sign_order", "ignore_case")];
    answers_with(
        "get-mch-info-response-case-insensitive",
        &known,
        &[],
        &ignores_case,
    );
    let registered = |number: &str| match merchant() {
        Reply::Merchant(merchant) => Reply::Merchant(Box::new(MerchantReply {
            app_id: AppId::from(number),
            ..*merchant
        })),
        other => other,
    };
    let nonce = ["f1625e94362d4d82aafcc5fc9d1f9325"];
    answers("mch-reg", &registered("f2026010100000000002"), &nonce);
    let nonce = ["f1625e94362d4d82aafcc5fc9d1f9326"];
    let other = registered("f2026010100000000003");
    answers("mch-reg-case-insensitive-order", &other, &nonce);
    let sent = Reply::LoginCodeSent { life_ms: 1_200_000 };
    answers("get-mch-sms-valid", &sent, &[]);
}

#[test]
fn kits_and_mini_programs() {
    let credential = Reply::FaceCredential(Box::new(FaceCredentialReply {
        app_id: "wx2b029c08a6230001".to_owned(),
        sub_app_id: None,
        provider_merchant_no: "1900000001".to_owned(),
        sub_merchant_id: "1266500001".to_owned(),
        credential: "SIMAUTHkyjSthQ0nWkI49U6LGhiJbTpr2Kk".to_owned(),
        expires_in_s: 3600,
    }));
    let vector = vector("getfaceauth");
    let asked = Asked {
        nonces: &["k1MErGrCODf06uiv"],
        ..Asked::default()
    };
    let answer = encode(&decode(&of_vector(&vector)).echo, Ok(&credential), &asked);
    // The vector's `channel_mch_id` and `wx_mch_id` differ; both are the provider's number here.
    let printed = text(&vector, "/response/body").replace("1264300001", "1900000001");
    let mut expected = members(&printed);
    let pairs = expected.iter().map(|(name, value)| (&**name, &**value));
    let sign = sign_of(pairs, KEY);
    expected.last_mut().expect("a sign").1 = sign;
    assert_eq!(members(body(&answer)), expected);
    let session = Reply::MiniProgramSession(Box::new(MiniProgramSession {
        payer_id: "oDY_z0OgEhAdDEMO00000000001".to_owned(),
        session_key: "+rL9Uq02dbP85itLOdz94w==".to_owned(),
        union_id: None,
        expires_in_s: 7200,
    }));
    answers("wxa-code2session", &session, &[]);
}

fn asked_of(method: &str, order: Order, state: AttemptState) -> String {
    let mut line = attempt(&order, PROVIDER_APP);
    line.state = state;
    let reply = Reply::Order {
        order: Box::new(order),
        attempts: vec![line],
        auth_code: None,
    };
    code(&encode(
        &echo(GATEWAY, Some(method)),
        Ok(&reply),
        &Asked::default(),
    ))
}

#[test]
fn what_nobody_has_heard_of_yet_is_a_network_exception() {
    let order = || order_of("pay-user-paying", 3);
    let heard = asked_of("pay", order(), AttemptState::Pending);
    assert_eq!(heard, "SUCCESS 10001 NEED_QUERY");
    let unheard = asked_of("pay", order(), AttemptState::Sending);
    assert_eq!(unheard, "FAIL 30001 NEED_QUERY");
    let asked = asked_of("orderquery", order(), AttemptState::Sending);
    assert_eq!(asked, "FAIL 30001 NEED_QUERY");
    // Nobody can have begun to pay what no channel has answered for.
    let waiting = order_of("wechat-preorder-native", 5);
    let asked = asked_of("orderquery", waiting, AttemptState::Sending);
    assert_eq!(asked, "SUCCESS 10003 NEED_QUERY");
}

#[test]
fn a_refund_under_way_reads_as_a_refund_and_a_failed_one_does_not() {
    let mut order = first_paid();
    let state = || AttemptState::Paid;
    order.last_refund_failed = true;
    assert_eq!(
        asked_of("orderquery", order.clone(), state()),
        "SUCCESS 10000 SUCCESS"
    );
    let some = RefundTotals {
        amount_minor: 1,
        payable_fen: 1,
        cash_fen: 1,
        receivable_fen: 1,
    };
    order.refunding = some;
    assert_eq!(
        asked_of("orderquery", order.clone(), state()),
        "SUCCESS 10002 REFUND"
    );
    (order.refunding, order.refunded) = (RefundTotals::default(), some);
    assert_eq!(
        asked_of("orderquery", order, state()),
        "SUCCESS 10002 REFUND"
    );
}
