//! Refunds in a list. There are few beside orders, so that one walk down their numbers finds all.

use heliu_ports::lists::{Page, RefundFilter, RefundRow};
use heliu_trade::id::{MerchantId, OrderNo, RefundNo};
use heliu_trade::money::Currency;
use heliu_trade::refund::RefundState;
use heliu_trade::wallet::WalletKind;

use super::{Conditions, List, begins_ours, limit};
use crate::columns::{Columns, Result};

/// The page.
pub(crate) fn list(filter: &RefundFilter, page: &Page) -> List<RefundRow> {
    let mut all = Conditions::default();
    all.below("r.refund_no", page.after.as_ref());
    all.span("r.refund_no", filter.created);
    all.is(
        "r.merchant_id",
        filter.merchant_id.as_ref().map(MerchantId::as_str),
    );
    all.agent("r.merchant_id", "r.app_id", filter.agent.as_ref());
    all.among("r.state", filter.states.iter().map(|state| state.as_str()));
    all.amount(
        "r.payable_fen",
        filter.payable_fen_min,
        filter.payable_fen_max,
    );
    all.among(
        "s.wallet",
        filter.wallet.iter().map(|wallet| wallet.as_str()),
    );
    let account = filter.channel_account_id.as_ref();
    all.is(
        "s.channel_account_id",
        account.map(|account| account.as_str()),
    );
    if let Some(beginning) = filter.number.as_deref().filter(|number| !number.is_empty()) {
        let mut any = vec![
            all.begins("r.merchant_refund_no", beginning),
            all.begins("o.merchant_order_no", beginning),
        ];
        any.extend(begins_ours("r.refund_no", beginning));
        any.extend(begins_ours("r.order_no", beginning));
        all.add(format!("({})", any.join(" OR ")));
    }
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ SELECT r.created_at, r.ended_at, r.merchant_id, r.app_id, \
         (SELECT min(p.dialect_id) FROM app p WHERE p.merchant_id = r.merchant_id AND p.app_id = r.app_id), \
         r.refund_no, r.merchant_refund_no, r.order_no, o.merchant_order_no, r.state, s.wallet, \
         s.channel_account_id, o.currency, r.amount_minor, r.payable_fen, r.cash_fen \
         FROM refund r CROSS JOIN trade_order o CROSS JOIN order_state s \
         WHERE o.merchant_id = r.merchant_id AND o.order_no = r.order_no \
         AND s.merchant_id = r.merchant_id AND s.order_no = r.order_no AND {wanted} \
         ORDER BY r.refund_no DESC LIMIT {limit}"
    );
    List {
        asked: all.ask(sql),
        read,
        place,
        page: page.clone(),
    }
}

fn read(columns: &mut Columns<'_>) -> Result<RefundRow> {
    Ok(RefundRow {
        created_at: columns.at()?,
        ended_at: columns.at_opt()?,
        merchant_id: columns.name()?,
        app_id: columns.name()?,
        dialect_id: columns.name_opt()?,
        refund_no: RefundNo::from_u64(columns.number()?),
        merchant_refund_no: columns.string()?,
        order_no: OrderNo::from_u64(columns.number()?),
        merchant_order_no: columns.string()?,
        state: columns.word(RefundState::parse)?,
        wallet: columns.word_opt(WalletKind::parse)?,
        channel_account_id: columns.name_opt()?,
        currency: columns.word(|text| text.parse::<Currency>().ok())?,
        amount_minor: columns.integer()?,
        payable_fen: columns.integer()?,
        cash_fen: columns.integer()?,
    })
}

fn place(row: &RefundRow) -> String {
    row.refund_no.to_string()
}
