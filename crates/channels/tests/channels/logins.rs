//! Who the payer is: the web logins of both wallets (ruling 45).

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
            .authorize_url(&case.account, RETURN, "s1")
            .as_deref(),
        Some(
            "http://127.0.0.1:8090/wechat/connect/oauth2/authorize?appid=wx1111111111111111\
             &redirect_uri=https%3A%2F%2Fpay.example.com%2Fc%2F1&response_type=code\
             &scope=snsapi_base&state=s1#wechat_redirect"
        )
    );
    assert_eq!(channel.authorize_parameter(), "code");
    let fake = Fake::new([Reply::ok(r#"{"access_token":"t","openid":"oPayer"}"#)]);
    let found = run(channel.payer_id(&fake, &case.account, "c/1"));
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
        let found = run(channel.payer_id(&Fake::new([reply]), &case.account, "c"));
        let why = found.expect_err("no openid").why;
        assert!(!why.contains("s3cret"), "{why}");
    }
    let fake = Fake::without("app_secret", []);
    assert!(run(channel.payer_id(&fake, &case.account, "c")).is_err());
}

#[test]
fn alipay_exchanges_the_code_for_a_user_id() {
    let case = alipay::case("create");
    let channel = alipay::channel();
    assert_eq!(
        channel
            .authorize_url(&case.account, RETURN, "s1")
            .as_deref(),
        Some(
            "http://127.0.0.1:8090/alipay/oauth2/publicAppAuthorize.htm?app_id=2021000000000001\
             &scope=auth_base&redirect_uri=https%3A%2F%2Fpay.example.com%2Fc%2F1&state=s1"
        )
    );
    assert_eq!(channel.authorize_parameter(), "auth_code");
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
        let found = run(channel.payer_id(&fake, &case.account, "c1"));
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
        assert!(run(channel.payer_id(&Fake::new([reply]), &case.account, "c")).is_err());
    }
}
