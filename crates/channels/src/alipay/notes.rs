//! What a paid trade's report tells beside the money. Sources: channel notes 2.5, 2.7; the members
//! of vouchers and discounted goods as Alipay's own kit names them (`VoucherDetail`,
//! `discount_goods_detail`).
//!
//! Answers spell members in snake case, notifications some of them in camel case. A voucher says
//! what the merchant pays and what everybody else does, not who else that is.

use heliu_ports::channel::ChannelOrder;
use heliu_trade::promotion::{
    FundBill, PaymentNotes, Promotion, PromotionGoods, PromotionKind, PromotionScope,
};
use serde_json::Value;

use super::codes::{fund_channel, main_fund};
use crate::json::{text, text_of, yuan, yuan_of};
use crate::notes::{shares, told};

/// Under which names a voucher states what the merchant pays of it.
pub(super) const MERCHANT_SHARE: &[&str] = &["merchant_contribute", "merchantContribute"];

/// The notes in a trade, with its lists of funds, vouchers and discounted goods.
pub(super) fn of(
    order: &ChannelOrder<'_>,
    trade: &Value,
    bills: &[Value],
    vouchers: &[Value],
    discounted: &[Value],
) -> Option<Box<PaymentNotes>> {
    let fund_bills: Vec<_> = bills.iter().filter_map(fund_bill).collect();
    let first = fund_bills.first().map(|bill| bill.source.as_str());
    let bank = main_fund(bills).map(|(channel, _)| channel).or(first);
    let promotions = vouchers
        .iter()
        .filter_map(|voucher| promotion(order, voucher, discounted));
    told(PaymentNotes {
        payer_account: text(trade, "buyer_logon_id").map(str::to_owned),
        bank: bank.map(str::to_owned),
        invoice_fen: yuan(trade, "invoice_amount"),
        promotions: promotions.collect(),
        fund_bills,
        ..PaymentNotes::default()
    })
}

fn fund_bill(bill: &Value) -> Option<FundBill> {
    Some(FundBill {
        source: fund_channel(bill)?.to_owned(),
        amount_fen: yuan(bill, "amount")?,
    })
}

/// One voucher; none if it has no amount.
fn promotion(order: &ChannelOrder<'_>, voucher: &Value, discounted: &[Value]) -> Option<Promotion> {
    let owned = |names: &[&str]| text_of(voucher, names).unwrap_or_default().to_owned();
    let amount_fen = yuan(voucher, "amount").filter(|amount_fen| *amount_fen >= 0)?;
    let shares = shares(amount_fen, yuan_of(voucher, MERCHANT_SHARE).unwrap_or(0), 0);
    let promotion_id = owned(&["id"]);
    let goods = discounted
        .iter()
        .filter(|one| text(one, "voucher_id") == Some(promotion_id.as_str()))
        .filter_map(|one| goods(order, one));
    Some(Promotion {
        goods: goods.collect(),
        promotion_id,
        name: owned(&["name"]),
        scope: match text(voucher, "type") {
            Some("ALIPAY_ITEM_VOUCHER") => PromotionScope::Goods,
            _ => PromotionScope::Order,
        },
        kind: PromotionKind::Discount,
        amount_fen,
        activity_id: owned(&["template_id", "templateId"]),
        wallet_fen: shares.wallet_fen,
        merchant_fen: shares.merchant_fen,
        other_fen: shares.other_fen,
    })
}

/// Discounted goods. The discount is told for all of them together and neither their number nor
/// their price is, so they count as one, at the price that the basket says.
fn goods(order: &ChannelOrder<'_>, one: &Value) -> Option<PromotionGoods> {
    let goods_id = text(one, "goods_id")?;
    let mut basket = order.terms.goods.iter();
    let known = basket.find(|goods| goods.goods_id == goods_id);
    Some(PromotionGoods {
        goods_id: goods_id.to_owned(),
        quantity: 1,
        price_fen: known.map_or(0, |goods| goods.price_fen),
        discount_fen: yuan(one, "discount_amount")?,
        remark: String::new(),
    })
}
