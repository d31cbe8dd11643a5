//! What every request for a new order has, and what such a call answers. Source: Chaoying v2.5.3,
//! sections 4.2 and 4.3.

use heliu_trade::attempt::Attempt;
use heliu_trade::command::{NewOrder, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::goods::SaleTerms;
use heliu_trade::money::Currency;

use super::super::attribute;
use super::super::codes::{self, Status};
use super::super::fields::{Fields, LABEL_MAX};
use super::super::interface::Call;
use super::super::members::Members;
use super::{goods, order as facts};

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

/// The members that every new order has.
pub(super) fn read(fields: Fields<'_>, trade_type: &str) -> Result<NewOrder, TradeError> {
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
        is_same_day: false,
    })
}

/// The answer to a payment that takes at once.
pub(super) fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Order {
        order, attempts, ..
    } = reply
    else {
        return None;
    };
    if let Some(status) = codes::unpaid(order, attempts.iter().any(Attempt::is_heard)) {
        return Some(Members::opened(&status));
    }
    let mut members = Members::opened(&Status::done(true));
    facts::paid(&mut members, order, attempts, call.nonce(), false);
    Some(members)
}
