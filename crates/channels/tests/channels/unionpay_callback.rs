//! UnionPay's notifications, checked like a stranger's.

use heliu_ports::channel::{CallbackNews, CallbackRefused};
use heliu_trade::verdict::Verdict;
use heliu_trade::wallet::Scene;
use serde_json::{Value, json};

use crate::support::alipay::over;
use crate::support::unionpay::{MER_ID, case, channel, paid, sign};
use crate::support::{Fake, run, wechat};

fn read(message: &Value) -> Result<CallbackNews, CallbackRefused> {
    let request = wechat::request(&[], &message.to_string());
    channel().callback(&Fake::new([]), &case(Scene::Native).order(), &request)
}

fn notified(own: &Value) -> Result<CallbackNews, CallbackRefused> {
    let base = over(
        paid(&json!({})),
        &json!({"serProvId": "S2026010100001", "merId": MER_ID, "respCode": "00"}),
    );
    read(&sign(over(base, own), true))
}

#[test]
fn a_notification_says_paid() {
    let query = crate::support::unionpay::found("00", &json!({}));
    let asked = run(channel().query(&Fake::new([query]), &case(Scene::Native).order()));
    assert!(matches!(asked, Verdict::Paid(_)), "{asked:?}");
    for own in [
        json!({}),
        json!({"respCode": null}),
        json!({"respCode": "A6"}),
        json!({"currencyCode": null}),
    ] {
        let news = notified(&own).expect("believed");
        assert_eq!(news, CallbackNews::Payment(asked.clone()), "{own}");
    }
}

#[test]
fn whoever_did_not_sign_is_a_stranger() {
    let good = sign(paid(&json!({})), true);
    for message in [
        paid(&json!({})),
        over(good.clone(), &json!({"txnAmt": "1"})),
        over(good.clone(), &json!({"signature": "AAAA"})),
        over(good, &json!({"signature": null})),
    ] {
        let refused = read(&message).expect_err("not signed");
        assert!(
            matches!(refused, CallbackRefused::Signature(_)),
            "{refused}"
        );
    }
}

#[test]
fn news_about_others_is_refused() {
    for own in [
        json!({"orderNo": "0001234567890124"}),
        json!({"txnAmt": "8889"}),
        json!({"currencyCode": "840"}),
        json!({"merId": "777290058110098"}),
        json!({"serProvId": "S2026010100002"}),
        json!({"origOrderNo": "0001234567890124"}),
    ] {
        let refused = notified(&own).expect_err("not ours");
        assert!(matches!(refused, CallbackRefused::Mismatch(_)), "{own}");
    }
    for own in [json!({"orderNo": null}), json!({"txnAmt": null})] {
        let refused = notified(&own).expect_err("nothing said");
        assert!(matches!(refused, CallbackRefused::Malformed(_)), "{own}");
    }
}

#[test]
fn news_that_names_no_party_is_refused() {
    for own in [
        json!({"serProvId": null}),
        json!({"merId": null}),
        json!({"serProvId": null, "merId": null}),
        json!({"serProvId": ""}),
        json!({"merId": ""}),
        json!({"merId": 777_290_058_110_097_i64}),
        // No payment, and nobody's.
        json!({"merId": null, "respCode": "01"}),
        json!({"merId": null, "origOrderNo": "0001234567890123"}),
    ] {
        let refused = notified(&own).expect_err("whose is it?");
        assert!(matches!(refused, CallbackRefused::Mismatch(_)), "{own}");
    }
    // What we asked for ourselves may leave them out.
    let own = json!({"serProvId": null, "merId": null, "currencyCode": null});
    let reply = crate::support::unionpay::found("00", &own);
    let asked = run(channel().query(&Fake::new([reply]), &case(Scene::Native).order()));
    assert!(matches!(asked, Verdict::Paid(_)), "{asked:?}");
}

#[test]
fn what_is_no_payment_is_left_to_the_next_question() {
    for own in [
        json!({"respCode": "01"}),
        json!({"origRespCode": "06"}),
        json!({"orderNo": "0001234567899999", "origOrderNo": "0001234567890123"}),
    ] {
        assert_eq!(notified(&own), Ok(CallbackNews::Nothing), "{own}");
    }
}

#[test]
fn the_answer_is_success_or_comes_again() {
    let request = wechat::request(&[], "{}");
    let accepted = channel().acknowledge(&request, Ok(()));
    assert_eq!(
        (accepted.status, &accepted.body[..]),
        (200, &b"success"[..])
    );
    let cause = CallbackRefused::Signature(String::new());
    let refused = channel().acknowledge(&request, Err(&cause));
    assert_eq!((refused.status, &refused.body[..]), (400, &b"failure"[..]));
}
