//! 代理商分润对账单 and 代理商退货分润对账单: the columns of an agent's part of a fee. Source:
//! Leshua, sections 9.3 and 9.4.

use std::borrow::Cow;

use heliu_trade::directory::Agent;
use heliu_trade::statement::ProfitRow;

use super::trade::traded_at;

/// Column titles.
pub(super) const TITLES: &[&str] = &[
    "订单id",
    "商户id",
    "代理商id",
    "标准/优惠",
    "商户费率",
    "成本费率",
    "金额",
    "商户手续费",
    "成本",
    "分润",
    "交易时间",
];

/// Parts per million of a percent.
const PPM_PER_PERCENT: i64 = 10_000;

/// The columns of a part. Its number is the order's and the entry's place in its book, which no
/// other part of the agent has.
pub(super) fn columns<'r>(agent: &'r Agent, row: &ProfitRow<'r>) -> [Cow<'r, str>; 11] {
    let trade = row.trade;
    [
        format!("{}{:04}", trade.order_no, trade.entry_index).into(),
        trade.app_id.as_str().into(),
        agent.agent_id.as_str().into(),
        "标准".into(),
        percent(row.rate_ppm).into(),
        percent(row.cost_rate_ppm).into(),
        trade.amount_fen.to_string().into(),
        row.fee_fen.to_string().into(),
        row.cost_fen().to_string().into(),
        row.share_fen.to_string().into(),
        traded_at(trade).into(),
    ]
}

/// In percent, with two places at least.
fn percent(ppm: i64) -> String {
    let (whole, rest) = (ppm / PPM_PER_PERCENT, ppm % PPM_PER_PERCENT);
    let fine = format!("{rest:04}");
    let (two, more) = fine.split_at(2);
    format!("{whole}.{two}{}", more.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_rate_stands_in_percent() {
        for (ppm, told) in [
            (4_300, "0.43"),
            (3_000, "0.30"),
            (2_550, "0.255"),
            (12_345, "1.2345"),
            (0, "0.00"),
        ] {
            assert_eq!(percent(ppm), told);
        }
    }
}
