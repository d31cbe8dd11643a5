//! `POST /pay/unifiedorder`: prepay in the v2 interface (channels.md 1.23).

use super::asked::{Asked, Stop, refuse};
use crate::book::{Book, Scene};
use crate::conduct::Conduct;
use crate::upstreams::wechat::rules::{self, PrepayRefusal};
use crate::upstreams::wechat::wire::Fields;
use crate::upstreams::wechat::words::{self, V2};

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    let scene = match asked.required("trade_type", 16)? {
        "JSAPI" => Scene::Jsapi,
        "NATIVE" => Scene::Native,
        "APP" => Scene::App,
        "MWEB" => Scene::H5,
        _ => return refuse("PARAM_ERROR", "trade_type 取值错误"),
    };
    let sub_mch_id = asked.required("sub_mch_id", 32)?;
    let mut order = rules::new_order(book, asked.number()?, sub_mch_id, V2, scene);
    order.subject = asked.required("body", 128)?.to_owned();
    order.total_fen = asked.amount_fen("total_fee")?;
    let address = asked.required("spbill_create_ip", 64)?;
    if address.parse::<std::net::IpAddr>().is_err() {
        return refuse("PARAM_ERROR", "spbill_create_ip 格式错误");
    }
    let notify_url = asked.required("notify_url", 255)?;
    if !rules::is_notify_url(notify_url) {
        return refuse("PARAM_ERROR", "notify_url 格式错误，不能携带参数");
    }
    order.notify_url = Some(notify_url.to_owned());
    order.sub_app_id = asked.get("sub_appid").map(str::to_owned);
    payer_of(&mut order, asked)?;
    if scene == Scene::Native {
        asked.required("product_id", 32)?;
    }
    if scene == Scene::H5 {
        asked.required("scene_info", 256)?;
    }
    order.goods = asked.goods()?;
    asked.one_of("version", &["1.0"])?;
    asked.json("scene_info", 256)?;
    asked.one_of("limit_pay", &["no_credit"])?;
    asked.one_of("receipt", &["Y"])?;
    asked.one_of("profit_sharing", &["Y", "N"])?;
    order.attach = asked.optional("attach", 127)?.map(str::to_owned);
    order.device = asked.optional("device_info", 32)?.map(str::to_owned);
    order.goods_tag = asked.optional("goods_tag", 32)?.map(str::to_owned);
    order.sign_type.clone_from(&asked.sign_type);
    order.expires_ms = asked.expires_ms(book.now_ms)?;
    order.content = asked.content();

    let order = match rules::prepay(book, order)? {
        Ok(order) => order,
        Err(PrepayRefusal::Paid) => return refuse("ORDERPAID", "该订单已支付"),
        Err(PrepayRefusal::Closed) => return refuse("ORDERCLOSED", "该订单已关闭"),
        Err(PrepayRefusal::OtherContent | PrepayRefusal::OtherMerchant) => {
            return refuse("OUT_TRADE_NO_USED", "商户订单号重复，参数与首次请求不一致");
        }
    };
    let mut fields = Fields::new();
    fields.insert("trade_type".into(), words::trade_type(&order).into());
    let prepay_id = order.prepay_id.unwrap_or_default();
    if scene == Scene::H5 {
        let page = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb";
        fields.insert("mweb_url".into(), format!("{page}?prepay_id={prepay_id}"));
    }
    fields.insert("prepay_id".into(), prepay_id);
    if let Some(code) = order.code {
        fields.insert("code_url".into(), code);
    }
    Ok(fields)
}

/// JSAPI needs the payer; `sub_openid` needs `sub_appid`.
fn payer_of(order: &mut crate::book::Order, asked: &Asked) -> Result<(), Stop> {
    let (openid, sub_openid) = (
        asked.optional("openid", 128)?,
        asked.optional("sub_openid", 128)?,
    );
    for value in [openid, sub_openid].into_iter().flatten() {
        if !rules::is_openid(value) {
            return refuse("PARAM_ERROR", "openid 格式错误");
        }
    }
    if sub_openid.is_some() && order.sub_app_id.is_none() {
        return refuse("LACK_PARAMS", "sub_openid 需要 sub_appid");
    }
    if order.scene == Scene::Jsapi {
        if openid.is_none() && sub_openid.is_none() {
            return refuse("LACK_PARAMS", "JSAPI 支付必须传 openid 或 sub_openid");
        }
        order.bound_to_payer = true;
        order.openid = openid.unwrap_or_default().to_owned();
        order.sub_openid = sub_openid.map(str::to_owned);
    }
    Ok(())
}
