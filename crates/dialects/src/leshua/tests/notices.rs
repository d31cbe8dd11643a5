//! Notifications byte for byte, their repeats, what counts as heard, and the payer's page.

use heliu_ports::dialect::{Dialect as _, Notice, PageReference};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::followup::notification::{NoticeKind, Notification, NotificationState};
use heliu_trade::id::{AppId, NotificationNo, OrderNo};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::verdict::{Decline, DeclineKind};
use heliu_trade::wallet::Scene;

use crate::tests::shared::app;

use super::super::Leshua;
use super::samples::{
    CHANNEL_NO, MERCHANT, NONCE, NOTIFY_KEY, at, attempt, compute, elements, fourth_paid, md5,
    refund, sign_input, text, totals, vector,
};

const URL: &str = "https://merchant.example/notify";

fn render(body: Option<&str>, order: &Order, refund: Option<&Refund>) -> OutRequest {
    render_for(&[], body, order, refund)
}

fn render_for(
    settings: &[(&str, &str)],
    body: Option<&str>,
    order: &Order,
    refund: Option<&Refund>,
) -> OutRequest {
    let app = app(&Leshua, MERCHANT, settings);
    let kind = match refund {
        Some(_) => NoticeKind::RefundEnded,
        None => NoticeKind::OrderPaid,
    };
    let notification = Notification {
        notification_no: NotificationNo::from_u64(1),
        subject: order.subject(),
        about: refund.map(|refund| refund.refund_no.0),
        kind,
        url: URL.to_owned(),
        state: NotificationState::Due,
        tries: 0,
        body: body.map(str::to_owned),
        moment: None,
        created_at: at("20260101120102"),
    };
    let attempts = [attempt(order)];
    let nonce = |_| NONCE.to_owned();
    let notice = Notice {
        notification: &notification,
        app: &app,
        order,
        attempts: &attempts,
        refund,
        now: at("20260101120103"),
        nonce: &nonce,
    };
    match Leshua.notification(notice) {
        Outgoing::Sign { spec, place } => {
            assert!(body.is_none(), "a repeat is frozen");
            let sign = compute(&spec, "the trade key signs no notification");
            place(sign)
        }
        Outgoing::Plain(request) => request,
    }
}

/// As the vector has it, with our numbers for its, and the signature that belongs to them.
fn expected(name: &str, ours: &[(&str, &str)]) -> String {
    let vector = vector(name);
    let printed = text(&vector, "/request/body");
    let mut body = printed.to_owned();
    for (theirs, ours) in ours {
        assert!(body.contains(theirs), "{theirs}");
        body = body.replace(theirs, ours);
    }
    let elements = elements(body.as_bytes());
    let pairs = elements.iter().map(|(name, value)| (&**name, &**value));
    let sign = md5(sign_input(pairs, NOTIFY_KEY).as_bytes());
    body.replace(text(&vector, "/sign"), &sign)
}

#[test]
fn notifications_are_those_of_the_vectors() {
    let mut order = fourth_paid();
    let sent = render(None, &order, None);
    let number = ("7551000001202601010000000001", CHANNEL_NO);
    let printed = expected("notify-paid", &[number]);
    assert_eq!(std::str::from_utf8(&sent.body), Ok(&*printed));
    assert_eq!((sent.method, &*sent.url), (http::Method::POST, URL));
    let content_type = "application/x-www-form-urlencoded".to_owned();
    assert_eq!(sent.headers, [("Content-Type", content_type)]);
    order.refunded = totals(200);
    let number = ("260101120200000005", "2601011202000005");
    let sent = render(None, &order, Some(&refund(RefundState::Succeeded)));
    let printed = expected("notify-refunded", &[number]);
    assert_eq!(std::str::from_utf8(&sent.body), Ok(&*printed));
}

#[test]
fn a_failed_refund_is_told_with_its_reason() {
    let mut failed = refund(RefundState::Failed);
    failed.details.decline = Some(Decline {
        reason: "余额不足]]>".to_owned(),
        kind: DeclineKind::Refused,
    });
    let sent = render(None, &fourth_paid(), Some(&failed));
    let found = elements(&sent.body);
    let names: Vec<&str> = found.iter().map(|(name, _)| &**name).collect();
    assert!(names.is_sorted(), "{names:?}");
    let has = |name: &str, value: &str| found.contains(&(name.to_owned(), value.to_owned()));
    assert!(has("status", "12") && has("failure_reason", "余额不足]]>"));
    assert!(!names.contains(&"refund_time") && !names.contains(&"error_code"));
}

#[test]
fn an_app_can_have_the_code_of_no_error_on_successes() {
    let code = |word: &str, refund: Option<&Refund>| {
        let settings = [("notice_error_code", word)];
        let sent = render_for(&settings, None, &fourth_paid(), refund);
        let found = elements(&sent.body);
        let names: Vec<&str> = found.iter().map(|(name, _)| &**name).collect();
        assert!(names.is_sorted(), "{names:?}");
        // It is not part of what is signed.
        let pairs = found.iter().map(|(name, value)| (&**name, &**value));
        let pairs = pairs.filter(|(name, _)| *name != "error_code");
        let sign = md5(sign_input(pairs, NOTIFY_KEY).as_bytes());
        assert!(found.contains(&("sign".to_owned(), sign)), "{found:?}");
        let code = found.into_iter().find(|(name, _)| name == "error_code");
        code.map(|(_, value)| value)
    };
    let zero = Some("0".to_owned());
    assert_eq!(code("0", None), zero);
    assert_eq!(code("0", Some(&refund(RefundState::Succeeded))), zero);
    assert_eq!(code("0", Some(&refund(RefundState::Failed))), None);
    assert_eq!(code("none", None), None);
}

#[test]
fn a_repeat_sends_the_same_bytes_whatever_became_of_the_order() {
    let mut order = fourth_paid();
    let first = render(None, &order, None);
    let body = std::str::from_utf8(&first.body).expect("UTF-8");
    order.state = OrderState::Reversed;
    assert_eq!(render(Some(body), &order, None).body, first.body);
    let late = render(None, &order, None);
    assert_eq!(late.body, first.body, "a reversed order is still notified");
}

#[test]
fn only_the_word_counts_as_heard() {
    let heard = |status, body: &str| {
        Leshua.acknowledges(&WireResponse::new(status, "text/html", body.to_owned()))
    };
    for body in ["000000", " 000000\r\n", "\u{feff}000000"] {
        assert!(heard(200, body), "{body}");
        assert!(!heard(201, body) && !heard(302, body) && !heard(500, body));
    }
    for body in [
        "",
        "0",
        "0000000",
        "\"000000\"",
        "success",
        "<leshua>000000</leshua>",
    ] {
        assert!(!heard(200, body), "{body}");
    }
    let bytes = WireResponse::new(200, "text/html", vec![0xff, 0xfe]);
    assert!(!Leshua.acknowledges(&bytes));
}

#[test]
fn the_pages_address_names_one_order() {
    let page = "/cgi-bin/lepos_pay_cashier.cgi";
    let reference = |app: &str| {
        Some(PageReference {
            proof: Some("a1b2".to_owned()),
            app: AppId::from(app),
            order_no: OrderNo::from_u64(7),
            scene: Scene::Qr,
            charge_fen: None,
        })
    };
    let query = format!("order={MERCHANT}.0000000000000007.a1b2");
    assert_eq!(Leshua.page(page, &query), reference(MERCHANT));
    for same in [
        "/cgi-bin/lepos_pay_cashier.cgi/",
        "//cgi-bin//lepos_pay_cashier.cgi",
        "/cgi-bin/qr/simple_pay.cgi",
        "/cgi-bin/qr/simple_pay.cgi/",
    ] {
        assert_eq!(Leshua.page(same, &query), reference(MERCHANT), "{same}");
    }
    let odd = "order=a.%26b.0000000000000007.a1b2";
    assert_eq!(Leshua.page(page, odd), reference("a.&b"));
    for query in [
        "",
        "order=",
        "order=a",
        "order=.0000000000000007.a1b2",
        "order=a.7.a1b2",
        "order=a.0000000000000007",
        "order=a.0000000000000007.a1b2&order=a.0000000000000007.a1b2",
    ] {
        assert_eq!(Leshua.page(page, query), None, "{query}");
    }
    assert_eq!(Leshua.page("/cgi-bin", &query), None);
}
