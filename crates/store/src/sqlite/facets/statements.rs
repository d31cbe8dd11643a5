//! Rows of statements.

use heliu_ports::lists::{Listed, Page};
use heliu_ports::store::Statements;
use heliu_ports::store_error::Answer;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::id::MerchantId;
use heliu_trade::statement::TradeRow;

use super::super::SqliteStore;
use super::super::read::lists::page as one_page;
use crate::rows::lists::trade_rows;

impl Statements for SqliteStore {
    fn trade_rows(
        &self,
        merchant: MerchantId,
        day: BusinessDate,
        page: Page,
    ) -> Answer<'_, Listed<TradeRow>> {
        Box::pin(
            self.readers.read(move |books| {
                one_page(books, &trade_rows::near_orders(&merchant, day, &page))
            }),
        )
    }

    fn late_trade_rows(&self, day: BusinessDate, page: Page) -> Answer<'_, Listed<TradeRow>> {
        Box::pin(
            self.readers
                .read(move |books| one_page(books, &trade_rows::late(day, &page))),
        )
    }
}
