//! WeChat signs by several keys, which it names: a public key, platform certificates, both while it
//! moves an account from one to the other.

use heliu_ports::channel::{CallbackNews, CallbackRefused, LookupRefused, PublishedKey};
use heliu_ports::signature::KeyRole;
use heliu_trade::verdict::Verdict;
use heliu_trade::wallet::Scene;
use http::Method;
use serde_json::{Value, json};

use crate::support::keys::{self, FRESH_SERIAL, KNOWN_SERIAL};
use crate::support::wechat::{
    PUBLIC_KEY_ID, case, channel, event, request, transaction, v3_error, v3_headers_by,
};
use crate::support::{Fake, NOW_MS, Reply, alipay, run};

const PATH: &str = "http://127.0.0.1:8090/wechat/v3/certificates";

/// Which pair signs under a name.
fn pair_of(serial: &str) -> &'static keys::Pair {
    keys::certified(serial).unwrap_or_else(keys::theirs)
}

fn headers(serial: &str, signer: &str, body: &str) -> Vec<(&'static str, String)> {
    v3_headers_by(NOW_MS / 1000, body, serial, pair_of(signer))
}

fn answered(serial: &str, signer: &str, body: &str) -> Reply {
    Reply::Http(200, headers(serial, signer, body), body.into())
}

fn query(reply: Reply) -> Verdict {
    run(channel().query(&Fake::new([reply]), &case("v3", Scene::Qr).order()))
}

fn notice(serial: &str, signer: &str) -> Result<CallbackNews, CallbackRefused> {
    let body = event(
        "TRANSACTION.SUCCESS",
        "transaction",
        &transaction("SUCCESS"),
    );
    let request = request(&headers(serial, signer, &body), &body);
    channel().callback(&Fake::new([]), &case("v3", Scene::Qr).order(), &request)
}

#[test]
fn answers_and_notices_are_verified_with_the_key_that_they_name() {
    let body = transaction("SUCCESS").to_string();
    for serial in [PUBLIC_KEY_ID, KNOWN_SERIAL] {
        let verdict = query(answered(serial, serial, &body));
        assert!(matches!(verdict, Verdict::Paid(_)), "{serial}: {verdict:?}");
        let news = notice(serial, serial);
        assert!(
            matches!(news, Ok(CallbackNews::Payment(_))),
            "{serial}: {news:?}"
        );
    }
    for (named, signer) in [(PUBLIC_KEY_ID, KNOWN_SERIAL), (KNOWN_SERIAL, PUBLIC_KEY_ID)] {
        let verdict = query(answered(named, signer, &body));
        assert!(
            matches!(verdict, Verdict::Unknown(_)),
            "{named}: {verdict:?}"
        );
        let refused = notice(named, signer);
        let expected = CallbackRefused::Signature("the signature does not hold".to_owned());
        assert_eq!(refused, Err(expected), "{named}");
    }
}

#[test]
fn a_key_that_the_account_lacks_is_refused_by_name() {
    let body = transaction("SUCCESS").to_string();
    let named = |serial: &str| {
        format!("Wechatpay-Serial names {serial}, a key that the account does not have")
    };
    let Verdict::Unknown(unknown) = query(answered(FRESH_SERIAL, FRESH_SERIAL, &body)) else {
        panic!("nobody knows this key")
    };
    assert_eq!(unknown.why, named(FRESH_SERIAL));
    let refused = notice("PUB_KEY_ID_2", PUBLIC_KEY_ID);
    assert_eq!(
        refused,
        Err(CallbackRefused::Signature(named("PUB_KEY_ID_2")))
    );
}

#[test]
fn an_account_of_before_the_public_key_names_none_and_is_served_by_certificates() {
    let body = transaction("SUCCESS").to_string();
    let mut case = case("v3", Scene::Qr);
    case.account.settings.remove("wechatpay_public_key_id");
    let fake = Fake::without(
        "wechatpay_public",
        [
            answered(KNOWN_SERIAL, KNOWN_SERIAL, &body),
            answered(PUBLIC_KEY_ID, PUBLIC_KEY_ID, &body),
        ],
    );
    let verdict = run(channel().query(&fake, &case.order()));
    assert!(matches!(verdict, Verdict::Paid(_)), "{verdict:?}");
    let verdict = run(channel().query(&fake, &case.order()));
    assert!(matches!(verdict, Verdict::Unknown(_)), "{verdict:?}");
    for (request, _) in fake.sent() {
        let mut names = request.headers.iter().map(|(name, _)| *name);
        assert!(names.all(|name| name != "Wechatpay-Serial"), "{request:?}");
    }
}

/// A certificate as WeChat hands it over.
fn handed_over(serial: &str, own: &Value) -> Value {
    let sealed = keys::seal_gcm(
        keys::secret("api_v3"),
        b"61f9c719728a",
        b"certificate",
        keys::certificate(serial).as_bytes(),
    );
    let sealed = json!({"algorithm": "AEAD_AES_256_GCM", "nonce": "61f9c719728a",
        "associated_data": "certificate", "ciphertext": sealed});
    json!({"serial_no": serial, "effective_time": "2024-06-08T10:34:56+08:00",
        "expire_time": "2029-06-08T10:34:56+08:00",
        "encrypt_certificate": alipay::over(sealed, own)})
}

fn list(certificates: &[Value]) -> String {
    json!({ "data": certificates }).to_string()
}

fn published(reply: Reply) -> Result<Vec<PublishedKey>, LookupRefused> {
    let fake = Fake::new([reply]);
    let found = run(channel()
        .key_publisher()
        .expect("it publishes keys")
        .published_keys(&fake, &case("v3", Scene::Qr).account));
    let request = fake.only();
    assert_eq!((request.method, &*request.url), (Method::GET, PATH));
    found
}

fn key(serial: &str) -> PublishedKey {
    PublishedKey {
        role: KeyRole("wechatpay_public"),
        serial: serial.to_owned(),
        certificate: keys::certificate(serial),
    }
}

#[test]
fn certificates_are_opened_and_may_sign_the_answer_that_brings_them() {
    let body = list(&[
        handed_over(KNOWN_SERIAL, &json!({})),
        handed_over(FRESH_SERIAL, &json!({})),
    ]);
    let both = Ok(vec![key(KNOWN_SERIAL), key(FRESH_SERIAL)]);
    for signer in [FRESH_SERIAL, KNOWN_SERIAL, PUBLIC_KEY_ID] {
        assert_eq!(published(answered(signer, signer, &body)), both, "{signer}");
    }
    let none = published(answered(PUBLIC_KEY_ID, PUBLIC_KEY_ID, "{\"data\":[]}"));
    assert_eq!(none, Ok(Vec::new()));
}

#[test]
fn certificates_that_do_not_open_or_are_not_signed_for_are_not_believed() {
    let fresh = |own: Value| handed_over(FRESH_SERIAL, &own);
    let good = list(&[fresh(json!({}))]);
    let unsigned = |body: &str| Reply::Http(200, Vec::new(), body.into());
    let of_another = list(&[json!({"serial_no": FRESH_SERIAL,
        "encrypt_certificate": handed_over(KNOWN_SERIAL, &json!({}))["encrypt_certificate"]})]);
    let signed = |body: &str| answered(PUBLIC_KEY_ID, PUBLIC_KEY_ID, body);
    for (what, reply) in [
        ("unsigned", unsigned(&good)),
        ("by another", answered(FRESH_SERIAL, PUBLIC_KEY_ID, &good)),
        ("by a stranger", answered("7132D72A", FRESH_SERIAL, &good)),
        (
            "under another's name",
            answered(FRESH_SERIAL, FRESH_SERIAL, &of_another),
        ),
        (
            "sealed otherwise",
            signed(&list(&[fresh(json!({"associated_data": "certificates"}))])),
        ),
        (
            "another algorithm",
            signed(&list(&[fresh(json!({"algorithm": "AEAD_SM4_GCM"}))])),
        ),
        (
            "not sealed",
            signed(&list(&[fresh(json!({"ciphertext": "x"}))])),
        ),
        (
            "no number",
            signed(&list(&[json!({"encrypt_certificate": {}})])),
        ),
        ("no answer", Reply::NoAnswer),
        ("server error", v3_error(500, "SYSTEM_ERROR")),
    ] {
        let found = published(reply);
        assert!(
            matches!(found, Err(LookupRefused::Unknown(_))),
            "{what}: {found:?}"
        );
    }
    // An account that only logs payers of a mini program in.
    let mut login = case("v3", Scene::Qr).account;
    login.settings.remove("merchant_serial_no");
    let found = run(channel()
        .key_publisher()
        .expect("it publishes keys")
        .published_keys(&Fake::new([]), &login));
    assert_eq!(found, Err(LookupRefused::Unsupported));
    // An account that has been moved to the public key.
    let refused = published(v3_error(404, "RESOURCE_NOT_EXISTS"));
    let expected = LookupRefused::Refused("RESOURCE_NOT_EXISTS".to_owned());
    assert_eq!(refused, Err(expected));
}
