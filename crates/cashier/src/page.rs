//! The page itself.
//!
//! Every page of an order that has not ended follows it: the script asks `/cashier/state` and shows
//! what the books say. What a wallet's script says is never shown as the order's state.

use heliu_engine::{PageState, PageView};
use heliu_trade::attempt::Handoff;
use heliu_trade::money::yuan_text;
use heliu_trade::order::OrderState;
use heliu_trade::wallet::WalletKind;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Map, Value, json};

use crate::{code_image, words};

/// The element that carries what the wallet takes, for the script and for machines.
const INVOCATION_ID: &str = "heliu-invocation";
/// Digits between two thousands separators.
const GROUP_DIGITS: usize = 3;

fn frame(content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "付款" }
                link rel="stylesheet" href="/cashier/page.css";
            }
            body { main { (content) } }
        }
    }
}

/// What every page of an order shows: whom, how much, for what, and where it stands.
fn order(view: &PageView, message: &str, rest: &Markup) -> String {
    let is_followed = !words::is_end(view.state);
    let content = html! {
        p.merchant { "付款给 " (view.merchant_name) }
        p.amount { "¥" (grouped(&yuan_text(view.charge_fen))) }
        @if !view.subject.is_empty() { p.subject { (view.subject) } }
        p.message id="state" role="status" aria-live="polite" data-state=(view.state.as_str()) {
            (message)
        }
        (rest)
        @if is_followed {
            script src="/cashier/follow.js" data-url={ "/cashier/state/" (view.state_token) } {}
        }
    };
    frame(&content).into_string()
}

/// Only shows: the end of the order, or the code to scan with a wallet.
pub(crate) fn show(view: &PageView) -> String {
    let message = if view.wallets.is_empty() && view.is_payable {
        "商家暂时不能收款，请联系商家。".to_owned()
    } else {
        words::state(view.state, view.is_payable).to_owned()
    };
    order(view, &message, &html! { (code(view, false)) })
}

/// In the browser of a wallet that cannot pay this order.
pub(crate) fn other_wallet(view: &PageView) -> String {
    let message = if view.wallets.is_empty() {
        "商家暂时不能收款，请联系商家。".to_owned()
    } else {
        format!(
            "商家不支持这个钱包，请换一个：用{}付款。",
            words::wallets(&view.wallets)
        )
    };
    order(view, &message, &html! { (code(view, false)) })
}

/// Invokes the wallet.
pub(crate) fn invoke(view: &PageView, wallet: WalletKind, handoff: &Handoff) -> String {
    let invocation = invocation(wallet, handoff);
    let name = words::wallet(wallet);
    let rest = html! {
        button id="pay" type="button" data-while-payable { "立即付款" }
        (code(view, true))
        noscript { "请打开脚本，或换" (words::wallets(&view.wallets)) "扫描本单的二维码。" }
        script type="application/json" id=(INVOCATION_ID) { (PreEscaped(invocation)) }
        script src="/cashier/pay.js"
            data-opening={ "正在打开" (name) "…" }
            data-checking="正在确认付款…"
            data-unfinished="未完成付款，可重试。"
            data-unheard="尚未收到付款结果。钱包没有扣款时可重试。"
            data-no-bridge={ "这里打不开" (name) "，请扫描二维码付款。" } {}
    };
    order(view, "等待付款", &rest)
}

/// The code of the page, for wallets on another phone. Hidden where the wallet is expected to open
/// by itself.
fn code(view: &PageView, is_hidden: bool) -> Markup {
    let image = match code_image::svg(&view.page_url) {
        Ok(image) if view.is_payable && !view.wallets.is_empty() => image,
        _ => return html! {},
    };
    html! {
        figure id="code" data-while-payable hidden[is_hidden] {
            (PreEscaped(image))
            figcaption { "请用" (words::wallets(&view.wallets)) "扫描二维码付款" }
        }
    }
}

/// A page that says what went wrong and what to do.
pub(crate) fn problem(message: &str) -> String {
    let content = html! { p.message role="status" { "无法付款：" (message) } };
    frame(&content).into_string()
}

/// What the script that follows an order is told. `message` is shown as it is; nothing follows an
/// end.
pub(crate) fn state(state: &PageState) -> String {
    let is_paid = state.state == OrderState::Paid;
    json!({
        "state": state.state.as_str(),
        "is_payable": state.is_payable,
        "is_end": words::is_end(state.state),
        "message": words::state(state.state, state.is_payable),
        "return_url": state.return_url.as_deref().filter(|_| is_paid),
    })
    .to_string()
}

/// With thousands separators: `99,999,999.99`.
fn grouped(yuan: &str) -> String {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, "00"));
    let mut text = String::with_capacity(yuan.len() * 2);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(GROUP_DIGITS) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}.{part}")
}

/// As JSON that is safe inside a page: `<` cannot end the element.
fn invocation(wallet: WalletKind, handoff: &Handoff) -> String {
    let mut members = Map::new();
    members.insert("wallet".to_owned(), Value::from(wallet.as_str()));
    match handoff {
        Handoff::TradeNo(number) => {
            members.insert("tradeNO".to_owned(), Value::from(number.as_str()));
        }
        Handoff::CodeUrl(url) => {
            members.insert("codeUrl".to_owned(), Value::from(url.as_str()));
        }
        // The browser is sent there, and no page is made of it.
        Handoff::Redirect(_) => {}
        Handoff::Invocation(pairs) => {
            for (name, value) in pairs {
                members.insert(name.clone(), Value::from(value.as_str()));
            }
        }
    }
    Value::Object(members)
        .to_string()
        .replace('<', "\\u003c")
        .replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> PageView {
        PageView {
            order_no: heliu_trade::id::OrderNo::from_u64(1),
            merchant_name: "<script>alert(1)</script>".to_owned(),
            subject: "咖啡 & 茶".to_owned(),
            charge_fen: 1,
            state: OrderState::Open,
            is_payable: true,
            return_url: Some("https://shop.example/done".to_owned()),
            wallets: vec![WalletKind::Alipay],
            page_url: "http://127.0.0.1/page?order=1".to_owned(),
            state_token: "token".to_owned(),
        }
    }

    #[test]
    fn what_merchants_write_is_escaped() {
        let page = show(&view());
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{page}"
        );
        assert!(page.contains("¥0.01"));
    }

    #[test]
    fn amounts_have_thousands_separators() {
        for (yuan, shown) in [
            ("0.01", "0.01"),
            ("999.99", "999.99"),
            ("1000.00", "1,000.00"),
            ("123456.78", "123,456.78"),
            ("99999999.99", "99,999,999.99"),
        ] {
            assert_eq!(grouped(yuan), shown);
        }
    }

    #[test]
    fn the_invocation_cannot_leave_its_element() {
        let handoff = Handoff::Invocation(vec![("a".to_owned(), "</script><b>".to_owned())]);
        let page = invoke(&view(), WalletKind::Wechat, &handoff);
        assert!(!page.contains("</script><b>"), "{page}");
        assert!(
            page.contains(r#"{"a":"\u003c/script>\u003cb>","wallet":"wechat"}"#),
            "{page}"
        );
    }

    #[test]
    fn only_an_order_that_can_be_paid_shows_its_code_and_names_wallets() {
        let open = show(&view());
        assert!(
            open.contains("<svg") && open.contains("请用支付宝扫描"),
            "{open}"
        );
        assert!(!open.contains("微信"), "{open}");
        let expired = PageView {
            is_payable: false,
            wallets: Vec::new(),
            ..view()
        };
        let expired = show(&expired);
        assert!(
            !expired.contains("<svg") && expired.contains("已过期"),
            "{expired}"
        );
        assert!(
            expired.contains("follow.js"),
            "it may be found paid: {expired}"
        );
    }

    #[test]
    fn an_order_that_has_ended_is_not_followed() {
        for state in OrderState::ALL {
            let view = PageView {
                state,
                is_payable: !words::is_end(state),
                ..view()
            };
            let page = show(&view);
            assert_eq!(page.contains("follow.js"), !words::is_end(state), "{page}");
        }
    }

    #[test]
    fn the_way_back_is_told_once_the_order_is_paid() {
        for state in OrderState::ALL {
            let told = super::state(&PageState {
                state,
                is_payable: false,
                return_url: view().return_url,
            });
            let told: Value = serde_json::from_str(&told).expect("JSON");
            let is_paid = state == OrderState::Paid;
            assert_eq!(told["return_url"].is_string(), is_paid, "{told}");
            assert_eq!(told["is_end"], words::is_end(state), "{told}");
        }
    }
}
