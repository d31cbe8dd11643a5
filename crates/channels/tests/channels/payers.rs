//! Who a payer is whose code a merchant has, and UnionPay's web login.

use heliu_ports::channel::LookupRefused;
use heliu_trade::command::{PayerFound, PayerLookup};
use heliu_trade::wallet::{Scene, WalletKind};
use serde_json::json;

use crate::support::unionpay::{self, MER_ID};
use crate::support::wechat::{answered, over, sent_fields, v2};
use crate::support::{Fake, Reply, run, wechat};

type Found = Result<PayerFound, LookupRefused>;

fn found(id: &str) -> Found {
    Ok(PayerFound {
        payer_id: id.to_owned(),
    })
}

fn is_unknown(found: &Found) -> bool {
    matches!(found, Err(LookupRefused::Unknown(_)))
}

fn wechat_lookup(fake: &Fake, app_id: Option<&str>) -> Found {
    let (account, contract, _) = wechat::terminal();
    let lookup = PayerLookup {
        wallet: WalletKind::Wechat,
        code: "134567890123456700".to_owned(),
        app_id: app_id.map(str::to_owned),
        user_agent: None,
    };
    run(wechat::channel()
        .payer_codes()
        .expect("it tells payers")
        .payer_of_code(fake, &account, &contract, &lookup))
}

#[test]
fn wechat_names_the_payer_under_the_app_that_is_asked_about() {
    let app = "wx2222222222222222";
    let answer = answered(&[
        ("sub_appid", app),
        ("openid", "oPayer"),
        ("sub_openid", "oSub"),
    ]);
    let fake = Fake::new([v2(answer.clone())]);
    assert_eq!(wechat_lookup(&fake, Some(app)), found("oSub"));
    let request = fake.only();
    assert_eq!(
        request.url,
        "http://127.0.0.1:8090/wechat/tools/authcodetoopenid"
    );
    let mut sent = sent_fields(&request.body);
    assert_eq!(sent.remove("nonce_str").map(|nonce| nonce.len()), Some(32));
    let expected = wechat::fields(&[
        ("appid", "wx1111111111111111"),
        ("mch_id", "1900000001"),
        ("sub_appid", app),
        ("sub_mch_id", "1900000109"),
        ("auth_code", "134567890123456700"),
    ]);
    assert_eq!(sent, expected);
    let fake = Fake::new([v2(answered(&[("openid", "oPayer")]))]);
    assert_eq!(wechat_lookup(&fake, None), found("oPayer"));
    assert!(!sent_fields(&fake.only().body).contains_key("sub_appid"));
    for own in [
        ("sub_openid", ""),
        ("sub_appid", "wx9"),
        ("sub_mch_id", "1"),
    ] {
        let fake = Fake::new([v2(over(answer.clone(), &[own]))]);
        assert!(is_unknown(&wechat_lookup(&fake, Some(app))), "{own:?}");
    }
}

#[test]
fn a_code_that_is_no_good_is_told_from_trouble() {
    for code in ["AUTHCODEEXPIRE", "AUTH_CODE_ERROR", "AUTH_CODE_INVALID"] {
        let fake = Fake::new([v2(wechat::refused(code))]);
        let refused = LookupRefused::Refused(code.to_owned());
        assert_eq!(wechat_lookup(&fake, None), Err(refused));
    }
    for reply in [
        v2(wechat::refused("SYSTEMERROR")),
        Reply::ok(wechat::xml(&answered(&[("openid", "oPayer")]))),
        Reply::NotSent,
    ] {
        assert!(is_unknown(&wechat_lookup(&Fake::new([reply]), None)));
    }
}

#[test]
fn unionpay_brings_the_state_back_in_the_address() {
    let case = unionpay::case(Scene::Jsapi);
    let channel = unionpay::channel();
    let url = |back: &str| {
        channel
            .logins()
            .expect("payers log in")
            .authorize_url(&case.account, back, "s1")
    };
    let login =
        "http://127.0.0.1:8090/unionpay/qrcGtwWeb-web/api/userAuth?version=1.0.0&redirectUrl=";
    assert_eq!(
        url("https://pay.example.com/c/1"),
        Some(format!(
            "{login}https%3A%2F%2Fpay.example.com%2Fc%2F1%3Fstate%3Ds1"
        ))
    );
    assert_eq!(
        url("https://pay.example.com/c/1?a=b"),
        Some(format!(
            "{login}https%3A%2F%2Fpay.example.com%2Fc%2F1%3Fa%3Db%26state%3Ds1"
        ))
    );
    assert_eq!(
        channel
            .logins()
            .expect("payers log in")
            .authorize_parameter(),
        "userAuthCode"
    );
}

#[test]
fn unionpay_exchanges_the_code_for_a_user_id() {
    let case = unionpay::case(Scene::Jsapi);
    let channel = unionpay::channel();
    let answer = || unionpay::answered(&json!({"orderNo": null, "merId": null, "userId": "UP+/="}));
    let fake = Fake::new([answer()]);
    // A plus that was read as a blank on its way.
    let id = run(channel
        .logins()
        .expect("payers log in")
        .payer_id(&fake, &case.account, "a b/="));
    assert_eq!(id.as_deref(), Ok("UP+/="));
    let request = fake.only();
    assert!(request.url.ends_with("/gateway/api/pay/getUserId"));
    let expected = json!({
        "serProvId": "S2026010100001", "userAuthCode": "a+b/=",
        "appUpIdentifier": "UnionPay/1.0 CloudPay",
    });
    assert_eq!(unionpay::sent(&request), expected);
    let own = case
        .setting("user_id_path", "/own/path")
        .setting("merId", MER_ID)
        .setting("app_up_identifier", "UnionPay/2.0 Bank");
    let fake = Fake::new([answer()]);
    assert!(
        run(channel
            .logins()
            .expect("payers log in")
            .payer_id(&fake, &own.account, "c"))
        .is_ok()
    );
    let request = fake.only();
    assert!(request.url.ends_with("/unionpay/own/path"));
    let sent = unionpay::sent(&request);
    assert_eq!(sent["merId"], MER_ID);
    assert_eq!(sent["appUpIdentifier"], "UnionPay/2.0 Bank");
    for reply in [
        unionpay::answered(&json!({})),
        unionpay::refused("34"),
        Reply::ok(r#"{"respCode":"00","userId":"UP1"}"#),
        Reply::NotSent,
    ] {
        assert!(
            run(channel.logins().expect("payers log in").payer_id(
                &Fake::new([reply]),
                &own.account,
                "c"
            ))
            .is_err()
        );
    }
    let fake = Fake::new([]);
    assert!(
        run(channel
            .logins()
            .expect("payers log in")
            .payer_id(&fake, &own.account, ""))
        .is_err()
    );
}

fn unionpay_lookup(fake: &Fake, user_agent: Option<&str>) -> Found {
    let (account, contract) = unionpay::parties();
    let lookup = PayerLookup {
        wallet: WalletKind::Unionpay,
        code: "AUTHCODE0001".to_owned(),
        app_id: None,
        user_agent: user_agent.map(str::to_owned),
    };
    run(unionpay::channel()
        .payer_codes()
        .expect("it tells payers")
        .payer_of_code(fake, &account, &contract, &lookup))
}

#[test]
fn unionpay_is_told_the_app_that_the_browser_names() {
    for (user_agent, app) in [
        (None, "UnionPay/1.0 CloudPay"),
        (Some(""), "UnionPay/1.0 CloudPay"),
        (
            Some("Mozilla/5.0 (X11) Firefox/128.0"),
            "UnionPay/1.0 CloudPay",
        ),
        (Some("UnionPay/1.0"), "UnionPay/1.0 CloudPay"),
        (Some("UnionPay/1.0 ICBCiPay"), "UnionPay/1.0 ICBCiPay"),
        (
            Some("Mozilla/5.0 (iPhone) (UnionPay/2.1 ABCmBank) x/1"),
            "UnionPay/2.1 ABCmBank",
        ),
    ] {
        let fake = Fake::new([unionpay::answered(
            &json!({"orderNo": null, "userId": "UP1"}),
        )]);
        assert_eq!(unionpay_lookup(&fake, user_agent), found("UP1"));
        let expected = json!({
            "serProvId": "S2026010100001", "merId": MER_ID, "userAuthCode": "AUTHCODE0001",
            "appUpIdentifier": app,
        });
        assert_eq!(unionpay::sent(&fake.only()), expected, "{user_agent:?}");
    }
}

#[test]
fn unionpays_refusals_are_told_from_trouble() {
    for code in ["34", "39", "13"] {
        let fake = Fake::new([unionpay::refused(code)]);
        let refused = LookupRefused::Refused(code.to_owned());
        assert_eq!(unionpay_lookup(&fake, None), Err(refused));
    }
    for reply in [
        unionpay::refused("99"),
        unionpay::answered(&json!({})),
        unionpay::answered(&json!({"userId": "UP1", "merId": "777290058110098"})),
        Reply::NoAnswer,
    ] {
        assert!(is_unknown(&unionpay_lookup(&Fake::new([reply]), None)));
    }
}
