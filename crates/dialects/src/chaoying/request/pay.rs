//! `pay`, 刷卡支付: the shop scans the payer. The wallet follows from the code; a `paytype` of an
//! old client is ignored. Source: Chaoying v2.5.3, section 4.3.

use heliu_trade::command::{Consent, NewOrder, Pay};
use heliu_trade::error::TradeError;
use heliu_trade::goods::SaleTerms;
use heliu_trade::money::Currency;

use super::super::attribute;
use super::fields::{Fields, LABEL_MAX, WALLET_ID_MAX};
use super::goods;

/// Longest `body`.
const SUBJECT_MAX: usize = 128;
/// Longest `attach`.
const ATTACH_MAX: usize = 127;
/// Longest address of a till.
const ADDRESS_MAX: usize = 45;

/// Stored with every order.
const ATTRIBUTES: [(&str, usize); 4] = [
    (attribute::ATTACH, ATTACH_MAX),
    (attribute::OP_USER_ID, LABEL_MAX),
    (attribute::OP_SHOP_ID, LABEL_MAX),
    (attribute::OP_DEVICE_ID, LABEL_MAX),
];

pub(super) fn read(fields: Fields<'_>) -> Result<Pay, TradeError> {
    let order = new_order(fields, "MICROPAY")?;
    let auth_code = fields.required_identifier("auth_code", WALLET_ID_MAX)?;
    Ok(Pay {
        order,
        wallet: None,
        consent: Consent::Barcode,
        auth_code: auth_code.to_owned(),
    })
}

/// The members that every new order has.
pub(super) fn new_order(fields: Fields<'_>, trade_type: &str) -> Result<NewOrder, TradeError> {
    let merchant_order_no = fields.new_order_number()?.to_owned();
    let subject = fields.required("body", SUBJECT_MAX)?.to_owned();
    let amount_minor = fields.amount("total_fee")?;
    let mut attributes = fields.attributes(&ATTRIBUTES)?;
    attributes.insert(attribute::TRADE_TYPE.to_owned(), trade_type.to_owned());
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let goods = match goods::read(fields)? {
        goods::Basket::Goods(goods) => goods,
        goods::Basket::Unreadable(text) => {
            attributes.insert(attribute::GOODS_DETAIL.to_owned(), text.to_owned());
            Vec::new()
        }
    };
    Ok(NewOrder {
        merchant_order_no,
        amount_minor,
        currency: Currency::CNY,
        subject,
        notify_url: None,
        return_url: None,
        attributes,
        terms: SaleTerms {
            goods_tag: owned(fields.text("goods_tag", LABEL_MAX)?),
            goods,
            product_id: None,
            shop_id: owned(fields.text(attribute::OP_SHOP_ID, LABEL_MAX)?),
            terminal_id: owned(fields.text("device_info", LABEL_MAX)?),
            terminal_ip: owned(fields.text("mch_create_ip", ADDRESS_MAX)?),
            refuses_credit: false,
            wallet_terms: None,
        },
    })
}
