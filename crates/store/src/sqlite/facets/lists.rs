//! The lists of these books.

use heliu_ports::journal::{Balance, BookedLine, JournalFilter};
use heliu_ports::lists::{
    AccountFilter, AccountRow, AgentFilter, AgentRow, DayRow, ExchangeFilter, ExchangeRow,
    JobFilter, JobRow, Listed, Lists, MerchantFilter, NoticeFilter, NoticeRow, OrderFilter,
    OrderRow, Page, RefundFilter, RefundRow,
};
use heliu_ports::store::Enrolment;
use heliu_ports::store_error::Answer;
use heliu_trade::time::Timestamp;

use super::super::SqliteStore;
use super::super::read::lists::{merchants, orders, page as one_page, report};
use crate::rows::lists::{Kind, directory, exchanges, jobs, journal, notices, refunds};

const KIND: Kind = Kind::Sqlite;

impl Lists for SqliteStore {
    fn list_orders(&self, filter: OrderFilter, page: Page) -> Answer<'_, Listed<OrderRow>> {
        Box::pin(
            self.readers
                .read(move |books| orders::list_orders(books, &filter, &page)),
        )
    }

    fn list_refunds(&self, filter: RefundFilter, page: Page) -> Answer<'_, Listed<RefundRow>> {
        Box::pin(
            self.readers
                .read(move |books| one_page(books, &refunds::list(&filter, &page))),
        )
    }

    fn page_notifications(
        &self,
        filter: NoticeFilter,
        page: Page,
    ) -> Answer<'_, Listed<NoticeRow>> {
        Box::pin(
            self.readers
                .read(move |books| one_page(books, &notices::list(&filter, &page, KIND))),
        )
    }

    fn list_exchanges(
        &self,
        filter: ExchangeFilter,
        page: Page,
    ) -> Answer<'_, Listed<ExchangeRow>> {
        Box::pin(
            self.readers
                .read(move |books| one_page(books, &exchanges::list(&filter, &page))),
        )
    }

    fn list_jobs(&self, filter: JobFilter, page: Page) -> Answer<'_, Listed<JobRow>> {
        let node = self.node;
        Box::pin(
            self.readers
                .read(move |books| one_page(books, &jobs::list(&filter, &page, KIND, node))),
        )
    }

    fn page_merchants(&self, filter: MerchantFilter, page: Page) -> Answer<'_, Listed<Enrolment>> {
        Box::pin(
            self.readers
                .read(move |books| merchants::page_merchants(books, &filter, &page)),
        )
    }

    fn page_agents(&self, filter: AgentFilter, page: Page) -> Answer<'_, Listed<AgentRow>> {
        Box::pin(
            self.readers
                .read(move |books| one_page(books, &directory::agents(&filter, &page, KIND))),
        )
    }

    fn page_channel_accounts(
        &self,
        filter: AccountFilter,
        page: Page,
    ) -> Answer<'_, Listed<AccountRow>> {
        Box::pin(
            self.readers
                .read(move |books| one_page(books, &directory::accounts(&filter, &page))),
        )
    }

    fn balances(&self, filter: JournalFilter) -> Answer<'_, Vec<Balance>> {
        Box::pin(
            self.readers
                .read(move |books| report::balances(books, &filter)),
        )
    }

    fn list_journal(&self, filter: JournalFilter, page: Page) -> Answer<'_, Listed<BookedLine>> {
        Box::pin(
            self.readers
                .read(move |books| one_page(books, &journal::list(&filter, &page))),
        )
    }

    fn report_day(&self, from: Timestamp, until: Timestamp) -> Answer<'_, Vec<DayRow>> {
        Box::pin(
            self.readers
                .read(move |books| report::report_day(books, from, until)),
        )
    }
}
