//! Who the payer is: the web logins of both wallets, and mini programs' (ruling 45).

use heliu_ports::channel::LookupRefused;
use heliu_trade::command::MiniProgramSession;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::wallet::Scene;
use serde_json::json;

use crate::support::alipay::{self, gateway_error, sent_parameters, signed};
use crate::support::{Fake, Reply, run, wechat};

const RETURN: &str = "https://pay.example.com/c/1";

#[test]
fn wechat_exchanges_the_code_for_an_openid() {
    let case = wechat::case("v3", Scene::Jsapi);
    let channel = wechat::channel();
    assert_eq!(
        channel
            .logins()
            .expect("payers log in")
            .authorize_url(&case.account, RETURN, "s1")
            .as_deref(),
        Some(
            "http://127.0.0.1:8090/wechat/connect/oauth2/authorize?appid=wx1111111111111111\
             &redirect_uri=https%3A%2F%2Fpay.example.com%2Fc%2F1&response_type=code\
             &scope=snsapi_base&state=s1#wechat_redirect"
        )
    );
    assert_eq!(
        channel
            .logins()
            .expect("payers log in")
            .authorize_parameter(),
        "code"
    );
    let fake = Fake::new([Reply::ok(r#"{"access_token":"t","openid":"oPayer"}"#)]);
    let found = run(channel
        .logins()
        .expect("payers log in")
        .payer_id(&fake, &case.account, "c/1"));
    assert_eq!(found.as_deref(), Ok("oPayer"));
    assert_eq!(
        fake.only().url,
        "http://127.0.0.1:8090/wechat/sns/oauth2/access_token?appid=wx1111111111111111\
         &secret=s3cret%2F%26%3D&code=c%2F1&grant_type=authorization_code"
    );
    for reply in [
        Reply::ok(r#"{"errcode":40029,"errmsg":"invalid code"}"#),
        Reply::ok(r#"{"errcode":40029,"openid":"oPayer"}"#),
        Reply::ok(r#"{"openid":""}"#),
        Reply::NotSent,
    ] {
        let found = run(channel.logins().expect("payers log in").payer_id(
            &Fake::new([reply]),
            &case.account,
            "c",
        ));
        let why = found.expect_err("no openid").why;
        assert!(!why.contains("s3cret"), "{why}");
    }
    let fake = Fake::without("app_secret", []);
    assert!(
        run(channel
            .logins()
            .expect("payers log in")
            .payer_id(&fake, &case.account, "c"))
        .is_err()
    );
}

/// The account of a mini program: it holds its secret, and nothing else is needed.
fn mini_program() -> ChannelAccount {
    let mut account = wechat::case("v2", Scene::MiniProgram).account;
    account.settings.retain(|name, _| name == "sns_url");
    account
}

fn session(fake: &Fake) -> Result<MiniProgramSession, LookupRefused> {
    run(wechat::channel()
        .mini_programs()
        .expect("it knows mini programs")
        .mini_program_session(fake, &mini_program(), "wx333", "c/1"))
}

#[test]
fn wechat_opens_a_mini_programs_session() {
    let expected = |union_id: Option<&str>, expires_in_s| MiniProgramSession {
        payer_id: "oPayer".to_owned(),
        session_key: "a2V5".to_owned(),
        union_id: union_id.map(str::to_owned),
        expires_in_s,
    };
    for (answer, found) in [
        (
            json!({"openid": "oPayer", "session_key": "a2V5", "unionid": "u1"}),
            expected(Some("u1"), 7_200),
        ),
        (
            json!({"openid": "oPayer", "session_key": "a2V5", "expires_in": 600, "errcode": 0}),
            expected(None, 600),
        ),
    ] {
        let fake = Fake::new([Reply::ok(answer.to_string())]);
        assert_eq!(session(&fake), Ok(found), "{answer}");
        assert_eq!(
            fake.only().url,
            "http://127.0.0.1:8090/wechat/sns/jscode2session?appid=wx333&secret=s3cret%2F%26%3D\
             &js_code=c%2F1&grant_type=authorization_code"
        );
    }
}

#[test]
fn a_wrong_login_code_is_told_from_trouble() {
    for word in ["40029", "40163", "40226"] {
        let body = format!("{{\"errcode\":{word},\"errmsg\":\"code\"}}");
        let found = session(&Fake::new([Reply::ok(body)]));
        assert_eq!(found, Err(LookupRefused::Refused(word.to_owned())));
    }
    for body in [
        r#"{"errcode":-1,"errmsg":"system error"}"#,
        r#"{"errcode":40013,"errmsg":"invalid appid"}"#,
        r#"{"errcode":40125,"errmsg":"invalid appsecret"}"#,
        r#"{"errcode":45011,"errmsg":"too often"}"#,
        r#"{"errcode":"0","openid":"oPayer","session_key":"a2V5"}"#,
        r#"{"openid":"oPayer"}"#,
        r#"{"session_key":"a2V5"}"#,
        r#"{"openid":"","session_key":""}"#,
    ] {
        let found = session(&Fake::new([Reply::ok(body)]));
        assert!(
            matches!(found, Err(LookupRefused::Unknown(_))),
            "{body}: {found:?}"
        );
    }
    let found = session(&Fake::new([Reply::NotSent]));
    assert!(
        matches!(&found, Err(LookupRefused::Unknown(why)) if !why.why.contains("s3cret")),
        "{found:?}"
    );
    let fake = Fake::without("app_secret", []);
    assert!(matches!(session(&fake), Err(LookupRefused::Unknown(_))));
    assert!(fake.sent().is_empty());
}

#[test]
fn alipay_exchanges_the_code_for_a_user_id() {
    let case = alipay::case("create");
    let channel = alipay::channel();
    assert_eq!(
        channel
            .logins()
            .expect("payers log in")
            .authorize_url(&case.account, RETURN, "s1")
            .as_deref(),
        Some(
            "http://127.0.0.1:8090/alipay/oauth2/publicAppAuthorize.htm?app_id=2021000000000001\
             &scope=auth_base&redirect_uri=https%3A%2F%2Fpay.example.com%2Fc%2F1&state=s1"
        )
    );
    assert_eq!(
        channel
            .logins()
            .expect("payers log in")
            .authorize_parameter(),
        "auth_code"
    );
    let method = "alipay.system.oauth.token";
    for (node, id) in [
        (
            json!({"user_id": "2088000000000777", "open_id": "x"}),
            "2088000000000777",
        ),
        (json!({"open_id": "074a1"}), "074a1"),
        (
            json!({"code": "10000", "user_id": "2088000000000777"}),
            "2088000000000777",
        ),
    ] {
        let fake = Fake::new([signed(method, &node.to_string())]);
        let found =
            run(channel
                .logins()
                .expect("payers log in")
                .payer_id(&fake, &case.account, "c1"));
        assert_eq!(found.as_deref(), Ok(id));
        let sent = sent_parameters(&fake.only());
        assert_eq!(
            (sent["grant_type"].as_str(), sent["code"].as_str()),
            ("authorization_code", "c1")
        );
        assert!(!sent.contains_key("app_auth_token") && !sent.contains_key("biz_content"));
    }
    for reply in [
        signed(method, "{}"),
        gateway_error("40002", "isv.code-invalid", true),
        gateway_error("40002", "isv.code-invalid", false),
        Reply::ok(r#"{"alipay_system_oauth_token_response":{"user_id":"1"},"sign":"AAAA"}"#),
        Reply::ok(r#"{"alipay_system_oauth_token_response":{"user_id":"1"}}"#),
    ] {
        assert!(
            run(channel.logins().expect("payers log in").payer_id(
                &Fake::new([reply]),
                &case.account,
                "c"
            ))
            .is_err()
        );
    }
}
