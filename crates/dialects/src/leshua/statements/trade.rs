//! 交易对账单: the columns of a movement. Source: Leshua, section 9.2.

use std::borrow::Cow;

use heliu_trade::statement::{TradeMovement, TradeRow};
use heliu_trade::wallet::WalletKind;

use super::super::codes;
use super::super::trade::order::{channel_order_id, out_transaction_id};

/// Column titles behind the first record's type.
pub(super) const TITLES: &[&str] = &[
    "BT",
    "编号",
    "交易时间",
    "订单号",
    "商户号",
    "费率",
    "交易金额",
    "手续费",
    "结算金额",
    "资金流向",
    "交易类型",
    "支付方式",
    "卡类型",
    "商户优惠类型",
    "参考号",
    "凭证号",
    "终端号",
    "第三方订单号",
    "第三方退款号",
    "支付时间",
    "上游订单号(网、银联)",
    "上游订单号(微信、支付宝)",
    "付款银行",
    "消费者标识",
    "扫码支付交易类型",
];

/// What does not apply.
const NONE: &str = "*";
/// Parts per million of a rate's unit, 1/10000.
const PPM_PER_UNIT: i64 = 100;

/// The columns of a movement. A refund's amounts stand as they are, without a sign: where the money
/// goes is column 10.
pub(super) fn columns(row_no: u64, row: &TradeRow) -> [Cow<'_, str>; 25] {
    let evidence = &row.evidence;
    let completed_at = match row.movement {
        TradeMovement::Payment => evidence.paid_at,
        TradeMovement::Refund | TradeMovement::Reversal => row.booked_at,
    };
    let (flow, kind) = match row.movement {
        TradeMovement::Payment => ("进账", "未获取"),
        TradeMovement::Refund | TradeMovement::Reversal => ("退款", "退货成功"),
    };
    [
        "BV".into(),
        row_no.to_string().into(),
        traded_at(row).into(),
        row.order_no.to_string().into(),
        row.app_id.as_str().into(),
        rate(row.rate_ppm).into(),
        row.amount_fen.to_string().into(),
        row.fee_fen.to_string().into(),
        row.settled_fen().to_string().into(),
        flow.into(),
        kind.into(),
        way(row.wallet).into(),
        NONE.into(),
        "标准类".into(),
        NONE.into(),
        NONE.into(),
        NONE.into(),
        (&*row.merchant_order_no).into(),
        row.merchant_refund_no.as_deref().unwrap_or_default().into(),
        completed_at.beijing_spaced().into(),
        channel_order_id(evidence).into(),
        out_transaction_id(evidence).into(),
        codes::bank(Some(row.wallet), evidence)
            .unwrap_or(NONE)
            .into(),
        evidence.payer_id.as_deref().unwrap_or(NONE).into(),
        codes::trade_type(row.scene).into(),
    ]
}

/// 交易时间: when what is settled on the same day was settled, when anything else was begun.
pub(super) fn traded_at(row: &TradeRow) -> String {
    row.settled_at.unwrap_or(row.begun_at).beijing_spaced()
}

/// In 1/10000; what is finer stands behind a point.
fn rate(ppm: i64) -> String {
    let (whole, rest) = (ppm / PPM_PER_UNIT, ppm % PPM_PER_UNIT);
    if rest == 0 {
        return whole.to_string();
    }
    let fine = format!("{rest:02}");
    format!("{whole}.{}", fine.trim_end_matches('0'))
}

const fn way(wallet: WalletKind) -> &'static str {
    match wallet {
        WalletKind::Wechat => "微信支付",
        WalletKind::Alipay => "支付宝支付",
        WalletKind::Unionpay => "银联扫码",
        // This wire cannot name them, so none of its merchants is paid by them.
        WalletKind::Qq
        | WalletKind::Jd
        | WalletKind::Bestpay
        | WalletKind::Ecny
        | WalletKind::Suning => NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn a_rate_stands_in_ten_thousandths() {
        for (ppm, told) in [
            (3_800, "38"),
            (3_850, "38.5"),
            (3_805, "38.05"),
            (0, "0"),
            (7, "0.07"),
        ] {
            assert_eq!(rate(ppm), told);
        }
    }
}
