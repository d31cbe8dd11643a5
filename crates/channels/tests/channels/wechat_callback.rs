//! Notifications of WeChat: good, bad, stale, about somebody else.

use heliu_ports::channel::{CallbackNews, CallbackRefused, Upstream};
use heliu_ports::signature::KeyRole;
use heliu_ports::wire::WireRequest;
use heliu_trade::verdict::{DeclineKind, RefundResult, Verdict};
use heliu_trade::wallet::Scene;
use serde_json::{Value, json};

use crate::support::orders::{CHARGE_FEN, NUMBER, REFUND_FEN, REFUND_NO};
use crate::support::wechat::{
    case, channel, event, hmac_xml, notice, over, paid, request, signed_xml, transaction,
    v3_headers, xml,
};
use crate::support::{Fake, NOW_MS};

fn read(request: &WireRequest) -> Result<CallbackNews, CallbackRefused> {
    channel().callback(&Fake::new([]), &case("v3", Scene::Qr).order(), request)
}

fn success(content: &Value) -> String {
    event("TRANSACTION.SUCCESS", "transaction", content)
}

#[test]
fn the_known_box_opens() {
    use base64::Engine as _;
    let boxed = base64::engine::general_purpose::STANDARD
        .decode(
            "Eu66z5SIDrsKeNArKKhhD2wBiy+JsF55MpxN6bADo4kEocTeFHbDmnpKoJA+orfkvHmewMk/Ep6BjDss2Miqf+6g3I65tTUe\
             JyQ6bKAhH23Awx0XURSh9h8C",
        )
        .expect("Base64");
    let fake = Fake::new([]);
    let opened = fake.open_gcm(KeyRole("api_v3"), b"abcdefghijkl", b"transaction", &boxed);
    let text = br#"{"sp_mchid":"1900000001","sub_mchid":"1900000109","trade_state":"SUCCESS"}"#;
    assert_eq!(opened.as_deref(), Some(&text[..]));
}

#[test]
fn a_v3_payment_is_news() {
    let news = read(&notice(&success(&transaction("SUCCESS"))));
    let Ok(CallbackNews::Payment(Verdict::Paid(found))) = news else {
        panic!("{news:?}")
    };
    assert_eq!(
        (found.payable_fen, found.channel_order_no.as_str()),
        (CHARGE_FEN, "4200000002")
    );
    let other = event("PROFITSHARING", "profitsharing", &json!({}));
    assert_eq!(read(&notice(&other)), Ok(CallbackNews::Nothing));
}

#[test]
fn a_v3_notice_is_checked_like_a_strangers() {
    let body = success(&transaction("SUCCESS"));
    let now_s = NOW_MS / 1000;
    let replaced = |name: &str, value: &str| {
        let mut headers = v3_headers(now_s, &body);
        for (known, old) in &mut headers {
            if *known == name {
                value.clone_into(old);
            }
        }
        request(&headers, &body)
    };
    for (name, stranger) in [
        ("no headers", request(&[], &body)),
        ("stale", request(&v3_headers(now_s - 301, &body), &body)),
        (
            "from the future",
            request(&v3_headers(now_s + 301, &body), &body),
        ),
        (
            "changed",
            request(&v3_headers(now_s, &body), &body.replace("EV-1", "EV-2")),
        ),
        (
            "another key",
            replaced("Wechatpay-Serial", "7132D72A03E93CDDF8C03BBD1F37EEDF"),
        ),
        (
            "a probe",
            replaced("Wechatpay-Signature", "WECHATPAY/SIGNTEST/dGVzdA=="),
        ),
        ("another nonce", replaced("Wechatpay-Nonce", "x")),
        ("a broken time", replaced("Wechatpay-Timestamp", "-1")),
    ] {
        let news = read(&stranger);
        assert!(
            matches!(news, Err(CallbackRefused::Signature(_))),
            "{name}: {news:?}"
        );
    }
    let resealed = |from: &str, to: &str| notice(&body.replace(from, to));
    let news = read(&resealed(
        "\"nonce\":\"abcdefghijkl\"",
        "\"nonce\":\"abcdefghijkm\"",
    ));
    assert!(
        matches!(news, Err(CallbackRefused::Signature(_))),
        "{news:?}"
    );
    for broken in [
        resealed("AEAD_AES_256_GCM", "AEAD_SM4_GCM"),
        resealed("\"ciphertext\":\"", "\"ciphertext\":\"*"),
        resealed("\"resource\"", "\"source\""),
        resealed("\"event_type\"", "\"kind\""),
        notice("{"),
    ] {
        let news = read(&broken);
        assert!(
            matches!(news, Err(CallbackRefused::Malformed(_))),
            "{news:?}"
        );
    }
}

#[test]
fn a_v3_notice_about_somebody_else_is_refused() {
    for (pointer, value) in [
        ("/sp_mchid", json!("1900000002")),
        ("/sub_mchid", json!("1900000110")),
        ("/sp_appid", json!("wx2222222222222222")),
        ("/out_trade_no", json!("1")),
        ("/amount/total", json!(1)),
        ("/amount/currency", json!("USD")),
    ] {
        let mut content = transaction("SUCCESS");
        *content.pointer_mut(pointer).expect("a member") = value;
        let news = read(&notice(&success(&content)));
        assert!(
            matches!(news, Err(CallbackRefused::Mismatch(_))),
            "{pointer}: {news:?}"
        );
    }
}

#[test]
fn refund_notices_name_their_refund() {
    let content = |status: &str| {
        json!({
            "sp_mchid": "1900000001", "sub_mchid": "1900000109", "out_trade_no": NUMBER,
            "transaction_id": "4200000002", "out_refund_no": REFUND_NO, "refund_id": "5030000001",
            "refund_status": status, "success_time": "2026-01-15T10:00:05+08:00",
            "amount": {"total": CHARGE_FEN, "refund": REFUND_FEN, "payer_total": CHARGE_FEN,
                       "payer_refund": REFUND_FEN},
        })
    };
    for status in ["SUCCESS", "ABNORMAL", "CLOSED"] {
        let body = event(&format!("REFUND.{status}"), "refund", &content(status));
        let news = read(&notice(&body));
        let Ok(CallbackNews::Refund {
            refund_no, result, ..
        }) = news
        else {
            panic!("{news:?}")
        };
        assert_eq!(refund_no, REFUND_NO);
        match result {
            RefundResult::Succeeded(found) => assert_eq!(found.cash_fen, Some(REFUND_FEN)),
            RefundResult::Failed(decline) => {
                assert_eq!((decline.reason.as_str(), status), ("CLOSED", "CLOSED"));
                assert_eq!(decline.kind, DeclineKind::Closed);
            }
            RefundResult::Unknown(_) => assert_eq!(status, "ABNORMAL"),
            RefundResult::Pending => panic!("{status} is an end"),
        }
    }
    let mut other = content("SUCCESS");
    other["out_trade_no"] = "1".into();
    let news = read(&notice(&event("REFUND.SUCCESS", "refund", &other)));
    assert!(
        matches!(news, Err(CallbackRefused::Mismatch(_))),
        "{news:?}"
    );
}

#[test]
fn a_v2_payment_is_news_in_both_digests() {
    for body in [
        signed_xml(paid(&[])),
        hmac_xml(paid(&[("sign_type", "HMAC-SHA256")])),
    ] {
        let news = read(&request(&[], &body));
        assert!(
            matches!(news, Ok(CallbackNews::Payment(Verdict::Paid(_)))),
            "{news:?}"
        );
    }
    let failed = signed_xml(paid(&[("result_code", "FAIL")]));
    assert_eq!(read(&request(&[], &failed)), Ok(CallbackNews::Nothing));
}

#[test]
fn a_v2_notice_is_checked_like_a_strangers() {
    let body = signed_xml(paid(&[]));
    for stranger in [
        xml(&paid(&[])),
        body.replace("8888", "1"),
        body.replace("oPayer", "oOther"),
    ] {
        let news = read(&request(&[], &stranger));
        assert!(
            matches!(news, Err(CallbackRefused::Signature(_))),
            "{news:?}"
        );
    }
    let news = read(&request(&[], &format!("<!DOCTYPE xml>{body}")));
    assert!(
        matches!(news, Err(CallbackRefused::Malformed(_))),
        "{news:?}"
    );
    for other in [
        ("appid", "wx2222222222222222"),
        ("mch_id", "1"),
        ("sub_mch_id", "1"),
        ("out_trade_no", "1"),
        ("total_fee", "1"),
        ("fee_type", "USD"),
    ] {
        let news = read(&request(&[], &signed_xml(over(paid(&[]), &[other]))));
        assert!(
            matches!(news, Err(CallbackRefused::Mismatch(_))),
            "{other:?}: {news:?}"
        );
    }
}

#[test]
fn notices_are_answered_in_their_own_form() {
    let v3 = notice("{}");
    let v2 = request(&[], "<xml></xml>");
    let refused = CallbackRefused::Signature("x".to_owned());
    let answer = channel().acknowledge(&v3, Ok(()));
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let answer = channel().acknowledge(&v3, Err(&refused));
    assert_eq!(answer.status, 401);
    assert_eq!(
        &answer.body[..],
        br#"{"code":"FAIL","message":"signature"}"#
    );
    let answer = channel().acknowledge(&v2, Ok(()));
    assert_eq!(
        &answer.body[..],
        b"<xml><return_code><![CDATA[SUCCESS]]></return_code>\
          <return_msg><![CDATA[OK]]></return_msg></xml>"
    );
    let answer = channel().acknowledge(&v2, Err(&refused));
    assert!(
        answer
            .body
            .starts_with(b"<xml><return_code><![CDATA[FAIL]]>")
    );
}
