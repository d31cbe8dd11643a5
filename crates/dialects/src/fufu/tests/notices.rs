//! Notifications byte for byte, their repeats, and what counts as heard.

use std::sync::Arc;

use heliu_ports::dialect::{Dialect as _, Notice, PageReference};
use heliu_ports::signature::{Outgoing, SignatureSpec};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::followup::notification::{NoticeKind, Notification, NotificationState};
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{AppId, MerchantId, NotificationNo, OrderNo, PlatformNo};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Funding, Scene, WalletKind};

use crate::tests::shared::app;

use super::super::Fufu;
use super::samples::{KEY, at, attributes, compute, order, ours, paid, text, thai, totals, vector};

fn notification(url: &str, body: Option<&str>) -> Notification {
    Notification {
        notification_no: NotificationNo::from_u64(1),
        subject: Subject::of_merchant(&MerchantId::from("m"), PlatformNo::from_u64(5)),
        about: None,
        kind: NoticeKind::OrderPaid,
        url: url.to_owned(),
        state: NotificationState::Due,
        tries: 0,
        body: body.map(str::to_owned),
        moment: None,
        created_at: at("20260115100046"),
    }
}

fn render(notification: &Notification, order: &Order, now_ms: i64) -> (SignatureSpec, OutRequest) {
    let now = Timestamp::from_ms(now_ms);
    let app = app(&Fufu, "880010000000001", &[]);
    match Fufu.notification(Notice {
        notification,
        app: &app,
        order,
        attempts: &[],
        nonce: &|length| "0".repeat(length),
        refund: None,
        now,
    }) {
        Outgoing::Sign { spec, place } => {
            let sign = compute(&spec, KEY);
            (spec, place(sign))
        }
        Outgoing::Plain(_) => panic!("notifications are signed"),
    }
}

fn qr_paid() -> Order {
    let mut order = order(5, "63c27efb-a133-4da0-91f3-6e7744b66826", "20260115100005");
    (order.scene, order.wallet) = (Scene::Qr, Some(WalletKind::Wechat));
    (order.amount_minor, order.charge_fen) = (1, 1);
    Arc::make_mut(&mut order.details).attributes = attributes(&[
        ("operator_id", "oper01"),
        ("merchant_param", "b3JkZXI9NDI="),
    ]);
    let numbers = [
        "4200002926202601150000000005",
        &ours("20260115100000000005"),
    ];
    paid(order, "20260115100046", numbers, Funding::Balance)
}

fn thai_paid() -> Order {
    let mut order = thai(order(8, "BKK-20260115-0002", "20260115110005"));
    Arc::make_mut(&mut order.details)
        .attributes
        .remove("terminal_id");
    let numbers = [
        "4200002926202601150000000005",
        &ours("20260115100000000005"),
    ];
    paid(order, "20260115110046", numbers, Funding::Balance)
}

#[test]
fn notifications_are_those_of_the_vectors() {
    for (name, order, url, now_ms) in [
        (
            "notify-paid",
            qr_paid(),
            "http://merchant.example.test/fufu/notify#top",
            1_768_442_446_000,
        ),
        (
            "notify-paid-url-with-query-thb",
            thai_paid(),
            "http://merchant.example.test/fufu/notify?shop=12&lang=zh#top",
            1_768_442_447_000,
        ),
    ] {
        let vector = vector(name);
        let stored = text(&vector, "/request/body");
        let (_, fresh) = render(&notification(url, None), &order, now_ms);
        // The vector prints 10:00:05 beside a Thai zone; the order of this test was made an hour
        // later.
        assert_eq!(fresh.body, ours(stored), "{name}");
        let (_, repeated) = render(&notification(url, Some(stored)), &order, now_ms);
        assert_eq!(repeated.body, stored, "{name}");
        let (path, query) = (
            text(&vector, "/request/path"),
            text(&vector, "/request/query"),
        );
        assert_eq!(
            repeated.url,
            format!("http://merchant.example.test{path}?{query}")
        );
        assert_eq!(repeated.method, http::Method::POST);
        let content_type = "application/json;charset=UTF-8".to_owned();
        assert_eq!(repeated.headers, [("Content-Type", content_type)]);
    }
}

#[test]
fn a_repeat_keeps_the_body_and_signs_anew() {
    let mut order = qr_paid();
    let (_, first) = render(&notification("http://a/", None), &order, 1);
    let body = std::str::from_utf8(&first.body).expect("UTF-8").to_owned();
    order.refunded = totals((1, 1));
    let (_, second) = render(&notification("http://a/", Some(&body)), &order, 2);
    assert_eq!(first.body, second.body);
    assert_ne!(first.url, second.url);
    let (_, late) = render(&notification("http://a/", None), &order, 3);
    assert_eq!(
        late.body, first.body,
        "a notification of a payment always says state 1"
    );
    order.state = OrderState::Reversed;
    assert!(
        !render(&notification("http://a/", None), &order, 3)
            .1
            .body
            .is_empty()
    );
}

#[test]
fn white_space_of_the_merchant_is_sent_and_not_signed() {
    let mut order = qr_paid();
    Arc::make_mut(&mut order.details)
        .attributes
        .insert("merchant_param".to_owned(), "a b".to_owned());
    let (spec, sent) = render(&notification("http://a/", None), &order, 1);
    assert!(String::from_utf8_lossy(&sent.body).contains("\"a b\""));
    assert!(spec.masked().contains("\"ab\""));
}

#[test]
fn the_sign_joins_whatever_query_there_is() {
    for (url, expected) in [
        ("http://a", "http://a?sign="),
        ("http://a/?", "http://a/?sign="),
        ("http://a/?b=1&", "http://a/?b=1&sign="),
        ("http://a/?b=1", "http://a/?b=1&sign="),
        ("http://a/#?x", "http://a/?sign="),
    ] {
        let (_, sent) = render(&notification(url, Some("{}")), &qr_paid(), 1);
        assert!(
            sent.url.starts_with(expected) && sent.url.ends_with(":1"),
            "{}",
            sent.url
        );
    }
}

#[test]
fn only_the_word_counts_as_heard() {
    let heard = |status, body: &str| {
        Fufu.acknowledges(&WireResponse::new(status, "text/html", body.to_owned()))
    };
    for body in [
        "SUCCESS",
        "success",
        " SUCCESS\r\n",
        "\"SUCCESS\"",
        "\u{feff}Success",
        " \" success \" ",
    ] {
        assert!(heard(200, body), "{body}");
        assert!(
            !heard(201, body) && !heard(302, body) && !heard(500, body),
            "{body}"
        );
    }
    for body in [
        "",
        "SUCCES",
        "SUCCESS.",
        "\"SUCCESS",
        "\"\"SUCCESS\"\"",
        "{\"a\":\"SUCCESS\"}",
        "\"",
    ] {
        assert!(!heard(200, body), "{body}");
    }
    let bytes = WireResponse::new(200, "text/html", vec![0xff, 0xfe]);
    assert!(!Fufu.acknowledges(&bytes));
}

#[test]
fn the_pages_address_names_one_order() {
    let order_no = OrderNo::from_u64(5);
    let query = "id=880010000000001&tradeNo=0000000000000005&price=0.01";
    let reference = Some(PageReference {
        proof: None,
        app: AppId::from("880010000000001"),
        order_no,
        scene: Scene::Qr,
        charge_fen: Some(1),
    });
    assert_eq!(Fufu.page("/online/pay/", query), reference);
    assert_eq!(Fufu.page("/online/pay", query), reference);
    assert_eq!(Fufu.page("/online/pays/", query), None);
    for query in [
        "",
        "id=1",
        "tradeNo=0000000000000005&price=0.01",
        "id=&tradeNo=0000000000000005&price=0.01",
        "id=1&tradeNo=5&price=0.01",
        "id=1&id=2&tradeNo=0000000000000005&price=0.01",
        "id=1&tradeNo=0000000000000005&tradeNo=0000000000000006&price=0.01",
        "id=1&tradeNo=0000000000000005",
        "id=1&tradeNo=0000000000000005&price=",
        "id=1&tradeNo=0000000000000005&price=0.010",
        "id=1&tradeNo=0000000000000005&price=00.01",
        "id=1&tradeNo=0000000000000005&price=0.01&price=0.01",
        "id=1&tradeNo=0000000000000005&price=-0.01",
    ] {
        assert_eq!(Fufu.page("/online/pay/", query), None, "{query}");
    }
}
