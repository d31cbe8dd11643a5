//! Story: a payer's page in a real browser tells the truth. It says what the books say, whatever a
//! wallet's script says; it follows the order until its end; where no wallet can open it offers
//! what works.

use crate::harness::{
    Browser, DESKTOP_AGENT, Demo, PayWay, Receiver, SIX_ZEROS, Screen, Setup, WECHAT_AGENT,
    XmlTill, xml_number,
};

/// The page measures its pauses by the wall's clock.
const FACTOR: u64 = 1;

/// A bridge as WeChat's browser has it; `RESULT` is what it says of every payment.
fn bridge(result: &str) -> String {
    format!(
        "window.invoked = [];
         window.WeixinJSBridge = {{ invoke: function (name, order, done) {{
             window.invoked.push(order);
             window.setTimeout(function () {{ done({{ err_msg: 'get_brand_wcpay_request:{result}' }}); }}, 50);
         }} }};"
    )
}

/// An order that any wallet may pay on the page at the address given.
async fn page_for_any(till: &XmlTill, amount_fen: i64, more: &[(&str, &str)]) -> String {
    let (number, amount) = (xml_number("page"), amount_fen.to_string());
    let mut members = vec![
        ("third_order_id", &*number),
        ("amount", &*amount),
        ("jspay_flag", "2"),
    ];
    members.extend_from_slice(more);
    let created = till.call("get_tdcode", &members).await;
    created.str("jspay_url").to_owned()
}

async fn start(story: &str) -> (Setup, Demo, XmlTill) {
    let setup = Setup::new(story, FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    (setup, demo, till)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_browser_shows_the_code_and_changes_when_the_order_is_paid_elsewhere() {
    let (setup, demo, till) = start("page-plain").await;
    let page = page_for_any(&till, 12_345, &[]).await;
    let browser = Browser::start(DESKTOP_AGENT, Screen::DESKTOP, None).await;
    browser.open(&page).await;
    assert_eq!(browser.text(".amount").await, "¥123.45");
    assert_eq!(browser.text("#state").await, "等待付款");
    let caption = browser.text("figcaption").await;
    assert!(caption.contains("微信、支付宝或云闪付"), "{caption}");
    assert_eq!(browser.code("#code svg").await, page);
    demo.sandbox.scan(&page, PayWay::Alipay.name()).await;
    browser.wait_for_text("#state", "已支付").await;
    assert!(
        !browser.shows("#code").await,
        "there is nothing left to pay"
    );
    assert_eq!(
        browser
            .value("window.performance.getEntriesByType('navigation').length")
            .await,
        1
    );
    browser.stop().await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_names_only_the_wallets_that_can_pay_its_order() {
    let (setup, _demo, till) = start("page-wallets").await;
    let browser = Browser::start(DESKTOP_AGENT, Screen::DESKTOP, None).await;
    for (way, name, others) in [
        (PayWay::Wechat, "微信", ["支付宝", "云闪付"]),
        (PayWay::Alipay, "支付宝", ["微信", "云闪付"]),
    ] {
        let created = till.unified(way, "2", &xml_number("only"), 100, &[]).await;
        browser.open(created.str("jspay_url")).await;
        let text = browser.text("main").await;
        assert!(text.contains(name), "{text}");
        assert!(others.iter().all(|other| !text.contains(other)), "{text}");
    }
    browser.stop().await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wallets_script_that_lies_is_not_believed() {
    let (setup, demo, till) = start("page-liar").await;
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let shop = receiver.url("/shop");
    let browser = Browser::start(WECHAT_AGENT, Screen::PHONE, Some(&bridge("ok"))).await;
    browser.open(&page_for_any(&till, 500, &[]).await).await;
    browser.wait_for_text("#state", "正在确认付款").await;
    assert!(!browser.shows("#pay").await, "it may be paid");
    let invoked = browser.value("window.invoked[0].package").await;
    let prepay_id = invoked
        .as_str()
        .unwrap()
        .strip_prefix("prepay_id=")
        .unwrap();
    browser.wait_for_text("#state", "尚未收到付款结果").await;
    assert!(browser.shows("#pay").await, "it may be tried again");
    demo.sandbox.pay(prepay_id).await;
    browser.wait_for_text("#state", "已支付").await;
    assert!(!browser.shows("#pay").await);
    // An order with a way back leads there once it is paid, and not before.
    let page = page_for_any(&till, 500, &[("jump_url", &shop)]).await;
    browser.open(&page).await;
    browser.wait_for_text("#state", "正在确认付款").await;
    let invoked = browser.value("window.invoked[0].package").await;
    let prepay_id = invoked
        .as_str()
        .unwrap()
        .strip_prefix("prepay_id=")
        .unwrap();
    demo.sandbox.pay(prepay_id).await;
    browser.wait_for_address(&shop).await;
    browser.stop().await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payer_who_turned_away_may_try_again() {
    let (setup, _demo, till) = start("page-cancel").await;
    let browser = Browser::start(WECHAT_AGENT, Screen::PHONE, Some(&bridge("cancel"))).await;
    browser.open(&page_for_any(&till, 500, &[]).await).await;
    browser.wait_for_text("#state", "未完成付款").await;
    browser.press("#pay").await;
    browser.wait_for_text("#state", "未完成付款").await;
    assert_eq!(browser.value("window.invoked.length").await, 2);
    browser.stop().await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_wallets_bridge_the_page_says_so_and_offers_its_code() {
    let (setup, demo, till) = start("page-no-bridge").await;
    let page = page_for_any(&till, 500, &[]).await;
    let browser = Browser::start(WECHAT_AGENT, Screen::PHONE, None).await;
    browser.open(&page).await;
    browser.wait_for_text("#state", "这里打不开微信").await;
    assert!(!browser.shows("#pay").await);
    assert_eq!(browser.code("#code svg").await, page);
    demo.sandbox.scan(&page, PayWay::Unionpay.name()).await;
    browser.wait_for_text("#state", "已支付").await;
    browser.stop().await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_amount_fits_on_the_narrowest_phone_and_changes_are_read_out() {
    let (setup, _demo, till) = start("page-narrow").await;
    let page = page_for_any(&till, 9_999_999_999, &[]).await;
    let browser = Browser::start(DESKTOP_AGENT, Screen::NARROW, None).await;
    browser.open(&page).await;
    assert_eq!(browser.text(".amount").await, "¥99,999,999.99");
    browser.assert_fits().await;
    let lines = browser
        .value("document.querySelector('.amount').getClientRects().length")
        .await;
    assert_eq!(lines, 1);
    let wide = browser
        .value("document.querySelector('.amount').scrollWidth <= document.querySelector('.amount').clientWidth")
        .await;
    assert_eq!(wide, true);
    assert_eq!(
        browser
            .value("document.getElementById('state').getAttribute('aria-live')")
            .await,
        "polite"
    );
    browser.stop().await;
    setup.assert_books_balance();
}
