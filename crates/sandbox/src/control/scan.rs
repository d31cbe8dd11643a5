//! `POST /control/scan`: a phone opens a cashier page, is recognised, and pays what the page
//! invokes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::browser::{self, Page};
use super::pay::{Outcome, decide};
use super::{Refusal, answer, read, refuse};
use crate::accounts::SP_APPID;
use crate::book::{Book, Channel, Order};
use crate::notify;
use crate::state::Inner;
use crate::unionpay::WALLET_PAGES;
use crate::wallet::{self, DEFAULT_PAYER};
use crate::wechat::{Invocation, verify_pay_sign};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    url: String,
    /// Whose phone it is.
    wallet: Channel,
    #[serde(default)]
    outcome: Outcome,
    payer: Option<String>,
}

/// Handles the call.
pub(super) async fn handle(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    answer(run(&inner, &body).await)
}

async fn run(inner: &Arc<Inner>, body: &[u8]) -> Result<Value, Refusal> {
    let body: Body = read(body)?;
    let payer = body.payer.as_deref().unwrap_or(DEFAULT_PAYER);
    let page = browser::open(inner, &body.url, body.wallet, payer).await?;
    let invocation = if page.url.starts_with(WALLET_PAGES) {
        // A page may as well send UnionPay's browser on to `payData` itself.
        json!({"wallet": "unionpay", "payData": page.url})
    } else {
        let Some(invocation) = find_invocation(&page.text) else {
            return without_invocation(&page, "the page carries no invocation");
        };
        let Ok(invocation) = serde_json::from_str::<Value>(invocation) else {
            return without_invocation(&page, "the page's invocation is not JSON");
        };
        invocation
    };
    let (outcome, early) = inner.with_book("pay", |book| {
        let judged = match body.wallet {
            Channel::Wechat => wechat(book, &invocation, payer),
            Channel::Alipay => alipay(book, &invocation, payer),
            Channel::Unionpay => unionpay(book, &invocation, payer),
        };
        Ok(judged.and_then(|mut order| decide(book, &mut order, body.outcome)))
    })?;
    notify::deliver_early(inner, early).await;
    outcome.map(|mut told| {
        told["page"] = page.url.into();
        told
    })
}

fn without_invocation(page: &Page, sentence: &str) -> Result<Value, Refusal> {
    let text: String = page.text.chars().take(4000).collect();
    Err(Refusal::Told(
        422,
        json!({"error": sentence, "url": page.url, "status": page.status, "text": text}),
    ))
}

/// The text of the data element `heliu-invocation` (ruling 44).
fn find_invocation(html: &str) -> Option<&str> {
    html.split("<script").skip(1).find_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let is_it = [
            "id=\"heliu-invocation\"",
            "id='heliu-invocation'",
            "id=heliu-invocation",
        ]
        .iter()
        .any(|id| attributes.contains(id));
        is_it.then(|| {
            rest.split_once("</script")
                .map_or(rest, |(text, _)| text)
                .trim()
        })
    })
}

fn member(invocation: &Value, name: &str) -> Result<String, Refusal> {
    match invocation.get(name).and_then(Value::as_str) {
        Some(text) => Ok(text.to_owned()),
        None => refuse(422, format!("the invocation has no text member {name}")),
    }
}

fn expect_wallet(invocation: &Value, wallet: &str) -> Result<(), Refusal> {
    let named = member(invocation, "wallet")?;
    if named == wallet {
        return Ok(());
    }
    refuse(
        422,
        format!("the page invokes {named}, this is a {wallet} phone"),
    )
}

fn wechat(book: &Book<'_>, invocation: &Value, payer: &str) -> Result<Order, Refusal> {
    expect_wallet(invocation, "wechat")?;
    let called = Invocation {
        app_id: member(invocation, "appId")?,
        time_stamp: member(invocation, "timeStamp")?,
        nonce_str: member(invocation, "nonceStr")?,
        package: member(invocation, "package")?,
        sign_type: member(invocation, "signType")?,
        pay_sign: member(invocation, "paySign")?,
    };
    let Some(prepay_id) = called.package.strip_prefix("prepay_id=") else {
        return refuse(422, "package must be prepay_id=...");
    };
    let Some(order) = book.order_by(Channel::Wechat, "prepay", prepay_id)? else {
        return refuse(422, format!("no order has the prepay id {prepay_id}"));
    };
    if let Err(sentence) = verify_pay_sign(book.accounts, &order, &called) {
        return refuse(422, sentence);
    }
    let (app, expected) = match (&order.sub_app_id, &order.sub_openid) {
        (Some(app), Some(openid)) => (app.as_str(), openid.as_str()),
        _ => (SP_APPID, order.openid.as_str()),
    };
    if order.bound_to_payer && expected != wallet::openid(app, payer) {
        return refuse(
            422,
            format!("the prepay belongs to the openid {expected}, not to this phone's"),
        );
    }
    Ok(order)
}

fn alipay(book: &Book<'_>, invocation: &Value, payer: &str) -> Result<Order, Refusal> {
    expect_wallet(invocation, "alipay")?;
    let trade_no = member(invocation, "tradeNO")?;
    let Some(order) = book.order_by(Channel::Alipay, "transaction", &trade_no)? else {
        return refuse(422, format!("no trade has the number {trade_no}"));
    };
    if order.bound_to_payer && order.openid != wallet::buyer_id(payer) {
        return refuse(
            422,
            format!(
                "the trade belongs to the buyer {}, not to this phone's",
                order.openid
            ),
        );
    }
    Ok(order)
}

fn unionpay(book: &Book<'_>, invocation: &Value, payer: &str) -> Result<Order, Refusal> {
    expect_wallet(invocation, "unionpay")?;
    let pay_data = member(invocation, "payData")?;
    let Some(mut order) = book.order_by(Channel::Unionpay, "code", &pay_data)? else {
        return refuse(422, format!("no order has the payData {pay_data}"));
    };
    let mine = wallet::user_id(payer);
    if order.bound_to_payer && order.openid != mine {
        return refuse(
            422,
            format!(
                "the order belongs to the user {}, not to this phone's",
                order.openid
            ),
        );
    }
    // A code belongs to nobody until somebody pays it.
    order.openid = mine;
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_element() {
        let html = "<script>x</script><script type=\"application/json\" id=\"heliu-invocation\"> {\"a\":1} </script>";
        assert_eq!(find_invocation(html), Some("{\"a\":1}"));
        assert_eq!(find_invocation("<script id=\"other\">{}</script>"), None);
    }
}
