//! Notifications byte for byte, their repeats, and what counts as heard.

use heliu_ports::dialect::{Dialect as _, Notice, PageReference};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::followup::notification::{NoticeKind, Notification, NotificationState};
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{AppId, MerchantId, NotificationNo, OrderNo, PlatformNo};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::promotion::{FundBill, PaymentNotes};
use heliu_trade::wallet::Scene;

use crate::tests::shared::app;

use super::super::Chaoying;
use super::samples::{
    KEY, MERCHANT, PROVIDER_APP, at, attempt, compute, coupon, noted, order_of, ours, owned, paid,
    sign_of, text, vector,
};

const URL: &str = "http://merchant.example.test/cy/notify";

fn notification(body: Option<&str>) -> Notification {
    Notification {
        notification_no: NotificationNo::from_u64(1),
        subject: Subject::of_merchant(&MerchantId::from("m"), PlatformNo::from_u64(5)),
        about: None,
        kind: NoticeKind::OrderPaid,
        url: URL.to_owned(),
        state: NotificationState::Due,
        tries: 0,
        body: body.map(str::to_owned),
        moment: None,
        created_at: at("20260115100046"),
    }
}

fn render(body: Option<&str>, order: &Order, nonce: &str) -> OutRequest {
    let attempts = [attempt(order, PROVIDER_APP)];
    let nonce = |_| nonce.to_owned();
    let notification = notification(body);
    let app = app(&Chaoying, MERCHANT, &[]);
    let notice = Notice {
        notification: &notification,
        app: &app,
        order,
        attempts: &attempts,
        refund: None,
        now: at("20260115100047"),
        nonce: &nonce,
    };
    match Chaoying.notification(notice) {
        Outgoing::Sign { spec, place } => {
            assert!(body.is_none(), "a repeat is frozen");
            let sign = compute(&spec, KEY);
            place(sign)
        }
        Outgoing::Plain(request) => request,
    }
}

fn wechat() -> Order {
    let order = order_of("wechat-preorder-native", 5);
    let order = paid(order, "20260115100046", "4200000334202601150000000005", 2);
    let notes = PaymentNotes {
        bank: owned("CFT"),
        promotions: vec![coupon()],
        ..PaymentNotes::default()
    };
    noted(order, Some("o1"), notes)
}

fn alipay() -> Order {
    let order = order_of("alipay-preorder-native", 6);
    let order = paid(order, "20260115100049", "2026011522001404640200334126", 1);
    let notes = PaymentNotes {
        payer_account: owned("138****0000"),
        invoice_fen: Some(1),
        fund_bills: vec![FundBill {
            source: "ALIPAYACCOUNT".to_owned(),
            amount_fen: 1,
        }],
        ..PaymentNotes::default()
    };
    noted(order, Some("2088822494420001"), notes)
}

#[test]
fn notifications_are_those_of_the_vectors() {
    for (name, order, nonce) in [
        ("notify-wechat", wechat(), "1768442446387"),
        ("notify-alipay", alipay(), "1768442449387"),
    ] {
        let vector = vector(name);
        let printed = text(&vector, "/request/body");
        let number = ours(printed);
        let pairs: Vec<_> = form_urlencoded::parse(number.as_bytes()).collect();
        let pairs = pairs.iter().map(|(name, value)| (&**name, &**value));
        let sign = sign_of(pairs, KEY);
        let expected = number.replace(text(&vector, "/sign"), &sign);
        let sent = render(None, &order, nonce);
        assert_eq!(std::str::from_utf8(&sent.body), Ok(&*expected), "{name}");
        assert_eq!((sent.method, &*sent.url), (http::Method::POST, URL));
        let content_type = text(&vector, "/request/headers/Content-Type").to_owned();
        assert_eq!(sent.headers, [("Content-Type", content_type)]);
    }
}

#[test]
fn a_repeat_sends_the_same_bytes_whatever_became_of_the_order() {
    let mut order = wechat();
    let first = render(None, &order, "n1");
    let body = std::str::from_utf8(&first.body).expect("UTF-8");
    order.state = OrderState::Reversed;
    assert_eq!(render(Some(body), &order, "n2").body, first.body);
    let late = render(None, &order, "n1");
    assert_eq!(late.body, first.body, "a reversed order is still notified");
}

#[test]
fn mandatory_members_of_a_notice_are_there_without_a_value_too() {
    let sent = |order: &Order| {
        let sent = render(None, order, "n");
        std::str::from_utf8(&sent.body).expect("UTF-8").to_owned()
    };
    let unknown = noted(alipay(), None, PaymentNotes::default());
    let text = sent(&unknown);
    assert!(text.contains("&buyer_user_id=&"), "{text}");
    assert!(text.contains("bank_type=ALIPAYACCOUNT&"), "{text}");
    let text = sent(&noted(wechat(), None, PaymentNotes::default()));
    assert!(text.starts_with("bank_type=&"), "{text}");
    let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
    let pairs = pairs.iter().map(|(name, value)| (&**name, &**value));
    let sign = sign_of(pairs.filter(|(_, value)| !value.is_empty()), KEY);
    assert!(text.contains(&format!("&sign={sign}&")), "{text}");
}

#[test]
fn a_payer_of_the_merchants_own_app_is_named() {
    let notes = PaymentNotes {
        sub_app_id: owned("wx1"),
        sub_payer_id: owned("o 1~'"),
        ..PaymentNotes::default()
    };
    let mut order = noted(wechat(), None, notes);
    let attributes = &mut std::sync::Arc::make_mut(&mut order.details).attributes;
    attributes.insert("trade_type".to_owned(), "JSPAY".to_owned());
    attributes.insert("attach".to_owned(), "never".to_owned());
    let sent = render(None, &order, "n");
    let body = std::str::from_utf8(&sent.body).expect("UTF-8");
    assert!(
        body.contains("&sub_appid=wx1&sub_openid=o+1%7e%27&time_end="),
        "{body}"
    );
    assert!(body.contains("&trade_type=pay.weixin.jspay&"), "{body}");
    assert!(
        !body.contains("attach") && !body.contains("promotion"),
        "{body}"
    );
}

#[test]
fn only_the_word_counts_as_heard() {
    let heard = |status, body: &str| {
        Chaoying.acknowledges(&WireResponse::new(status, "text/html", body.to_owned()))
    };
    for body in ["success", " success\r\n", "\u{feff}success"] {
        assert!(heard(200, body), "{body}");
        assert!(
            !heard(201, body) && !heard(302, body) && !heard(500, body),
            "{body}"
        );
    }
    for body in [
        "",
        "SUCCESS",
        "\"success\"",
        "success.",
        "{\"a\":\"success\"}",
    ] {
        assert!(!heard(200, body), "{body}");
    }
    let bytes = WireResponse::new(200, "text/html", vec![0xff, 0xfe]);
    assert!(!Chaoying.acknowledges(&bytes));
}

#[test]
fn the_pages_address_names_one_order() {
    let reference = |app: &str| {
        Some(PageReference {
            proof: Some("a1b2".to_owned()),
            app: AppId::from(app),
            order_no: OrderNo::from_u64(7),
            scene: Scene::Jsapi,
            charge_fen: None,
        })
    };
    for path in ["/pay/alipay/jspay", "/Pay/Alipay/JSPay/"] {
        let query = format!("token={MERCHANT}.0000000000000007.a1b2");
        assert_eq!(Chaoying.page(path, &query), reference(MERCHANT));
    }
    let query = "token=a.%26b.0000000000000007.a1b2";
    assert_eq!(Chaoying.page("/pay/alipay/jspay", query), reference("a.&b"));
    for query in [
        "",
        "token=",
        "token=a",
        "token=.0000000000000007.a1b2",
        "token=a.7.a1b2",
        "token=a.0000000000000007",
        "token=a.0000000000000007.a1b2&token=a.0000000000000007.a1b2",
    ] {
        assert_eq!(Chaoying.page("/pay/alipay/jspay", query), None, "{query}");
    }
    assert_eq!(
        Chaoying.page("/pay/alipay", "token=a.0000000000000007.a1b2"),
        None
    );
}

#[test]
fn a_codes_picture_shows_the_code() {
    let query = "uuid=weixin%3A%2F%2Fwxpay%2Fbizpayurl%3Fpr%3DDEMO0005";
    let code = owned("weixin://wxpay/bizpayurl?pr=DEMO0005");
    assert_eq!(Chaoying.code_image("/pay/qrcode", query), code);
    assert_eq!(Chaoying.code_image("/pay/QRcode/", query), code);
    for (path, query) in [
        ("/pay/qrcodes", query),
        ("/pay/qrcode", ""),
        ("/pay/qrcode", "uuid="),
        ("/pay/qrcode", "uuid=a&uuid=b"),
    ] {
        assert_eq!(Chaoying.code_image(path, query), None, "{path}?{query}");
    }
    let long = format!("uuid={}", "a".repeat(600));
    assert_eq!(Chaoying.code_image("/pay/qrcode", &long), None);
}
