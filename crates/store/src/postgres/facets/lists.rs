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

use super::super::PostgresStore;
use super::super::connections::list_instant as instant;
use super::super::connections::with_client;
use super::super::read::lists::{merchants, orders, page as one_page, report};
use crate::rows::lists::{Kind, directory, exchanges, jobs, journal, notices, refunds};

const KIND: Kind = Kind::Postgres;

impl Lists for PostgresStore {
    fn list_orders(&self, filter: OrderFilter, page: Page) -> Answer<'_, Listed<OrderRow>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                orders::list_orders(&instant(client).await?, &filter, &page).await
            })
        })
    }

    fn list_refunds(&self, filter: RefundFilter, page: Page) -> Answer<'_, Listed<RefundRow>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                one_page(&instant(client).await?, &refunds::list(&filter, &page)).await
            })
        })
    }

    fn page_notifications(
        &self,
        filter: NoticeFilter,
        page: Page,
    ) -> Answer<'_, Listed<NoticeRow>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                one_page(&instant(client).await?, &notices::list(&filter, &page, KIND)).await
            })
        })
    }

    fn list_exchanges(
        &self,
        filter: ExchangeFilter,
        page: Page,
    ) -> Answer<'_, Listed<ExchangeRow>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                one_page(&instant(client).await?, &exchanges::list(&filter, &page)).await
            })
        })
    }

    fn list_jobs(&self, filter: JobFilter, page: Page) -> Answer<'_, Listed<JobRow>> {
        let node = self.node();
        Box::pin(async move {
            with_client!(self.readers, client => async {
                one_page(&instant(client).await?, &jobs::list(&filter, &page, KIND, node)).await
            })
        })
    }

    fn page_merchants(&self, filter: MerchantFilter, page: Page) -> Answer<'_, Listed<Enrolment>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                merchants::page_merchants(&instant(client).await?, &filter, &page).await
            })
        })
    }

    fn page_agents(&self, filter: AgentFilter, page: Page) -> Answer<'_, Listed<AgentRow>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                one_page(&instant(client).await?, &directory::agents(&filter, &page, KIND)).await
            })
        })
    }

    fn page_channel_accounts(
        &self,
        filter: AccountFilter,
        page: Page,
    ) -> Answer<'_, Listed<AccountRow>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                one_page(&instant(client).await?, &directory::accounts(&filter, &page)).await
            })
        })
    }

    fn balances(&self, filter: JournalFilter) -> Answer<'_, Vec<Balance>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                report::balances(&*instant(client).await?, &filter).await
            })
        })
    }

    fn list_journal(&self, filter: JournalFilter, page: Page) -> Answer<'_, Listed<BookedLine>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                one_page(&instant(client).await?, &journal::list(&filter, &page)).await
            })
        })
    }

    fn report_day(&self, from: Timestamp, until: Timestamp) -> Answer<'_, Vec<DayRow>> {
        Box::pin(async move {
            with_client!(self.readers, client => async {
                report::report_day(&instant(client).await?, from, until).await
            })
        })
    }
}
