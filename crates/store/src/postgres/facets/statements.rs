//! Rows of statements.

use heliu_ports::lists::{Listed, Page};
use heliu_ports::store::Statements;
use heliu_ports::store_error::Answer;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::id::MerchantId;
use heliu_trade::statement::TradeRow;

use super::super::PostgresStore;
use super::super::connections::list_instant as instant;
use super::super::connections::with_client;
use super::super::read::lists::page as one_page;
use crate::rows::lists::trade_rows;

impl Statements for PostgresStore {
    fn trade_rows(
        &self,
        merchant: MerchantId,
        day: BusinessDate,
        page: Page,
    ) -> Answer<'_, Listed<TradeRow>> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                let list = trade_rows::near_orders(&merchant, day, &page);
                one_page(&instant(client).await?, &list).await
            })
        })
    }

    fn late_trade_rows(&self, day: BusinessDate, page: Page) -> Answer<'_, Listed<TradeRow>> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                one_page(&instant(client).await?, &trade_rows::late(day, &page)).await
            })
        })
    }
}
