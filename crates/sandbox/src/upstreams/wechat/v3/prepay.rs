//! `POST /v3/pay/partner/transactions/{native|jsapi|app|h5}` (channels.md 1.5).

use serde::Deserialize;
use serde_json::{Value, json};

use super::body;
use super::envelope::{Stop, refuse, refuse_field};
use crate::book::{Book, Order, Scene};
use crate::clock;
use crate::conduct::Received;
use crate::upstreams::wechat::goods::{self, DetailV3};
use crate::upstreams::wechat::rules::{self, PrepayRefusal};
use crate::upstreams::wechat::words::V3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    sp_appid: String,
    sp_mchid: String,
    sub_appid: Option<String>,
    sub_mchid: String,
    description: String,
    out_trade_no: String,
    time_expire: Option<String>,
    attach: Option<String>,
    notify_url: String,
    goods_tag: Option<String>,
    support_fapiao: Option<bool>,
    limit_pay: Option<Vec<String>>,
    settle_info: Option<SettleInfo>,
    amount: Amount,
    payer: Option<Payer>,
    detail: Option<DetailV3>,
    scene_info: Option<SceneInfo>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettleInfo {
    #[serde(rename = "profit_sharing")]
    _profit_sharing: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    total: i64,
    currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payer {
    sp_openid: Option<String>,
    sub_openid: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SceneInfo {
    payer_client_ip: Option<String>,
    device_id: Option<String>,
    #[serde(rename = "store_info")]
    _store_info: Option<Value>,
    h5_info: Option<Value>,
}

/// Creates the order or repeats its prepay.
pub(super) fn work(
    book: &mut Book<'_>,
    request: &Received,
    kind: &str,
) -> Result<Option<Value>, Stop> {
    let scene = match kind {
        "native" => Scene::Native,
        "jsapi" => Scene::Jsapi,
        "app" => Scene::App,
        "h5" => Scene::H5,
        _ => return refuse(404, "RESOURCE_NOT_EXISTS", "接口不存在"),
    };
    let body: Body = body::read(&request.body)?;
    let order = read(book, body, scene, &request.body)?;
    let order = match rules::prepay(book, order)? {
        Ok(order) => order,
        Err(PrepayRefusal::Paid) => return refuse(400, "ORDER_PAID", "该订单已支付"),
        Err(PrepayRefusal::Closed) => return refuse(400, "ORDER_CLOSED", "该订单已关闭，请换单号"),
        Err(PrepayRefusal::OtherContent) => {
            return refuse(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致");
        }
        Err(PrepayRefusal::OtherMerchant) => {
            return refuse(403, "OUT_TRADE_NO_USED", "商户订单号已被其他子商户使用");
        }
    };
    let prepay_id = order.prepay_id.unwrap_or_default();
    Ok(Some(match scene {
        Scene::Native => json!({"code_url": order.code.unwrap_or_default()}),
        Scene::H5 => json!({
            "h5_url": format!("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}")
        }),
        _ => json!({"prepay_id": prepay_id}),
    }))
}

fn read(book: &Book<'_>, body: Body, scene: Scene, raw: &[u8]) -> Result<Order, Stop> {
    body::apps(&body.sp_appid, body.sub_appid.as_deref())?;
    body::parties(book, Some(&body.sp_mchid), &body.sub_mchid)?;
    body::text("/description", &body.description, 127)?;
    body::number(&body.out_trade_no)?;
    body::notify_url(&body.notify_url)?;
    body::optional("/attach", body.attach.as_deref(), 128)?;
    body::optional("/goods_tag", body.goods_tag.as_deref(), 32)?;
    if body.amount.total < 1 {
        return refuse_field("/amount/total", "应大于 0");
    }
    if body
        .amount
        .currency
        .as_deref()
        .is_some_and(|currency| currency != "CNY")
    {
        return refuse_field("/amount/currency", "应为 CNY");
    }
    let known = ["no_balance", "no_credit", "no_debit", "balance_only"];
    if body
        .limit_pay
        .iter()
        .flatten()
        .any(|limit| !known.contains(&limit.as_str()))
    {
        return refuse_field("/limit_pay", "取值错误");
    }
    let mut order = rules::new_order(book, &body.out_trade_no, &body.sub_mchid, V3, scene);
    order.expires_ms = Some(expires_ms(book.now_ms, body.time_expire.as_deref())?);
    read_payer(&mut order, body.payer, body.sub_appid.as_deref())?;
    read_scene(&mut order, body.scene_info)?;
    if let Some(detail) = body.detail {
        match goods::of_v3(detail) {
            Some(basket) => order.goods = basket,
            None => return refuse_field("/detail", "单品信息格式错误"),
        }
    }
    order.subject = body.description;
    order.total_fen = body.amount.total;
    order.attach = body.attach;
    order.goods_tag = body.goods_tag;
    order.notify_url = Some(body.notify_url);
    order.sub_app_id = body.sub_appid;
    order.sign_type = "RSA".to_owned();
    // Members in the order of their names, so that a repeat may order them otherwise.
    let content: Value = serde_json::from_slice(raw).unwrap_or_default();
    order.content = format!("v3 {scene:?} {content}");
    let _ = (body.support_fapiao, body.settle_info);
    Ok(order)
}

/// RFC 3339, in the future; by default an order lives seven days.
fn expires_ms(now_ms: i64, time_expire: Option<&str>) -> Result<i64, Stop> {
    let Some(text) = time_expire else {
        return Ok(now_ms + 7 * 86_400_000);
    };
    match clock::parse_rfc3339(text) {
        Some(at_ms) if at_ms > now_ms => Ok(at_ms),
        Some(_) => refuse(400, "INVALID_REQUEST", "time_expire 已过期"),
        None => refuse_field("/time_expire", "应为 RFC 3339"),
    }
}

/// JSAPI: exactly one of two openids, and `sub_openid` only with `sub_appid`.
fn read_payer(
    order: &mut Order,
    payer: Option<Payer>,
    sub_appid: Option<&str>,
) -> Result<(), Stop> {
    let (sp_openid, sub_openid) =
        payer.map_or((None, None), |payer| (payer.sp_openid, payer.sub_openid));
    for openid in [&sp_openid, &sub_openid].into_iter().flatten() {
        if !rules::is_openid(openid) {
            return refuse_field("/payer", "openid 格式错误");
        }
    }
    match (order.scene, sp_openid, sub_openid) {
        (Scene::Jsapi, Some(openid), None) => {
            order.openid = openid;
            order.bound_to_payer = true;
            Ok(())
        }
        (Scene::Jsapi, None, Some(openid)) if sub_appid.is_some() => {
            order.sub_openid = Some(openid);
            order.bound_to_payer = true;
            Ok(())
        }
        (Scene::Jsapi, None, Some(_)) => refuse_field("/sub_appid", "传 sub_openid 时必填"),
        (Scene::Jsapi, _, _) => refuse_field("/payer", "sp_openid 与 sub_openid 必须且只能传一个"),
        (_, None, None) => Ok(()),
        _ => refuse_field("/payer", "该下单方式不能传 payer"),
    }
}

fn read_scene(order: &mut Order, scene_info: Option<SceneInfo>) -> Result<(), Stop> {
    let Some(info) = scene_info else {
        return if order.scene == Scene::H5 {
            refuse_field("/scene_info", "H5 支付必填")
        } else {
            Ok(())
        };
    };
    body::optional("/scene_info/device_id", info.device_id.as_deref(), 32)?;
    let address = info.payer_client_ip.as_deref();
    if address.is_some_and(|address| address.parse::<std::net::IpAddr>().is_err()) {
        return refuse_field("/scene_info/payer_client_ip", "格式错误");
    }
    if order.scene == Scene::H5 {
        let kind = info
            .h5_info
            .as_ref()
            .and_then(|h5| h5.get("type"))
            .and_then(Value::as_str);
        if address.is_none() || !kind.is_some_and(|kind| ["iOS", "Android", "Wap"].contains(&kind))
        {
            return refuse_field("/scene_info", "H5 支付需要 payer_client_ip 和 h5_info.type");
        }
    }
    order.device = info.device_id;
    Ok(())
}
