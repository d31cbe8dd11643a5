//! What every request for a new order has. Source: Leshua trade services, sections 4.1 and 4.2.

use heliu_trade::command::NewOrder;
use heliu_trade::error::TradeError;
use heliu_trade::goods::SaleTerms;
use heliu_trade::money::Currency;
use heliu_trade::wallet::WalletKind;

use crate::parameters::illegal;

use super::super::attribute;
use super::fields::{ATTACH_MAX, Fields, LABEL_MAX};
use super::{extended, goods};

/// Longest `body`.
const SUBJECT_MAX: usize = 256;
/// Longest `shop_no` and `pos_no`.
const PLACE_MAX: usize = 16;
/// Longest address of a till; the table says 16, which has no room for IPv6.
const CLIENT_IP_MAX: usize = 45;
/// What is sold, where nothing is said.
const SUBJECT: &str = "商品";

/// Stored with every order.
const ATTRIBUTES: [(&str, usize); 4] = [
    (attribute::ATTACH, ATTACH_MAX),
    (attribute::T0, LABEL_MAX),
    (attribute::ROYALTY, LABEL_MAX),
    (attribute::SOURCE, LABEL_MAX),
];

/// The order; `wallet` is the only one that may pay, if the request
/// names it.
pub(super) fn read(fields: Fields<'_>, wallet: Option<WalletKind>) -> Result<NewOrder, TradeError> {
    let merchant_order_no = fields.new_number(attribute::THIRD_ORDER_ID)?.to_owned();
    let amount_minor = fields.amount("amount")?;
    let subject = fields.text("body", SUBJECT_MAX)?.unwrap_or(SUBJECT);
    let mut attributes = fields.attributes(&ATTRIBUTES)?;
    if let Some(count) = instalments(fields)? {
        attributes.insert(attribute::HB_FQ_NUM.to_owned(), count.to_owned());
    }
    let goods = match goods::read(fields)? {
        goods::Basket::Goods(goods) => goods,
        goods::Basket::Unreadable(text) => {
            attributes.insert(attribute::GOODS_DETAIL.to_owned(), text);
            Vec::new()
        }
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(NewOrder {
        merchant_order_no,
        amount_minor,
        currency: Currency::CNY,
        subject: subject.to_owned(),
        notify_url: fields.address(attribute::NOTIFY_URL)?,
        return_url: None,
        attributes,
        terms: SaleTerms {
            goods_tag: owned(fields.text("goods_tag", LABEL_MAX)?),
            goods,
            product_id: None,
            shop_id: owned(fields.text("shop_no", PLACE_MAX)?),
            terminal_id: owned(fields.text("pos_no", PLACE_MAX)?),
            terminal_ip: owned(fields.text("client_ip", CLIENT_IP_MAX)?),
            refuses_credit: refuses_credit(fields)?,
            wallet_terms: extended::read(fields, wallet)?,
        },
        is_same_day: is_same_day(fields)?,
    })
}

/// `t0`: a wish that nobody understands is refused, since it would be dropped in silence.
fn is_same_day(fields: Fields<'_>) -> Result<bool, TradeError> {
    let name = attribute::T0;
    match fields.any(name) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(illegal(name, "t0 must be 0 or 1")),
    }
}

/// `limit_pay`: a limit that nobody understands is refused, since it would be dropped in silence.
fn refuses_credit(fields: Fields<'_>) -> Result<bool, TradeError> {
    let name = "limit_pay";
    match fields.any(name) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(illegal(name, "limit_pay must be 0 or 1")),
    }
}

/// `hb_fq_num`.
fn instalments(fields: Fields<'_>) -> Result<Option<&str>, TradeError> {
    let name = attribute::HB_FQ_NUM;
    match fields.any(name) {
        Some(count) if !matches!(count, "3" | "6" | "12") => {
            Err(illegal(name, "hb_fq_num must be 3, 6 or 12"))
        }
        count => Ok(count),
    }
}
