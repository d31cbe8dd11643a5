//! Orders that wait for their payer: unifiedorder, v3 jsapi and native, query and close.

use heliu_ports::channel::PrepayResult;
use heliu_trade::attempt::Handoff;
use heliu_trade::verdict::{CloseResult, Decline, DeclineKind, Verdict};
use heliu_trade::wallet::{Funding, Scene};
use http::Method;
use serde_json::{Value, json};

use crate::support::orders::{CALLBACK_URL, CHARGE_FEN, Case, NUMBER};
use crate::support::wechat::{
    answered, case, channel, refused, sent_fields, transaction, v2, v2_text, v3, v3_error,
    v3_headers,
};
use crate::support::{Fake, NOW_MS, Reply, keys, run};
use crate::{declined, is_unknown};

fn merchant_page() -> Case {
    case("v2", Scene::Jsapi).payer("oPayer").expires_in(300_000)
}

fn cashier_page() -> Case {
    case("v3", Scene::Jsapi).payer("oPayer").expires_in(300_000)
}

fn native() -> Case {
    case("v3", Scene::Qr)
}

fn prepay(case: &Case, reply: Reply) -> (PrepayResult, Fake) {
    let fake = Fake::new([reply]);
    (run(channel().prepay(&fake, &case.order())), fake)
}

fn invocation(result: PrepayResult) -> Vec<(String, String)> {
    match result {
        PrepayResult::Handed(Handoff::Invocation(members)) => members,
        other => panic!("{other:?}"),
    }
}

fn names(members: &[(String, String)]) -> Vec<&str> {
    members.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_page_of_the_merchant_gets_an_md5_invocation() {
    let mini_program = case("v2", Scene::MiniProgram)
        .payer("oPayer")
        .expires_in(300_000);
    for (case, app_id, openid) in [
        (merchant_page(), "wx1111111111111111", "openid"),
        (mini_program.clone(), "wx1111111111111111", "openid"),
        (
            merchant_page().sub_app("wx2222222222222222"),
            "wx2222222222222222",
            "sub_openid",
        ),
        (
            mini_program.sub_app("wx2222222222222222"),
            "wx2222222222222222",
            "sub_openid",
        ),
    ] {
        let (result, fake) = prepay(&case, v2(answered(&[("prepay_id", "wx20")])));
        let members = invocation(result);
        let expected = [
            "appId",
            "timeStamp",
            "nonceStr",
            "package",
            "signType",
            "paySign",
        ];
        assert_eq!(names(&members), expected);
        let mut signed: std::collections::BTreeMap<_, _> = members.into_iter().collect();
        assert_eq!(signed["appId"], app_id);
        assert_eq!(signed["timeStamp"], NOW_MS.to_string());
        assert_eq!(signed["timeStamp"].len(), 13);
        assert_eq!(
            (signed["package"].as_str(), signed["signType"].as_str()),
            ("prepay_id=wx20", "MD5")
        );
        let pay_sign = signed.remove("paySign").expect("signed");
        assert_eq!(
            pay_sign,
            keys::md5_hex(v2_text(&signed).as_bytes()).to_uppercase()
        );

        let request = fake.only();
        assert_eq!(request.url, "http://127.0.0.1:8090/wechat/pay/unifiedorder");
        let sent = sent_fields(&request.body);
        assert_eq!(sent[openid], "oPayer");
        assert_eq!(sent.contains_key("sub_appid"), openid == "sub_openid");
        for (name, value) in [
            ("trade_type", "JSAPI"),
            ("notify_url", CALLBACK_URL),
            ("total_fee", "8888"),
            ("time_start", "20260115100000"),
            ("time_expire", "20260115100500"),
        ] {
            assert_eq!(sent[name], value, "{name}");
        }
    }
}

#[test]
fn an_app_of_the_merchant_gets_an_invocation_of_its_own() {
    for (case, app_id) in [
        (case("v2", Scene::App), "wx1111111111111111"),
        (
            case("v2", Scene::App)
                .payer("oPayer")
                .sub_app("wx2222222222222222"),
            "wx2222222222222222",
        ),
    ] {
        let (result, fake) = prepay(&case, v2(answered(&[("prepay_id", "wx20")])));
        let members = invocation(result);
        let expected = [
            "appid",
            "partnerid",
            "prepayid",
            "package",
            "noncestr",
            "timestamp",
            "sign",
        ];
        assert_eq!(names(&members), expected);
        let mut signed: std::collections::BTreeMap<_, _> = members.into_iter().collect();
        for (name, value) in [
            ("appid", app_id),
            ("partnerid", "1900000109"),
            ("prepayid", "wx20"),
            ("package", "Sign=WXPay"),
            ("timestamp", "1768442400"),
        ] {
            assert_eq!(signed[name], value, "{name}");
        }
        let sign = signed.remove("sign").expect("signed");
        assert_eq!(
            sign,
            keys::md5_hex(v2_text(&signed).as_bytes()).to_uppercase()
        );

        let request = fake.only();
        assert_eq!(request.url, "http://127.0.0.1:8090/wechat/pay/unifiedorder");
        let sent = sent_fields(&request.body);
        assert_eq!(sent["trade_type"], "APP");
        assert_eq!(sent.contains_key("sub_appid"), app_id.ends_with('2'));
        assert!(!sent.contains_key("openid") && !sent.contains_key("sub_openid"));
    }
    let (result, _) = prepay(&case("v2", Scene::App), v2(answered(&[])));
    assert!(matches!(result, PrepayResult::Unknown(_)), "{result:?}");
    let (result, _) = prepay(&case("v2", Scene::App), v2(refused("NOAUTH")));
    assert!(matches!(result, PrepayResult::Declined(_)), "{result:?}");
}

/// The body of a v3 request whose signature is checked.
fn sent_v3(fake: &Fake, method: &Method, target: &str) -> Value {
    let request = fake.only();
    assert_eq!(request.method, *method);
    assert_eq!(request.url, format!("http://127.0.0.1:8090{target}"));
    let header = |name: &str| {
        request
            .headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    };
    let authorization = header("Authorization").expect("signed");
    let list = authorization
        .strip_prefix("WECHATPAY2-SHA256-RSA2048 ")
        .expect("the scheme");
    let part = |name: &str| {
        let (_, rest) = list.split_once(&format!("{name}=\"")).expect("named");
        rest.split_once('"').expect("quoted").0
    };
    assert_eq!(part("mchid"), "1900000001");
    assert_eq!(
        part("serial_no"),
        "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
    );
    assert_eq!(part("timestamp"), (NOW_MS / 1000).to_string());
    let body = std::str::from_utf8(&request.body).expect("UTF-8");
    let text = format!(
        "{method}\n{target}\n{}\n{}\n{body}\n",
        part("timestamp"),
        part("nonce_str")
    );
    assert!(
        keys::ours().verify(text.as_bytes(), part("signature")),
        "{text}"
    );
    assert_eq!(header("Accept"), Some("application/json"));
    assert!(header("User-Agent").is_some_and(|agent| !agent.is_empty()));
    assert_eq!(
        header("Wechatpay-Serial"),
        Some("PUB_KEY_ID_0119000000012026")
    );
    serde_json::from_str(body).unwrap_or_default()
}

#[test]
fn our_page_gets_an_rsa_invocation() {
    for (case, app_id, payer) in [
        (
            cashier_page(),
            "wx1111111111111111",
            json!({"sp_openid": "oPayer"}),
        ),
        (
            cashier_page().sub_app("wx2222222222222222"),
            "wx2222222222222222",
            json!({"sub_openid": "oPayer"}),
        ),
    ] {
        let (result, fake) = prepay(&case, v3(200, r#"{"prepay_id":"wx20"}"#));
        let members = invocation(result);
        let expected = [
            "appId",
            "timeStamp",
            "nonceStr",
            "package",
            "signType",
            "paySign",
        ];
        assert_eq!(names(&members), expected);
        let value = |index: usize| members[index].1.as_str();
        assert_eq!((value(0), value(4)), (app_id, "RSA"));
        assert_eq!(value(1), (NOW_MS / 1000).to_string());
        assert_eq!(value(3), "prepay_id=wx20");
        let text = format!("{}\n{}\n{}\n{}\n", value(0), value(1), value(2), value(3));
        assert!(keys::ours().verify(text.as_bytes(), value(5)));

        let sent = sent_v3(
            &fake,
            &Method::POST,
            "/wechat/v3/pay/partner/transactions/jsapi",
        );
        assert_eq!(sent["payer"], payer);
        assert_eq!(sent["time_expire"], "2026-01-15T10:05:00+08:00");
        assert_eq!(
            sent["amount"],
            json!({"total": CHARGE_FEN, "currency": "CNY"})
        );
        assert_eq!(sent["notify_url"], CALLBACK_URL);
        assert_eq!(sent.get("sub_appid").is_some(), app_id.ends_with('2'));
        assert!(!sent.to_string().contains("null"), "v3 refuses nulls");
    }
}

#[test]
fn a_code_is_handed_on() {
    let (result, fake) = prepay(&native(), v3(200, r#"{"code_url":"weixin:\/\/x"}"#));
    assert_eq!(
        result,
        PrepayResult::Handed(Handoff::CodeUrl("weixin://x".to_owned()))
    );
    let sent = sent_v3(
        &fake,
        &Method::POST,
        "/wechat/v3/pay/partner/transactions/native",
    );
    assert_eq!(sent["out_trade_no"], NUMBER);
    assert_eq!(sent["sub_mchid"], "1900000109");
    assert!(sent.get("time_expire").is_none() && sent.get("payer").is_none());
}

#[test]
fn a_page_needs_its_payer() {
    for api in ["v2", "v3"] {
        let fake = Fake::new([]);
        let result = run(channel().prepay(&fake, &case(api, Scene::Jsapi).order()));
        assert!(matches!(result, PrepayResult::Declined(_)), "{result:?}");
        assert!(fake.sent().is_empty());
    }
}

#[test]
fn refused_prepays_prove_what_the_tables_say() {
    let decline = |code: &str, kind| {
        PrepayResult::Declined(Decline {
            reason: code.to_owned(),
            kind,
        })
    };
    for (status, code) in [
        (400, "PARAM_ERROR"),
        (400, "INVALID_REQUEST"),
        (400, "APPID_MCHID_NOT_MATCH"),
        (400, "MCH_NOT_EXISTS"),
        (401, "SIGN_ERROR"),
        (403, "NO_AUTH"),
        (403, "RULE_LIMIT"),
        (403, "ACCOUNT_ERROR"),
        (500, "OPENID_MISMATCH"),
    ] {
        let (result, _) = prepay(&native(), v3_error(status, code));
        assert_eq!(result, decline(code, DeclineKind::Refused));
    }
    let (result, _) = prepay(&native(), v3_error(400, "ORDER_CLOSED"));
    assert_eq!(result, decline("ORDER_CLOSED", DeclineKind::Closed));
    for (status, code) in [
        (400, "ORDER_PAID"),
        (403, "OUT_TRADE_NO_USED"),
        (429, "FREQUENCY_LIMITED"),
        (403, "FREQUENCY_LIMITED"),
        (500, "SYSTEM_ERROR"),
        (500, "PARAM_ERROR"),
        (503, "BANK_ERROR"),
        (400, "NEWS"),
    ] {
        let (result, _) = prepay(&native(), v3_error(status, code));
        assert!(
            matches!(result, PrepayResult::Unknown(_)),
            "{code}: {result:?}"
        );
    }
    for code in ["NOAUTH", "LACK_PARAMS", "POST_DATA_EMPTY", "SIGNERROR"] {
        let (result, _) = prepay(&merchant_page(), v2(refused(code)));
        assert_eq!(result, decline(code, DeclineKind::Refused));
    }
    for code in ["SYSTEMERROR", "ORDERPAID", "OUT_TRADE_NO_USED", "NEWS"] {
        let (result, _) = prepay(&merchant_page(), v2(refused(code)));
        assert!(
            matches!(result, PrepayResult::Unknown(_)),
            "{code}: {result:?}"
        );
    }
}

/// Answers of v3 that nobody signed just now with the right key.
fn unsigned(body: &str) -> Vec<(&'static str, Reply)> {
    let headers = v3_headers(NOW_MS / 1000, body);
    let with =
        |headers: Vec<(&'static str, String)>| Reply::Http(200, headers, body.as_bytes().to_vec());
    let mut spoiled = vec![("no headers", with(Vec::new()))];
    for name in [
        "Wechatpay-Timestamp",
        "Wechatpay-Nonce",
        "Wechatpay-Serial",
        "Wechatpay-Signature",
    ] {
        let mut less = headers.clone();
        less.retain(|(known, _)| *known != name);
        spoiled.push((name, with(less)));
    }
    let replaced = |name: &str, value: &str| {
        let mut changed = headers.clone();
        for (known, old) in &mut changed {
            if *known == name {
                value.clone_into(old);
            }
        }
        with(changed)
    };
    spoiled.push(("another nonce", replaced("Wechatpay-Nonce", "abc124")));
    spoiled.push(("another key", replaced("Wechatpay-Serial", "PUB_KEY_ID_2")));
    spoiled.push((
        "a probe",
        replaced("Wechatpay-Signature", "WECHATPAY/SIGNTEST/AAAA"),
    ));
    spoiled.push((
        "a stale answer",
        with(v3_headers(NOW_MS / 1000 - 301, body)),
    ));
    spoiled.push((
        "an early answer",
        with(v3_headers(NOW_MS / 1000 + 301, body)),
    ));
    spoiled.push((
        "another body",
        Reply::Http(200, headers.clone(), format!("{body} ").into_bytes()),
    ));
    spoiled
}

#[test]
fn an_unsigned_v3_answer_is_no_answer() {
    for (name, reply) in unsigned(r#"{"code_url":"weixin://x"}"#) {
        let (result, _) = prepay(&native(), reply);
        assert!(
            matches!(result, PrepayResult::Unknown(_)),
            "{name}: {result:?}"
        );
    }
    for (name, reply) in unsigned(&transaction("SUCCESS").to_string()) {
        let verdict = run(channel().query(&Fake::new([reply]), &native().order()));
        assert!(is_unknown(&verdict), "{name}: {verdict:?}");
    }
    let edge = v3_headers(NOW_MS / 1000 - 300, "{\"code_url\":\"weixin://x\"}");
    let reply = Reply::Http(200, edge, b"{\"code_url\":\"weixin://x\"}".to_vec());
    assert!(
        matches!(prepay(&native(), reply).0, PrepayResult::Handed(_)),
        "300 s are allowed"
    );
    // An error may be unsigned, but not badly signed.
    let body = r#"{"code":"PARAM_ERROR","message":""}"#;
    let reply = Reply::Http(400, v3_headers(NOW_MS / 1000, "other"), body.into());
    assert!(matches!(
        prepay(&native(), reply).0,
        PrepayResult::Unknown(_)
    ));
}

#[test]
fn a_request_that_cannot_be_signed_is_not_sent() {
    let fake = Fake::without("merchant_private", []);
    let result = run(channel().prepay(&fake, &native().order()));
    assert!(
        matches!(result, PrepayResult::Declined(_)),
        "nothing was sent: {result:?}"
    );
    assert!(fake.sent().is_empty());
}

fn query(reply: Reply) -> Verdict {
    run(channel().query(&Fake::new([reply]), &native().order()))
}

#[test]
fn a_v3_query_tells_the_state() {
    let fake = Fake::new([v3(200, &transaction("SUCCESS").to_string())]);
    let Verdict::Paid(found) = run(channel().query(&fake, &native().order())) else {
        panic!("paid")
    };
    assert_eq!(
        (found.payable_fen, found.cash_fen),
        (CHARGE_FEN, CHARGE_FEN)
    );
    assert_eq!(
        (
            found.channel_order_no.as_str(),
            found.payer_order_no.as_str()
        ),
        ("4200000002", NUMBER)
    );
    assert_eq!(found.payer_id.as_deref(), Some("oPayer"));
    assert_eq!(found.funding, Funding::Debit);
    assert_eq!(found.paid_at.as_ms(), NOW_MS + 2000);
    sent_v3(
        &fake,
        &Method::GET,
        &format!(
            "/wechat/v3/pay/partner/transactions/out-trade-no/{NUMBER}\
             ?sp_mchid=1900000001&sub_mchid=1900000109"
        ),
    );
    let waiting = |word: &str| {
        let mut body = transaction(word);
        body.as_object_mut().expect("an object").remove("amount");
        query(v3(200, &body.to_string()))
    };
    assert!(matches!(
        query(v3(200, &transaction("REFUND").to_string())),
        Verdict::Paid(_)
    ));
    assert_eq!(waiting("NOTPAY"), Verdict::Waiting);
    assert_eq!(waiting("USERPAYING"), Verdict::Pending);
    assert_eq!(waiting("CLOSED"), declined("CLOSED", DeclineKind::Closed));
    assert_eq!(
        waiting("PAYERROR"),
        declined("PAYERROR", DeclineKind::Refused)
    );
    assert!(is_unknown(&waiting("NEWS")) && is_unknown(&waiting("SUCCESS")));
    for (status, code) in [
        (404, "ORDER_NOT_EXIST"),
        (400, "PARAM_ERROR"),
        (500, "SYSTEM_ERROR"),
    ] {
        assert!(is_unknown(&query(v3_error(status, code))), "{code}");
    }
}

#[test]
fn v3_discounts_are_divided_by_who_pays_them() {
    for (kind, parts) in [("NOCASH", (8000, 500, 388)), ("CASH", (8000, 0, 888))] {
        let mut body = transaction("SUCCESS");
        body["amount"]["payer_total"] = 8000.into();
        body["promotion_detail"] = json!([{"type": kind, "amount": 888, "merchant_contribute": 500,
                                           "wechatpay_contribute": 388}]);
        let Verdict::Paid(found) = query(v3(200, &body.to_string())) else {
            panic!("paid")
        };
        let found = (
            found.cash_fen,
            found.merchant_discount_fen,
            found.channel_discount_fen,
        );
        assert_eq!(found, parts, "{kind}");
    }
}

#[test]
fn a_transaction_of_somebody_else_is_no_answer() {
    for (pointer, value) in [
        ("/sp_mchid", json!("1900000002")),
        ("/sub_mchid", json!("1900000110")),
        ("/sp_appid", json!("wx2222222222222222")),
        ("/out_trade_no", json!("1")),
        ("/amount/total", json!(8889)),
        ("/amount/total", json!("88.88")),
        ("/amount/total", json!(8888.5)),
        ("/amount/currency", json!("USD")),
        ("/transaction_id", json!("")),
        ("/success_time", json!("yesterday")),
        ("/trade_state", json!(null)),
    ] {
        let mut body = transaction("SUCCESS");
        *body.pointer_mut(pointer).expect("a member") = value.clone();
        let verdict = query(v3(200, &body.to_string()));
        assert!(is_unknown(&verdict), "{pointer} {value}: {verdict:?}");
    }
}

#[test]
fn closes_are_definite_or_unknown() {
    let close = |case: &Case, reply: Reply| {
        let fake = Fake::new([reply]);
        let result = run(channel().close(&fake, &case.order()));
        (result, fake)
    };
    let (result, fake) = close(&native(), v3(204, ""));
    assert_eq!(result, CloseResult::Closed);
    let sent = sent_v3(
        &fake,
        &Method::POST,
        &format!("/wechat/v3/pay/partner/transactions/out-trade-no/{NUMBER}/close"),
    );
    assert_eq!(
        sent,
        json!({"sp_mchid": "1900000001", "sub_mchid": "1900000109"})
    );
    assert_eq!(
        close(&native(), v3_error(400, "ORDER_CLOSED")).0,
        CloseResult::Closed
    );
    assert_eq!(
        close(&native(), v3_error(400, "ORDER_PAID")).0,
        CloseResult::Paid
    );
    let page = merchant_page();
    assert_eq!(close(&page, v2(answered(&[]))).0, CloseResult::Closed);
    assert_eq!(
        close(&page, v2(refused("ORDERCLOSED"))).0,
        CloseResult::Closed
    );
    assert_eq!(close(&page, v2(refused("ORDERPAID"))).0, CloseResult::Paid);
    for (case, reply) in [
        (native(), Reply::Http(204, Vec::new(), Vec::new())),
        (native(), v3_error(400, "INVALID_REQUEST")),
        (native(), v3_error(404, "ORDER_NOT_EXIST")),
        (page.clone(), v2(refused("ORDERNOTEXIST"))),
        (page.clone(), v2(refused("INVALID_REQUEST"))),
        (page, v2(refused("SYSTEMERROR"))),
        (
            crate::support::wechat::case("v2", Scene::Barcode),
            v2(answered(&[])),
        ),
    ] {
        let (result, _) = close(&case, reply);
        assert!(matches!(result, CloseResult::Unknown(_)), "{result:?}");
    }
}
