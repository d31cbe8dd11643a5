//! Payments by face over v2: facepay, facepayquery, facepayreverse, and the terminals' credential.

use heliu_ports::channel::{LookupRefused, UpstreamScene};
use heliu_trade::command::FaceCredentialReply;
use heliu_trade::verdict::{CloseResult, DeclineKind, ReversalResult, Verdict};
use heliu_trade::wallet::{Scene, WalletKind};

use crate::support::orders::{Case, NUMBER};
use crate::support::wechat::{
    Fields, answered, case, channel, hmac_xml, over, paid, refused, sent_fields, signed_xml,
    terminal, xml,
};
use crate::support::{Fake, NOW_MS, Reply, run};
use crate::{declined, is_unknown};

const FACE_CODE: &str = "b713b5d2-666c-48";
const FACE_APP: &str = "wx7777777777777777";

fn face() -> Case {
    case("face", Scene::Face)
}

fn signed(fields: Fields) -> Reply {
    Reply::ok(hmac_xml(fields))
}

fn pay(case: &Case, reply: Reply) -> Verdict {
    run(channel().pay(&Fake::new([reply]), &case.order(), FACE_CODE))
}

fn query(reply: Reply) -> Verdict {
    run(channel().query(&Fake::new([reply]), &face().order()))
}

#[test]
fn facepay_sends_what_the_document_asks() {
    for (case, openid) in [(face(), None), (face().payer("oPayer"), Some("oPayer"))] {
        let fake = Fake::new([Reply::NoAnswer]);
        run(channel().pay(&fake, &case.order(), FACE_CODE));
        let (request, timeout_ms) = fake.sent().remove(0);
        assert_eq!(request.url, "http://127.0.0.1:8090/wechat/pay/facepay");
        assert_eq!(timeout_ms, 10_000);
        let mut sent = sent_fields(&request.body);
        assert_eq!(sent.remove("nonce_str").map(|nonce| nonce.len()), Some(32));
        assert_eq!(sent.remove("openid").as_deref(), openid);
        let expected: Fields = [
            ("appid", "wx1111111111111111"),
            ("mch_id", "1900000001"),
            ("sub_mch_id", "1900000109"),
            ("body", "咖啡 & cake"),
            ("out_trade_no", NUMBER),
            ("total_fee", "8888"),
            ("fee_type", "CNY"),
            ("spbill_create_ip", "203.0.113.7"),
            ("face_code", FACE_CODE),
            ("sign_type", "HMAC-SHA256"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        assert_eq!(sent, expected);
    }
}

#[test]
fn a_face_ends_like_a_code() {
    let found = pay(&face(), signed(paid(&[("trade_type", "FACEPAY")])));
    assert!(matches!(found, Verdict::Paid(_)), "{found:?}");
    assert_eq!(
        pay(&face(), signed(refused("USERPAYING"))),
        Verdict::Pending
    );
    assert_eq!(
        pay(&face(), signed(refused("NOTENOUGH"))),
        declined("NOTENOUGH", DeclineKind::Refused)
    );
    assert_eq!(
        pay(&face(), signed(refused("AUTHCODEEXPIRE"))),
        declined("AUTHCODEEXPIRE", DeclineKind::CodeInvalid)
    );
    for reply in [
        signed(refused("SYSTEMERROR")),
        signed(refused("ORDERPAID")),
        signed(paid(&[("total_fee", "8889")])),
        signed(paid(&[("appid", FACE_APP)])),
        Reply::ok(xml(&paid(&[]))),
    ] {
        let verdict = pay(&face(), reply);
        assert!(is_unknown(&verdict), "{verdict:?}");
    }
    // In no other scene has anybody consented: nothing is sent.
    let fake = Fake::new([]);
    let verdict = run(channel().pay(&fake, &case("v2", Scene::Jsapi).order(), FACE_CODE));
    assert_eq!(verdict, declined("UNREACHABLE", DeclineKind::Unreachable));
}

#[test]
fn face_pay_has_a_query_and_a_reversal_of_its_own() {
    let fake = Fake::new([Reply::NoAnswer]);
    run(channel().query(&fake, &face().order()));
    let request = fake.only();
    assert_eq!(request.url, "http://127.0.0.1:8090/wechat/pay/facepayquery");
    let sent = sent_fields(&request.body);
    assert_eq!(sent["out_trade_no"], NUMBER);
    assert_eq!(sent["sign_type"], "HMAC-SHA256");
    let found = query(signed(paid(&[("trade_state", "SUCCESS")])));
    assert!(matches!(found, Verdict::Paid(_)), "{found:?}");
    let waiting = answered(&[("out_trade_no", NUMBER), ("trade_state", "USERPAYING")]);
    assert_eq!(query(signed(waiting)), Verdict::Pending);
    assert!(is_unknown(&query(signed(refused("ORDERNOTEXIST")))));

    let fake = Fake::new([signed(answered(&[("recall", "N")]))]);
    let result = run(channel().reverse(&fake, &face().order()));
    assert_eq!(result, ReversalResult::Reversed);
    let request = fake.only();
    assert_eq!(
        request.url,
        "http://127.0.0.1:8090/wechat/secapi/pay/facepayreverse"
    );
    assert_eq!(sent_fields(&request.body)["sign_type"], "HMAC-SHA256");
    let fake = Fake::new([signed(answered(&[("recall", "Y")]))]);
    let result = run(channel().reverse(&fake, &face().order()));
    assert!(matches!(result, ReversalResult::Unknown(_)), "{result:?}");

    let fake = Fake::new([]);
    let result = run(channel().close(&fake, &face().order()));
    assert!(matches!(result, CloseResult::Unknown(_)), "{result:?}");
    assert!(fake.sent().is_empty(), "a face is reversed, not closed");
}

#[test]
fn faces_may_have_an_app_of_their_own() {
    let case = face().setting("face_appid", FACE_APP);
    let found = pay(&case, signed(paid(&[("appid", FACE_APP)])));
    assert!(matches!(found, Verdict::Paid(_)), "{found:?}");
    assert!(is_unknown(&pay(&case, signed(paid(&[])))), "the other app");
    for (scene, app_id) in [
        (UpstreamScene::Face, FACE_APP),
        (UpstreamScene::Barcode, "wx1111111111111111"),
    ] {
        let names = channel().provider_names(&case.account, scene);
        assert_eq!(names.merchant_no.as_deref(), Some("1900000001"));
        assert_eq!(names.app_id.as_deref(), Some(app_id));
    }
    let names = channel().provider_names(&face().account, UpstreamScene::Face);
    assert_eq!(names.app_id.as_deref(), Some("wx1111111111111111"));
}

/// The fields of a credential; there is no `result_code`.
fn given(own: &[(&str, &str)]) -> Fields {
    let base = answered(&[
        ("result_code", ""),
        ("sub_appid", "wx2222222222222222"),
        ("authinfo", "q1tYUpHd28U4"),
        ("expires_in", "1800"),
    ]);
    over(base, own)
}

fn credential(reply: Reply) -> (Result<FaceCredentialReply, LookupRefused>, Fake) {
    let (account, contract, request) = terminal();
    let fake = Fake::new([reply]);
    let found = run(channel()
        .face_kits()
        .expect("it has kits")
        .face_credential(&fake, &account, &contract, &request));
    (found, fake)
}

#[test]
fn a_terminal_gets_its_credential() {
    let (found, fake) = credential(Reply::ok(signed_xml(given(&[]))));
    let reply = FaceCredentialReply {
        app_id: "wx1111111111111111".to_owned(),
        sub_app_id: Some("wx2222222222222222".to_owned()),
        provider_merchant_no: "1900000001".to_owned(),
        sub_merchant_id: "1900000109".to_owned(),
        credential: "q1tYUpHd28U4".to_owned(),
        expires_in_s: 1_800,
    };
    assert_eq!(found, Ok(reply));
    let request = fake.only();
    assert_eq!(
        request.url,
        "http://127.0.0.1:8090/wechat/face/get_wxpayface_authinfo"
    );
    let mut sent = sent_fields(&request.body);
    assert_eq!(sent.remove("nonce_str").map(|nonce| nonce.len()), Some(32));
    let now = (NOW_MS / 1000).to_string();
    let expected: Fields = [
        ("appid", "wx1111111111111111"),
        ("mch_id", "1900000001"),
        ("sub_appid", "wx2222222222222222"),
        ("sub_mch_id", "1900000109"),
        ("store_id", "test_store_01"),
        ("store_name", "测试门店 & 01"),
        ("device_id", "CYW00000000000000000000"),
        ("rawdata", "eNPJNgR26U88+/="),
        ("now", &now),
        ("version", "1"),
        ("sign_type", "MD5"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    assert_eq!(sent, expected);
    let (found, _) = credential(Reply::ok(signed_xml(given(&[("expires_in", "")]))));
    assert_eq!(found.map(|reply| reply.expires_in_s), Ok(3_600));
}

#[test]
fn a_refused_credential_is_told_from_trouble() {
    let failed = |own: &[(&str, &str)]| {
        let base = [("return_code", "FAIL"), ("return_msg", "参数错误")];
        let fields = base.map(|(name, value)| (name.to_owned(), value.to_owned()));
        credential(Reply::ok(xml(&over(fields.into(), own)))).0
    };
    for (own, word) in [
        (vec![("err_code", "PARAM_ERROR")], "PARAM_ERROR"),
        (vec![("err_code", "NOAUTH")], "NOAUTH"),
        (vec![("return_code", "PARAM_ERROR")], "PARAM_ERROR"),
        (vec![], "参数错误"),
    ] {
        assert_eq!(failed(&own), Err(LookupRefused::Refused(word.to_owned())));
    }
    for own in [
        vec![("err_code", "SYSTEMERROR")],
        vec![("err_code", "SIGNERROR")],
        vec![("return_code", "SYSTEMERROR")],
        vec![("return_code", "ERROR")],
        vec![("return_code", ""), ("return_msg", "")],
    ] {
        let found = failed(&own);
        assert!(
            matches!(found, Err(LookupRefused::Unknown(_))),
            "{own:?}: {found:?}"
        );
    }
    for reply in [
        Reply::ok(xml(&given(&[]))),
        Reply::ok(signed_xml(given(&[("authinfo", "")]))),
        Reply::ok(signed_xml(given(&[("mch_id", "1900000002")]))),
        Reply::ok(signed_xml(given(&[("sub_mch_id", "1900000110")]))),
        Reply::Http(500, Vec::new(), signed_xml(given(&[])).into_bytes()),
        Reply::NotSent,
        Reply::NoAnswer,
    ] {
        let (found, _) = credential(reply);
        assert!(matches!(found, Err(LookupRefused::Unknown(_))), "{found:?}");
    }
    let (account, contract, mut request) = terminal();
    request.wallet = WalletKind::Alipay;
    let fake = Fake::new([]);
    let found = run(channel()
        .face_kits()
        .expect("it has kits")
        .face_credential(&fake, &account, &contract, &request));
    assert_eq!(found, Err(LookupRefused::Unsupported));
}
