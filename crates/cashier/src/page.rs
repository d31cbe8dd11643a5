//! The page itself.

use heliu_engine::PageView;
use heliu_trade::attempt::Handoff;
use heliu_trade::money::yuan_text;
use heliu_trade::order::OrderState;
use heliu_trade::wallet::WalletKind;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Map, Value};

/// The element that carries what the wallet takes, for the script and for machines.
const INVOCATION_ID: &str = "heliu-invocation";

fn frame(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href="/cashier/page.css";
            }
            body { main { (content) } }
        }
    }
}

fn amount(view: &PageView) -> Markup {
    html! {
        p.merchant { "付款给 " (view.merchant_name) }
        p.amount { "¥ " (yuan_text(view.charge_fen)) }
        @if !view.subject.is_empty() { p.subject { (view.subject) } }
    }
}

/// Only shows: the end of the order, or which wallet to open.
pub(crate) fn show(view: &PageView) -> String {
    let message = match view.state {
        OrderState::Paid => "已支付，谢谢！",
        OrderState::Open | OrderState::Paying if view.is_payable => {
            "请用微信或支付宝扫描二维码打开本页付款。"
        }
        OrderState::Open | OrderState::Paying | OrderState::Expired => {
            "订单已过期，请让商家重新下单。"
        }
        OrderState::Failed | OrderState::Closed => "订单已关闭，未扣款。",
        OrderState::Reversing | OrderState::Reversed => "订单已撤销，未扣款。",
    };
    let content = html! {
        (amount(view))
        p.message data-state=(view.state.as_str()) { (message) }
    };
    frame("付款", &content).into_string()
}

/// Invokes the wallet.
pub(crate) fn invoke(view: &PageView, wallet: WalletKind, handoff: &Handoff) -> String {
    let invocation = invocation(wallet, handoff, view.return_url.as_deref());
    let content = html! {
        (amount(view))
        p.message id="message" { "正在打开钱包…" }
        button id="pay" type="button" { "立即付款" }
        script type="application/json" id=(INVOCATION_ID) { (PreEscaped(invocation)) }
        script src="/cashier/pay.js" {}
    };
    frame("付款", &content).into_string()
}

/// A page that says what went wrong and what to do.
pub(crate) fn problem(message: &str) -> String {
    frame("付款", &html! { p.message { "无法付款：" (message) } }).into_string()
}

/// As JSON that is safe inside a page: `<` cannot end the element.
fn invocation(wallet: WalletKind, handoff: &Handoff, return_url: Option<&str>) -> String {
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
    if let Some(url) = return_url {
        members.insert("returnUrl".to_owned(), Value::from(url));
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
            return_url: None,
        }
    }

    #[test]
    fn what_merchants_write_is_escaped() {
        let page = show(&view());
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{page}"
        );
        assert!(page.contains("¥ 0.01"));
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
}
