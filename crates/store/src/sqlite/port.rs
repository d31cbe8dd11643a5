//! What the port asks of the books in a file.

use std::sync::Arc;

use futures::future::BoxFuture;
use heliu_ports::exchange::ExchangeRecord;
use heliu_ports::keys::SealedKey;
use heliu_ports::store::{
    AgentRecord, AppRecord, BooksDamage, Commit, CommitError, Committed, DirectoryChange,
    Enrolment, JobClass, LoginCode, LoginCodeKey, NotificationFilter, OrderKey, OrderStory,
    RefundKey, Registration, RegistrationKey, Store, StoreError,
};
use heliu_trade::attempt::Attempt;
use heliu_trade::directory::{Agent, App, ChannelAccount, Merchant};
use heliu_trade::id::{
    AgentId, AppId, ChannelAccountId, DialectId, MerchantId, NotificationNo, OrderNo,
};
use heliu_trade::invariant::OrderBook;
use heliu_trade::job::{Job, JobKey};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::notification::Notification;
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::time::Timestamp;
use tokio::sync::oneshot;

use super::work::{Reply, Request, Work};
use super::{SqliteStore, connection, join, read, stopped};

type Reading<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

impl Store for SqliteStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            let work = Work {
                request: Request::Commit(Box::new(commit)),
                reply: Reply::Commit(sender),
            };
            self.inbox.send(work).await?;
            receiver
                .await
                .map_err(|_| CommitError::Unavailable(stopped()))?
                .result
        })
    }

    fn record(&self, record: ExchangeRecord) {
        self.inbox.record(record);
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.end();
            let writer = Arc::clone(&self.writer);
            let ending = tokio::task::spawn_blocking(move || join(&writer));
            if ending.await.is_err() {
                tracing::error!("the end of the books' writer was not waited for");
            }
        })
    }

    fn find_order(
        &self,
        merchant: &MerchantId,
        key: OrderKey,
    ) -> Reading<'_, Option<(Order, Vec<Attempt>)>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::find_order(books, &merchant, &key)),
        )
    }

    fn find_refund(
        &self,
        merchant: &MerchantId,
        key: RefundKey,
    ) -> Reading<'_, Option<(OrderNo, Refund)>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::find_refund(books, &merchant, &key)),
        )
    }

    fn refunds_of_order(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Reading<'_, Vec<Refund>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::orders::refunds_of_order(books, &merchant, order_no)),
        )
    }

    fn is_issued_code(&self, content: String) -> Reading<'_, bool> {
        Box::pin(
            self.readers
                .read(move |books| read::codes::is_issued_code(books, &content)),
        )
    }

    fn find_notification(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
        notification_no: NotificationNo,
    ) -> Reading<'_, Option<Notification>> {
        let merchant = merchant.clone();
        Box::pin(self.readers.read(move |books| {
            read::orders::find_notification(books, &merchant, order_no, notification_no)
        }))
    }

    fn claim_jobs(
        &self,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Reading<'_, Vec<Job>> {
        Box::pin(self.ask(
            Request::ClaimJobs {
                class,
                now,
                lease_ms,
                limit,
            },
            Reply::Jobs,
        ))
    }

    fn return_job(&self, key: JobKey, at: Timestamp) -> Reading<'_, ()> {
        Box::pin(self.ask(Request::ReturnJob { key, at }, Reply::Done))
    }

    fn next_job_at(&self) -> Reading<'_, Option<Timestamp>> {
        Box::pin(self.readers.read(read::orders::next_job_at))
    }

    fn high_water_second(&self) -> Reading<'_, u64> {
        let node = self.node;
        Box::pin(
            self.readers
                .read(move |books| read::orders::high_water_second(books, node)),
        )
    }

    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Reading<'_, Option<AppRecord>> {
        let (dialect, app) = (dialect.clone(), app.clone());
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_app(books, &dialect, &app)),
        )
    }

    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Reading<'_, Option<AgentRecord>> {
        let (dialect, agent) = (dialect.clone(), agent.clone());
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_agent(books, &dialect, &agent)),
        )
    }

    fn list_agents(&self) -> Reading<'_, Vec<Agent>> {
        Box::pin(self.readers.read(read::directory::list_agents))
    }

    fn register(
        &self,
        merchant: Merchant,
        app: App,
        registration: Registration,
    ) -> Reading<'_, Registration> {
        let parts = Box::new((merchant, app, registration));
        Box::pin(self.ask(Request::Register(parts), Reply::Registered))
    }

    fn find_registration(
        &self,
        dialect: &DialectId,
        agent: &AgentId,
        key: RegistrationKey,
    ) -> Reading<'_, Option<Registration>> {
        let (dialect, agent) = (dialect.clone(), agent.clone());
        Box::pin(self.readers.read(move |books| {
            read::registration::find_registration(books, &dialect, &agent, &key)
        }))
    }

    fn put_login_code(&self, code: LoginCode) -> Reading<'_, bool> {
        Box::pin(self.ask(Request::PutLoginCode(code), Reply::Answered))
    }

    fn try_login_code(
        &self,
        key: LoginCodeKey,
        code_digest: String,
        now: Timestamp,
    ) -> Reading<'_, bool> {
        let request = Request::TryLoginCode {
            key,
            code_digest,
            now,
        };
        Box::pin(self.ask(request, Reply::Answered))
    }

    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Reading<'_, Option<(ChannelAccount, Vec<SealedKey>)>> {
        let account = account.clone();
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_channel_account(books, &account)),
        )
    }

    fn rates(&self) -> Reading<'_, Vec<(Currency, ExchangeRate)>> {
        Box::pin(self.readers.read(read::directory::rates))
    }

    fn change_directory(&self, change: DirectoryChange) -> Reading<'_, ()> {
        Box::pin(self.ask(Request::ChangeDirectory(change), Reply::Done))
    }

    fn list_merchants(&self) -> Reading<'_, Vec<Enrolment>> {
        Box::pin(self.readers.read(read::directory::list_merchants))
    }

    fn list_keys(&self, owner: String) -> Reading<'_, Vec<SealedKey>> {
        Box::pin(
            self.readers
                .read(move |books| read::directory::list_keys(books, &owner)),
        )
    }

    fn search_orders(&self, number: String) -> Reading<'_, Vec<(MerchantId, OrderNo)>> {
        Box::pin(
            self.readers
                .read(move |books| read::search::search_orders(books, &number)),
        )
    }

    fn order_story(
        &self,
        merchant: &MerchantId,
        order_no: OrderNo,
    ) -> Reading<'_, Option<OrderStory>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::story::order_story(books, &merchant, order_no)),
        )
    }

    fn order_books(
        &self,
        after: Option<(MerchantId, OrderNo)>,
        limit: u32,
    ) -> Reading<'_, Vec<OrderBook>> {
        Box::pin(
            self.readers
                .read(move |books| read::story::order_books(books, after.as_ref(), limit)),
        )
    }

    fn journal_sum_fen(&self) -> Reading<'_, i64> {
        Box::pin(self.readers.read(read::story::journal_sum_fen))
    }

    fn probe(&self) -> Reading<'_, ()> {
        Box::pin(async {
            self.condition.lasting()?;
            if self.condition.is_unwritten() {
                self.ask(Request::Probe, Reply::Done).await?;
            }
            self.next_job_at().await.map(|_| ())
        })
    }

    fn examine(&self) -> Reading<'_, Vec<String>> {
        let (path, condition) = (self.path.clone(), Arc::clone(&self.condition));
        Box::pin(async move {
            // It takes as long as the whole file does, so it takes no reader's place.
            let examining = tokio::task::spawn_blocking(move || {
                let found = connection::open_reader(&path);
                let found = found.and_then(|books| read::examine::examine(&books));
                found.map_err(|fault| fault.noted(&condition))
            });
            examining
                .await
                .map_err(|error| StoreError(error.to_string()))?
        })
    }

    fn damages(&self) -> Reading<'_, Vec<BooksDamage>> {
        Box::pin(self.readers.read(read::examine::damages))
    }

    fn list_notifications(
        &self,
        filter: NotificationFilter,
    ) -> Reading<'_, Vec<(MerchantId, Notification)>> {
        Box::pin(
            self.readers
                .read(move |books| read::orders::list_notifications(books, &filter)),
        )
    }
}
