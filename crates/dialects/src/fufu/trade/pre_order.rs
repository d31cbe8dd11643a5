//! `/preOrder`, 主掃交易: the payer scans, or pays inside the wallet. Source: Fufu V1.1.1, section
//! 2.2.

use heliu_trade::attempt::Handoff;
use heliu_trade::command::{Command, NewOrder, PayerName, Prepay, PrepayScene, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::life::Life;
use heliu_trade::order::OrderState;
use heliu_trade::time::MINUTE_MS;
use heliu_trade::wallet::{Scene, WalletKind};

use super::super::{codes, page};
use super::answer::Answer;
use super::fields::{Fields, LABEL_MAX};
use super::interface::{Call, Interface, word_alone};
use super::{facts, new_order};
use crate::invocation::page_text;
use crate::lexical::{digits, is_web_address};
use crate::object::Object;
use crate::parameters::illegal;

pub(super) const INTERFACE: Interface = Interface {
    path: "/gateway/pay/preOrder",
    read,
    told,
    refused: word_alone,
};

/// Longest life, in minutes.
const LIFE_MINUTES_MAX: i64 = 1440;

fn read(fields: &Fields<'_>) -> Result<Command, TradeError> {
    fields.requires("total_fee")?;
    let scene = scene(fields)?;
    let life = life(fields)?;
    let notify_url = notify_url(fields)?;
    let order = NewOrder {
        notify_url,
        ..new_order::read(fields)?
    };
    Ok(Command::Prepay(Prepay { order, scene, life }))
}

/// What the payer scans, or what the wallet's page takes.
fn told(reply: &Reply, call: Call<'_>) -> Option<Answer> {
    let Reply::Prepaid { order, handoff, .. } = reply else {
        return None;
    };
    if order.state == OrderState::Failed {
        return Some(Answer::declined(order.decline.as_ref(), call.zone));
    }
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    facts::numbers(&mut data, order);
    match (order.scene, handoff) {
        (Scene::Qr, _) => data.text("qr_code", &page::url(order, call.public_url)),
        (_, Some(Handoff::TradeNo(number))) => data.text("prePayId", number),
        (_, Some(Handoff::Invocation(members))) => data.text("payInfo", &page_text(members, None)),
        // Nothing that the payer's page could take.
        (_, Some(Handoff::CodeUrl(_) | Handoff::Redirect(_)) | None) => {
            return Some(Answer::Call(codes::SERVICE_UNAVAILABLE));
        }
    };
    data.optional("time_zone", facts::time_zone(order).or(call.zone));
    Some(Answer::Data(data))
}

fn scene(fields: &Fields<'_>) -> Result<PrepayScene, TradeError> {
    let wallet = fields.wallet()?;
    let trade_type = fields.text("trade_type", LABEL_MAX)?;
    let trade_type = trade_type.as_deref().unwrap_or("JSAPI");
    if trade_type.eq_ignore_ascii_case("QRCODE") {
        return Ok(PrepayScene::Qr { wallet });
    }
    if !trade_type.eq_ignore_ascii_case("JSAPI") {
        return Err(illegal("trade_type", "trade_type must be QRCODE or JSAPI"));
    }
    let Some(wallet) = wallet else {
        let problem = "channel_type must be 1 or 2 for JSAPI; 0 needs trade_type QRCODE";
        return Err(illegal("channel_type", problem));
    };
    let payer_id = fields.required_identifier("openId", 128)?.into_owned();
    let sub_app_id = match wallet {
        WalletKind::Wechat => Some(sub_app_id(fields)?),
        _ => None,
    };
    Ok(PrepayScene::Jsapi {
        wallet,
        payer: PayerName::Id(payer_id),
        sub_app_id,
    })
}

/// `subAppId`, called `subAppid` before 2017-08-28.
fn sub_app_id(fields: &Fields<'_>) -> Result<String, TradeError> {
    let id = match fields.identifier("subAppId", 32)? {
        Some(id) => Some(id),
        None => fields.identifier("subAppid", 32)?,
    };
    let problem = "subAppId is missing: WeChat JSAPI needs the app id under which openId is known";
    id.map(std::borrow::Cow::into_owned)
        .ok_or_else(|| illegal("subAppId", problem))
}

fn life(fields: &Fields<'_>) -> Result<Life, TradeError> {
    let Some(text) = fields.text("time_expire", LABEL_MAX)? else {
        return Ok(Life::Default);
    };
    let minutes = digits(&text, 4).filter(|minutes| (1..=LIFE_MINUTES_MAX).contains(minutes));
    let problem = "time_expire must be a whole number of minutes from 1 to 1440";
    minutes
        .map(|minutes| Life::Ms(minutes * MINUTE_MS))
        .ok_or_else(|| illegal("time_expire", problem))
}

/// Only its form: where it may lead is the transport's business.
fn notify_url(fields: &Fields<'_>) -> Result<Option<String>, TradeError> {
    let Some(url) = fields.text("notifyUrl", 512)? else {
        return Ok(None);
    };
    if !is_web_address(&url) {
        return Err(illegal(
            "notifyUrl",
            "notifyUrl must be an http or https address",
        ));
    }
    Ok(Some(url.into_owned()))
}
