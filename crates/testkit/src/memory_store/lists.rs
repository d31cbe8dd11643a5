//! Lists, by looking at everything.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::BoxFuture;
use heliu_ports::journal::{Balance, BookedLine, JournalFilter};
use heliu_ports::lists::{
    AccountFilter, AccountRow, AgentFilter, AgentKey, AgentRow, AnswerRow, DayRow, ExchangeFilter,
    ExchangeRow, Holder, JobFilter, JobRow, Listed, Lists, MerchantFilter, NoticeFilter, NoticeRow,
    OrderFilter, OrderRow, OutcomeFilter, Page, RefundFilter, RefundRow, Span, Sums, done_outcomes,
};
use heliu_ports::store::{Enrolment, StoreError};
use heliu_trade::attempt::{Attempt, Route};
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract};
use heliu_trade::followup::job::{JobKey, JobKind};
use heliu_trade::followup::notification::{Notification, NotificationState};
use heliu_trade::id::{AppId, ChannelAccountId, DialectId, MerchantId, PlatformNo};
use heliu_trade::refund::Refund;
use heliu_trade::time::{SECOND_MS, Timestamp};
use heliu_trade::wallet::WalletKind;

use super::MemoryStore;
use super::books::{Books, Exchange, Shelf};

/// Whether a number was given within a stretch of time; a second counts if any of it is within.
fn is_within(span: Span, number: PlatformNo) -> bool {
    let begins = PlatformNo::instant_of(number.second());
    span.from
        .is_none_or(|from| begins.plus_ms(SECOND_MS) > from)
        && span.until.is_none_or(|until| begins < until)
}

/// The rows of a page, newest first by `number`.
fn page<T>(mut rows: Vec<T>, page: &Page, number: impl Fn(&T) -> PlatformNo) -> Listed<T> {
    rows.sort_by_key(|row| std::cmp::Reverse(number(row)));
    if let Some(after) = &page.after {
        match after.as_str().parse::<PlatformNo>() {
            Ok(after) => rows.retain(|row| number(row) < after),
            Err(_) => rows.clear(),
        }
    }
    Listed::of(rows, page, |row| number(row).to_string())
}

fn is_any<T: PartialEq>(wanted: &[T], value: &T) -> bool {
    wanted.is_empty() || wanted.contains(value)
}

fn is_just<T: PartialEq>(wanted: Option<&T>, value: Option<&T>) -> bool {
    wanted.is_none() || wanted == value
}

/// The attempt that an order's row shows: the one that paid, else the newest.
fn shown(shelf: &Shelf) -> Option<&Route> {
    let payment = shelf.order.payment.as_ref();
    let paid = payment.and_then(|payment| {
        let mut attempts = shelf.attempts.iter();
        attempts.find(|attempt| attempt.attempt_no == payment.attempt_no)
    });
    let newest = || {
        shelf
            .attempts
            .iter()
            .max_by_key(|attempt| attempt.attempt_no)
    };
    paid.or_else(newest).map(|attempt| &*attempt.route)
}

fn order_row(books: &Books, shelf: &Shelf) -> OrderRow {
    let order = &shelf.order;
    OrderRow {
        created_at: order.created_at,
        merchant_id: order.merchant_id.clone(),
        app_id: order.app_id.clone(),
        dialect_id: books.dialect_of(&order.merchant_id, &order.app_id),
        order_no: order.order_no,
        merchant_order_no: order.merchant_order_no.clone(),
        scene: order.scene,
        state: order.state,
        wallet: order.wallet,
        channel_account_id: shown(shelf).map(|route| route.channel_account_id.clone()),
        charge_fen: order.charge_fen,
        currency: order.currency,
        amount_minor: order.amount_minor,
        paid_at: order
            .payment
            .as_ref()
            .map(|payment| payment.evidence.paid_at),
        refunded_fen: order.refunded.payable_fen,
        fee_fen: order.payment.as_ref().map(|payment| payment.fee_fen),
    }
}

fn carries(shelf: &Shelf, beginning: &str) -> bool {
    let of_attempt = |attempt: &Attempt| {
        let channels = attempt
            .evidence
            .as_ref()
            .map(|of| of.channel_order_no.as_str());
        attempt.attempt_no.to_string().starts_with(beginning)
            || channels.is_some_and(|number| number.starts_with(beginning))
    };
    let of_refund = |refund: &Refund| {
        refund.refund_no.to_string().starts_with(beginning)
            || refund.merchant_refund_no.starts_with(beginning)
    };
    shelf.order.merchant_order_no.starts_with(beginning)
        || shelf.order.order_no.to_string().starts_with(beginning)
        || shelf.attempts.iter().any(of_attempt)
        || shelf.refunds.values().any(of_refund)
}

impl Books {
    fn dialect_of(&self, merchant: &MerchantId, app_id: &AppId) -> Option<DialectId> {
        let is_its = |app: &&App| app.merchant_id == *merchant && app.app_id == *app_id;
        let app = self.apps.values().find(is_its);
        app.map(|app| app.dialect_id.clone())
    }

    fn is_agents(&self, agent: Option<&AgentKey>, merchant: &MerchantId, app_id: &AppId) -> bool {
        let Some(agent) = agent else { return true };
        let app = self.apps.get(&(agent.dialect_id.clone(), app_id.clone()));
        app.is_some_and(|app| {
            app.merchant_id == *merchant && app.agent_id.as_ref() == Some(&agent.agent_id)
        })
    }

    fn fits(&self, filter: &OrderFilter, row: &OrderRow, shelf: &Shelf) -> bool {
        is_within(filter.created, row.order_no.0)
            && is_just(filter.merchant_id.as_ref(), Some(&row.merchant_id))
            && self.is_agents(filter.agent.as_ref(), &row.merchant_id, &row.app_id)
            && is_any(&filter.states, &row.state)
            && is_just(filter.wallet.as_ref(), row.wallet.as_ref())
            && is_just(
                filter.channel_account_id.as_ref(),
                row.channel_account_id.as_ref(),
            )
            && filter
                .charge_fen_min
                .is_none_or(|min| row.charge_fen >= min)
            && filter
                .charge_fen_max
                .is_none_or(|max| row.charge_fen <= max)
            && filter
                .number
                .as_ref()
                .is_none_or(|number| carries(shelf, number))
    }

    fn list_orders(&self, filter: &OrderFilter, asked: &Page) -> Listed<OrderRow> {
        let rows = self.orders.values().filter_map(|shelf| {
            let row = order_row(self, shelf);
            self.fits(filter, &row, shelf).then_some(row)
        });
        page(rows.collect(), asked, |row| row.order_no.0)
    }

    fn refund_rows(&self) -> Vec<RefundRow> {
        let registered: BTreeMap<_, _> = self
            .refund_register
            .iter()
            .map(|((_, app, _), (_, refund_no))| (*refund_no, app))
            .collect();
        let of_shelf = |shelf: &Shelf| {
            let order = order_row(self, shelf);
            let row = |refund: &Refund| {
                let asker = registered.get(&refund.refund_no);
                let app_id = asker.map_or(&order.app_id, |app| *app).clone();
                RefundRow {
                    created_at: refund.created_at,
                    ended_at: refund.ended_at,
                    merchant_id: order.merchant_id.clone(),
                    dialect_id: self.dialect_of(&order.merchant_id, &app_id),
                    app_id,
                    refund_no: refund.refund_no,
                    merchant_refund_no: refund.merchant_refund_no.clone(),
                    order_no: order.order_no,
                    merchant_order_no: order.merchant_order_no.clone(),
                    state: refund.state,
                    wallet: order.wallet,
                    channel_account_id: order.channel_account_id.clone(),
                    currency: order.currency,
                    amount_minor: refund.amounts.amount_minor,
                    payable_fen: refund.amounts.payable_fen,
                    cash_fen: refund.amounts.cash_fen,
                }
            };
            shelf.refunds.values().map(row).collect::<Vec<_>>()
        };
        self.orders.values().flat_map(of_shelf).collect()
    }

    fn list_refunds(&self, filter: &RefundFilter, asked: &Page) -> Listed<RefundRow> {
        let begins = |row: &RefundRow, number: &String| {
            row.refund_no.to_string().starts_with(number)
                || row.merchant_refund_no.starts_with(number)
                || row.order_no.to_string().starts_with(number)
                || row.merchant_order_no.starts_with(number)
        };
        let mut rows = self.refund_rows();
        rows.retain(|row| {
            is_within(filter.created, row.refund_no.0)
                && is_just(filter.merchant_id.as_ref(), Some(&row.merchant_id))
                && self.is_agents(filter.agent.as_ref(), &row.merchant_id, &row.app_id)
                && is_any(&filter.states, &row.state)
                && is_just(filter.wallet.as_ref(), row.wallet.as_ref())
                && is_just(
                    filter.channel_account_id.as_ref(),
                    row.channel_account_id.as_ref(),
                )
                && filter
                    .payable_fen_min
                    .is_none_or(|min| row.payable_fen >= min)
                && filter
                    .payable_fen_max
                    .is_none_or(|max| row.payable_fen <= max)
                && filter
                    .number
                    .as_ref()
                    .is_none_or(|number| begins(row, number))
        });
        page(rows, asked, |row| row.refund_no.0)
    }

    fn notice_row(&self, notification: &Notification) -> NoticeRow {
        let subject = notification.subject.clone();
        let number = notification.notification_no;
        let trail = self.trail(&subject);
        let of_it = trail
            .deliveries
            .into_iter()
            .filter(|of| of.notification_no == number);
        let last = of_it.max_by_key(|delivery| delivery.try_index);
        let job = self.jobs.get(&JobKey {
            subject,
            kind: JobKind::NotifyMerchant,
            about: number.as_u64(),
        });
        NoticeRow {
            notification: Notification {
                body: None,
                moment: None,
                ..notification.clone()
            },
            tried_at: last.as_ref().map(|delivery| delivery.begun_at),
            answer: last.and_then(|delivery| delivery.answer),
            next_try_at: job.map(|job| job.due_at),
        }
    }

    fn page_notifications(&self, filter: &NoticeFilter, asked: &Page) -> Listed<NoticeRow> {
        let fits = |of: &&Notification| {
            is_within(filter.created, of.notification_no.0)
                && is_just(filter.merchant_id.as_ref(), of.subject.owner.merchant())
                && is_any::<NotificationState>(&filter.states, &of.state)
                && is_just(filter.kind.as_ref(), Some(&of.kind))
        };
        let all = self
            .around
            .values()
            .flat_map(|around| around.notifications.values());
        let rows = all.filter(fits).map(|of| self.notice_row(of));
        page(rows.collect(), asked, |row| {
            row.notification.notification_no.0
        })
    }

    fn exchange_row(&self, exchange: &Exchange) -> Option<ExchangeRow> {
        let request = exchange.request.as_ref()?;
        let app = request.app_id.as_ref();
        let app = app.and_then(|app| self.apps.get(&(request.dialect_id.clone(), app.clone())));
        Some(ExchangeRow {
            exchange_no: request.exchange_no,
            at: request.at,
            dialect_id: request.dialect_id.clone(),
            app_id: request.app_id.clone(),
            merchant_id: app.map(|app| app.merchant_id.clone()),
            path: request.path.clone(),
            peer: request.peer.clone(),
            order_no: exchange.order_no,
            answer: exchange.answer.as_ref().map(|answer| AnswerRow {
                status: answer.status,
                outcome: answer.outcome.clone(),
                duration_ms: answer.duration_ms,
            }),
        })
    }

    fn list_exchanges(&self, filter: &ExchangeFilter, asked: &Page) -> Listed<ExchangeRow> {
        let fits = |row: &ExchangeRow| {
            let outcome = row.answer.as_ref().map(|answer| answer.outcome.as_str());
            let is_outcome = match &filter.outcome {
                None => true,
                Some(OutcomeFilter::Is(word)) => outcome == Some(word),
                Some(OutcomeFilter::Done) => {
                    outcome.is_some_and(|word| done_outcomes().any(|done| done == word))
                }
                Some(OutcomeFilter::Refused) => {
                    outcome.is_some_and(|word| done_outcomes().all(|done| done != word))
                }
                Some(OutcomeFilter::Unanswered) => outcome.is_none(),
            };
            is_outcome
                && is_just(filter.exchange_no.as_ref(), Some(&row.exchange_no))
                && is_within(filter.came, row.exchange_no)
                && is_just(filter.merchant_id.as_ref(), row.merchant_id.as_ref())
                && is_just(filter.dialect_id.as_ref(), Some(&row.dialect_id))
                && is_just(filter.app_id.as_ref(), row.app_id.as_ref())
                && is_just(filter.order_no.as_ref(), row.order_no.as_ref())
        };
        let all = self
            .exchanges
            .values()
            .filter_map(|of| self.exchange_row(of));
        page(all.filter(fits).collect(), asked, |row| row.exchange_no)
    }

    fn list_jobs(&self, filter: &JobFilter, asked: &Page) -> Listed<JobRow> {
        let all = self.jobs.values().map(|job| JobRow {
            job: job.clone(),
            held_by: self
                .leases
                .get(&job.key)
                .and_then(|node| u8::try_from(*node).ok()),
        });
        let mut rows: Vec<JobRow> = all.collect();
        rows.retain(|JobRow { job, held_by }| {
            is_any(&filter.kinds, &job.key.kind)
                && filter.due.from.is_none_or(|from| job.due_at >= from)
                && filter.due.until.is_none_or(|until| job.due_at < until)
                && is_just(filter.subject.as_ref(), Some(&job.key.subject))
                && is_just(
                    filter.merchant_id.as_ref(),
                    job.key.subject.owner.merchant(),
                )
                && match filter.held_by {
                    None => true,
                    Some(Holder::Nobody) => held_by.is_none(),
                    Some(Holder::AnyNode) => held_by.is_some(),
                    Some(Holder::Node(node)) => *held_by == Some(node),
                }
        });
        let order = |due_at: Timestamp, key: &JobKey| {
            let subject = &key.subject;
            let owner = subject.owner.name().into_owned();
            (due_at, owner, subject.no, key.kind.as_str(), key.about)
        };
        rows.sort_by_key(|row| order(row.job.due_at, &row.job.key));
        if let Some(after) = &asked.after {
            match JobRow::parse_place(after) {
                Some(place) => {
                    let place = order(place.due_at, &place.key);
                    rows.retain(|row| order(row.job.due_at, &row.job.key) > place);
                }
                None => rows.clear(),
            }
        }
        Listed::of(rows, asked, JobRow::place)
    }

    fn report_day(&self, from: Timestamp, until: Timestamp) -> Vec<DayRow> {
        type Place = (MerchantId, Option<&'static str>, Option<ChannelAccountId>);
        let mut lines: BTreeMap<Place, Sums> = BTreeMap::new();
        for shelf in self.orders.values() {
            let merchant = &shelf.order.merchant_id;
            for entry in self.trail(&shelf.order.subject()).entries {
                if entry.at < from || entry.at >= until {
                    continue;
                }
                let mut attempts = shelf.attempts.iter();
                let of_it = attempts.find(|of| Some(of.attempt_no) == entry.cause.attempt_no);
                let route = of_it.map(|attempt| &attempt.route);
                let wallet = route.map(|route| route.wallet.as_str());
                let account = route.map(|route| route.channel_account_id.clone());
                let debits = entry.lines.iter().map(|line| line.amount_fen.max(0));
                let line = lines
                    .entry((merchant.clone(), wallet, account))
                    .or_default();
                line.add(entry.kind, 1, debits.sum());
            }
        }
        let row = |((merchant_id, wallet, account), sums): (Place, Sums)| DayRow {
            merchant_id,
            wallet: wallet.and_then(WalletKind::parse),
            channel_account_id: account,
            sums,
        };
        lines.into_iter().map(row).collect()
    }

    fn page_merchants(&self, filter: &MerchantFilter, asked: &Page) -> Listed<Enrolment> {
        let mut rows = self.list_merchants();
        rows.retain(|row| {
            let merchant = &row.merchant;
            let is_its = |app: &App| {
                filter.agent.as_ref().is_none_or(|agent| {
                    app.dialect_id == agent.dialect_id
                        && app.agent_id.as_ref() == Some(&agent.agent_id)
                })
            };
            let is_found = |text: &String| {
                merchant.merchant_id.as_str().starts_with(text)
                    || merchant.name.contains(text)
                    || merchant.short_name.contains(text)
                    || row
                        .apps
                        .iter()
                        .any(|app| app.app_id.as_str().starts_with(text))
            };
            let goes = |of: &Contract| {
                is_just(
                    filter.channel_account_id.as_ref(),
                    Some(&of.channel_account_id),
                ) && is_just(filter.wallet.as_ref(), Some(&of.wallet))
            };
            let is_any = filter.channel_account_id.is_none() && filter.wallet.is_none();
            is_just(filter.state.as_ref(), Some(&merchant.state))
                && (filter.agent.is_none() || row.apps.iter().any(is_its))
                && (is_any || row.contracts.iter().any(goes))
                && filter.text.as_ref().is_none_or(is_found)
        });
        by_name(rows, asked, |row| row.merchant.merchant_id.to_string())
    }

    /// Whether an agent's door is open: its own and its party's.
    fn is_open(&self, agent: &Agent) -> bool {
        let party = self.parties.get(&agent.party_id);
        agent.is_enabled && party.is_some_and(|party| party.is_enabled)
    }

    fn page_agents(&self, filter: &AgentFilter, asked: &Page) -> Listed<AgentRow> {
        let fits = |agent: &&Agent| {
            is_just(filter.dialect_id.as_ref(), Some(&agent.dialect_id))
                && filter
                    .is_enabled
                    .is_none_or(|wanted| wanted == self.is_open(agent))
                && filter.text.as_ref().is_none_or(|text| {
                    let party = self.parties.get(&agent.party_id);
                    agent.agent_id.as_str().starts_with(text)
                        || party.is_some_and(|party| party.name.contains(text))
                })
        };
        let row = |agent: &Agent| {
            let is_its = |app: &&App| {
                app.dialect_id == agent.dialect_id && app.agent_id.as_ref() == Some(&agent.agent_id)
            };
            let brought = self.apps.values().filter(is_its);
            let merchants: BTreeSet<_> = brought.map(|app| &app.merchant_id).collect();
            AgentRow {
                merchant_count: merchants.len() as u64,
                agent: agent.clone(),
            }
        };
        let rows = self.agents.values().filter(fits).map(row);
        by_name(rows.collect(), asked, |AgentRow { agent, .. }| {
            format!("{} {}", agent.dialect_id, agent.agent_id)
        })
    }

    fn page_channel_accounts(&self, filter: &AccountFilter, asked: &Page) -> Listed<AccountRow> {
        let fits = |account: &&ChannelAccount| {
            let id = account.channel_account_id.as_str();
            is_just(filter.channel_id.as_ref(), Some(&account.channel_id))
                && filter.text.as_ref().is_none_or(|text| id.starts_with(text))
        };
        let row = |account: &ChannelAccount| {
            let contracts = self.contracts.values();
            let through =
                contracts.filter(|of| of.channel_account_id == account.channel_account_id);
            AccountRow {
                contract_count: through.count() as u64,
                account: account.clone(),
            }
        };
        let rows = self.accounts.values().filter(fits).map(row);
        by_name(rows.collect(), asked, |row| {
            row.account.channel_account_id.to_string()
        })
    }
}

/// The rows of a page that stand by name already.
fn by_name<T>(mut rows: Vec<T>, asked: &Page, name: impl Fn(&T) -> String) -> Listed<T> {
    if let Some(after) = &asked.after {
        rows.retain(|row| name(row).as_str() > after.as_str());
    }
    Listed::of(rows, asked, name)
}

type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

impl Lists for MemoryStore {
    fn list_orders(&self, filter: OrderFilter, page: Page) -> Answer<'_, Listed<OrderRow>> {
        self.answer(|books| books.list_orders(&filter, &page))
    }

    fn list_refunds(&self, filter: RefundFilter, page: Page) -> Answer<'_, Listed<RefundRow>> {
        self.answer(|books| books.list_refunds(&filter, &page))
    }

    fn page_notifications(
        &self,
        filter: NoticeFilter,
        page: Page,
    ) -> Answer<'_, Listed<NoticeRow>> {
        self.answer(|books| books.page_notifications(&filter, &page))
    }

    fn list_exchanges(
        &self,
        filter: ExchangeFilter,
        page: Page,
    ) -> Answer<'_, Listed<ExchangeRow>> {
        self.answer(|books| books.list_exchanges(&filter, &page))
    }

    fn list_jobs(&self, filter: JobFilter, page: Page) -> Answer<'_, Listed<JobRow>> {
        self.answer(|books| books.list_jobs(&filter, &page))
    }

    fn balances(&self, filter: JournalFilter) -> Answer<'_, Vec<Balance>> {
        self.answer(|books| books.balances(&filter))
    }

    fn list_journal(&self, filter: JournalFilter, page: Page) -> Answer<'_, Listed<BookedLine>> {
        self.answer(|books| books.list_journal(&filter, &page))
    }

    fn report_day(&self, from: Timestamp, until: Timestamp) -> Answer<'_, Vec<DayRow>> {
        self.answer(|books| books.report_day(from, until))
    }

    fn page_merchants(&self, filter: MerchantFilter, page: Page) -> Answer<'_, Listed<Enrolment>> {
        self.answer(|books| books.page_merchants(&filter, &page))
    }

    fn page_agents(&self, filter: AgentFilter, page: Page) -> Answer<'_, Listed<AgentRow>> {
        self.answer(|books| books.page_agents(&filter, &page))
    }

    fn page_channel_accounts(
        &self,
        filter: AccountFilter,
        page: Page,
    ) -> Answer<'_, Listed<AccountRow>> {
        self.answer(|books| books.page_channel_accounts(&filter, &page))
    }
}
