//! Lists for people: filtered, a page at a time, each answered within a second over a million
//! orders.
//!
//! Lists of what grows stand newest first, in the order of our numbers, which rise with time and
//! are unique over the platform (ruling 1). A page goes on where the one before ended, by key: what
//! is written meanwhile moves nothing, so no row is met twice and none is left out that was there.
//! An empty filter takes everything; what a filter names must all hold; of several values of one
//! member one must.

use heliu_trade::directory::{Agent, ChannelAccount, MerchantState};
use heliu_trade::followup::job::{Job, JobKey, JobKind};
use heliu_trade::followup::notification::{NoticeKind, Notification, NotificationState};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::{
    AgentId, AppId, ChannelAccountId, ChannelId, DialectId, MerchantId, OrderNo, PlatformNo,
    RefundNo,
};
use heliu_trade::ledger::EntryKind;
use heliu_trade::money::Currency;
use heliu_trade::order::OrderState;
use heliu_trade::refund::RefundState;
use heliu_trade::statement::Sums as StatementSums;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Scene, WalletKind};

use crate::books::Enrolment;
use crate::journal::{Balance, BookedLine, JournalFilter};
use crate::store_error::Answer;

/// Where a page ended: a text that only the list that gave it understands. After a text that is no
/// place in a list nothing comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// As it came back from where it was kept.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// To be kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where the page before ended; `None`: from the beginning.
    pub after: Option<Cursor>,
    /// Rows at most, 1 to [`Page::SIZE_MAX`]; what is beyond counts as the nearer end.
    pub size: u32,
}

impl Page {
    /// Rows of one page at most.
    pub const SIZE_MAX: u32 = 1000;

    /// The first page.
    #[must_use]
    pub const fn first(size: u32) -> Self {
        Self { after: None, size }
    }

    /// The page that goes on after a place.
    #[must_use]
    pub const fn after(cursor: Cursor, size: u32) -> Self {
        Self {
            after: Some(cursor),
            size,
        }
    }

    /// Rows at most, within its bounds.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.size.clamp(1, Self::SIZE_MAX)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// Where it ended, if there is more.
    pub next: Option<Cursor>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            next: None,
        }
    }
}

impl<T> Listed<T> {
    /// Whether more was found than a page takes.
    #[must_use]
    pub fn is_beyond(&self, page: &Page) -> bool {
        self.rows.len() > usize::try_from(page.rows()).unwrap_or(usize::MAX)
    }

    /// A page of up to `rows` found ones, of which a store looked for one more than fit. `place`
    /// says where one stands.
    #[must_use]
    pub fn of(mut found: Vec<T>, page: &Page, place: impl Fn(&T) -> String) -> Self {
        let size = usize::try_from(page.rows()).unwrap_or(usize::MAX);
        let has_more = found.len() > size;
        found.truncate(size);
        let last = found.last().filter(|_| has_more);
        Self {
            next: last.map(|row| Cursor(place(row))),
            rows: found,
        }
    }
}

/// A stretch of time by the second of our numbers, which is when they were given; it runs ahead of
/// the clock only where that was set back. Ends are instants (UTC); a second counts if any of it is
/// within.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// From here on, including it.
    pub from: Option<Timestamp>,
    /// Up to here, without it.
    pub until: Option<Timestamp>,
}

/// An agent, as a wire knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentKey {
    /// On which wire.
    pub dialect_id: DialectId,
    /// Its number there.
    pub agent_id: AgentId,
}

/// Which orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// When they came.
    pub created: Span,
    /// Whose.
    pub merchant_id: Option<MerchantId>,
    /// Of merchants' apps that this agent's keys sign for now.
    pub agent: Option<AgentKey>,
    /// In one of these states; empty: in any.
    pub states: Vec<OrderState>,
    /// Paid, or to be paid, by this wallet.
    pub wallet: Option<WalletKind>,
    /// As [`OrderRow::channel_account_id`].
    pub channel_account_id: Option<ChannelAccountId>,
    /// Charged at least this, in fen.
    pub charge_fen_min: Option<i64>,
    /// Charged at most this, in fen.
    pub charge_fen_max: Option<i64>,
    /// A number that begins so: the merchant's or ours of the order, ours of an attempt (sent
    /// upstream), the channel's of money that came, the merchant's or ours of a refund. Empty: any
    /// order.
    pub number: Option<String>,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// When it came (UTC).
    pub created_at: Timestamp,
    /// Whose.
    pub merchant_id: MerchantId,
    /// Under which app.
    pub app_id: AppId,
    /// On which wire that app is, if it is in the directory; of several the first.
    pub dialect_id: Option<DialectId>,
    /// Our number.
    pub order_no: OrderNo,
    /// The merchant's number.
    pub merchant_order_no: String,
    /// How payer and order meet.
    pub scene: Scene,
    /// Where it stands.
    pub state: OrderState,
    /// The wallet, once known.
    pub wallet: Option<WalletKind>,
    /// Of the attempt that paid it, else of the newest; `None` if there is none.
    pub channel_account_id: Option<ChannelAccountId>,
    /// What is charged, in fen.
    pub charge_fen: i64,
    /// The merchant's currency.
    pub currency: Currency,
    /// What the merchant asked, in minor units of it.
    pub amount_minor: i64,
    /// When its payer paid, as the channel says (UTC); once paid.
    pub paid_at: Option<Timestamp>,
    /// Of the payable, what refunds gave back so far, in fen.
    pub refunded_fen: i64,
    /// The fee charged, in fen; once paid.
    pub fee_fen: Option<i64>,
}

/// Which refunds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundFilter {
    /// When they were asked for.
    pub created: Span,
    /// Whose.
    pub merchant_id: Option<MerchantId>,
    /// Of merchants' apps that this agent's keys sign for now.
    pub agent: Option<AgentKey>,
    /// In one of these states; empty: in any.
    pub states: Vec<RefundState>,
    /// Of orders paid by this wallet.
    pub wallet: Option<WalletKind>,
    /// Of orders paid through this account.
    pub channel_account_id: Option<ChannelAccountId>,
    /// Of the payable at least this, in fen.
    pub payable_fen_min: Option<i64>,
    /// Of the payable at most this, in fen.
    pub payable_fen_max: Option<i64>,
    /// A number that begins so: the merchant's or ours of the refund, the merchant's or ours of its
    /// order.
    pub number: Option<String>,
}

/// A refund in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRow {
    /// When it was asked for (UTC).
    pub created_at: Timestamp,
    /// When its state became final (UTC).
    pub ended_at: Option<Timestamp>,
    /// Whose.
    pub merchant_id: MerchantId,
    /// Under which app it was asked for.
    pub app_id: AppId,
    /// As [`OrderRow::dialect_id`].
    pub dialect_id: Option<DialectId>,
    /// Our number.
    pub refund_no: RefundNo,
    /// The merchant's number.
    pub merchant_refund_no: String,
    /// Our number of its order.
    pub order_no: OrderNo,
    /// The merchant's number of its order.
    pub merchant_order_no: String,
    /// Where it stands.
    pub state: RefundState,
    /// Its order's wallet.
    pub wallet: Option<WalletKind>,
    /// Its order's channel account.
    pub channel_account_id: Option<ChannelAccountId>,
    /// The merchant's currency.
    pub currency: Currency,
    /// What is given back, in minor units of it.
    pub amount_minor: i64,
    /// Of the payable, in fen.
    pub payable_fen: i64,
    /// Of the payer's money, in fen.
    pub cash_fen: i64,
}

/// Which notifications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeFilter {
    /// When they were written.
    pub created: Span,
    /// Whose.
    pub merchant_id: Option<MerchantId>,
    /// In one of these states; empty: in any.
    pub states: Vec<NotificationState>,
    /// Of this kind.
    pub kind: Option<NoticeKind>,
}

/// A notification in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// The notification, without its body and moment, which a list does not read.
    pub notification: Notification,
    /// When its last delivery was begun (UTC).
    pub tried_at: Option<Timestamp>,
    /// What came back then: status and the beginning of the answer, or what went wrong.
    pub answer: Option<String>,
    /// When it is tried next (UTC); while it is under way, the end of the worker's lease.
    pub next_try_at: Option<Timestamp>,
}

/// Which exchanges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExchangeFilter {
    /// This one.
    pub exchange_no: Option<PlatformNo>,
    /// When they came.
    pub came: Span,
    /// Of apps of this merchant.
    pub merchant_id: Option<MerchantId>,
    /// On this wire.
    pub dialect_id: Option<DialectId>,
    /// Of this app.
    pub app_id: Option<AppId>,
    /// About this order.
    pub order_no: Option<OrderNo>,
    /// With this outcome.
    pub outcome: Option<OutcomeFilter>,
}

/// What came of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutcomeFilter {
    /// Just this word: `ok`, an order's state, or an error's code.
    Is(String),
    /// What was asked was done.
    Done,
    /// Answered with an error.
    Refused,
    /// No answer is in the log.
    Unanswered,
}

/// The outcomes of what was done: `ok`, or how the order stood that it was about. Every other one
/// is an error's code.
pub fn done_outcomes() -> impl Iterator<Item = &'static str> {
    let states = OrderState::ALL.into_iter().map(OrderState::as_str);
    std::iter::once("ok").chain(states)
}

/// An exchange in a list; [`crate::store::Exchanges::find_exchange`] has the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRow {
    /// Names the exchange.
    pub exchange_no: PlatformNo,
    /// When it came (UTC).
    pub at: Timestamp,
    /// On which wire.
    pub dialect_id: DialectId,
    /// Who signed, if the request named somebody whom we know.
    pub app_id: Option<AppId>,
    /// That app's merchant, if it is in the directory.
    pub merchant_id: Option<MerchantId>,
    /// Path.
    pub path: String,
    /// The address it came from.
    pub peer: String,
    /// The order it was about.
    pub order_no: Option<OrderNo>,
    /// Its answer; `None` if none is in the log.
    pub answer: Option<AnswerRow>,
}

/// The answer of an exchange in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// HTTP status.
    pub status: u16,
    /// `ok`, or the error's code.
    pub outcome: String,
    /// How long it took, in ms.
    pub duration_ms: i64,
}

/// Who holds a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Nobody: it waits for its time.
    Nobody,
    /// Some node's worker.
    AnyNode,
    /// A worker of this node.
    Node(u8),
}

/// Which jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Of one of these kinds; empty: of any.
    pub kinds: Vec<JobKind>,
    /// When they are due, to the ms; of a job that is held, when its lease ends.
    pub due: Span,
    /// Who holds them.
    pub held_by: Option<Holder>,
    /// What they serve.
    pub subject: Option<Subject>,
    /// Whose.
    pub merchant_id: Option<MerchantId>,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// The job.
    pub job: Job,
    /// The number of the node whose worker holds it; `None`: nobody does.
    pub held_by: Option<u8>,
}

/// Where a job stands in the list of jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPlace {
    /// When it is due.
    pub due_at: Timestamp,
    /// Which.
    pub key: JobKey,
}

impl JobRow {
    /// Its place, as text: two jobs that are due in the same instant stand by their keys' names.
    #[must_use]
    pub fn place(&self) -> String {
        let Job { key, due_at, .. } = &self.job;
        let (due_at, kind, owner) = (due_at.as_ms(), key.kind.as_str(), key.subject.owner.name());
        format!("{due_at} {} {kind} {} {owner}", key.subject.no, key.about)
    }

    /// The place of a text of [`JobRow::place`].
    #[must_use]
    pub fn parse_place(cursor: &Cursor) -> Option<JobPlace> {
        let mut parts = cursor.as_str().splitn(5, ' ');
        let due_at = Timestamp::from_ms(parts.next()?.parse().ok()?);
        let no = parts.next()?.parse().ok()?;
        let kind = JobKind::parse(parts.next()?)?;
        let about = parts.next()?.parse().ok()?;
        let owner = Owner::of_name(parts.next()?);
        let subject = Subject { owner, no };
        Some(JobPlace {
            due_at,
            key: JobKey {
                subject,
                kind,
                about,
            },
        })
    }
}

/// Which merchants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MerchantFilter {
    /// In this state.
    pub state: Option<MerchantState>,
    /// With an app that this agent's keys sign for.
    pub agent: Option<AgentKey>,
    /// With a contract for this wallet; with an account, through that one.
    pub wallet: Option<WalletKind>,
    /// With a contract through this account.
    pub channel_account_id: Option<ChannelAccountId>,
    /// Its id or an app's number begins so, or its name or short name has this in it, letters as
    /// they are.
    pub text: Option<String>,
}

/// Which agents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentFilter {
    /// On this wire.
    pub dialect_id: Option<DialectId>,
    /// Whether its door is open: its own and its party's.
    pub is_enabled: Option<bool>,
    /// Its number begins so, or its party's name has this in it, letters as they are.
    pub text: Option<String>,
}

/// An agent in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// The agent.
    pub agent: Agent,
    /// How many merchants it brought.
    pub merchant_count: u64,
}

/// Which channel accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// With this channel.
    pub channel_id: Option<ChannelId>,
    /// Its id begins so.
    pub text: Option<String>,
}

/// A channel account in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The account.
    pub account: ChannelAccount,
    /// How many contracts go through it.
    pub contract_count: u64,
}

/// What the journal says of a stretch of time, for one merchant, wallet and channel account. Counts
/// are of entries; amounts are in fen, of what the merchant receives, and none is negative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Payments.
    pub payment_count: u64,
    /// What they brought.
    pub taken_fen: i64,
    /// Fees on them.
    pub fee_charged_fen: i64,
    /// Refunds that ended well.
    pub refund_count: u64,
    /// What they took back.
    pub refunded_fen: i64,
    /// Payments that were reversed.
    pub reversal_count: u64,
    /// What those took back.
    pub reversed_fen: i64,
    /// Fees given back with refunds and reversals.
    pub fee_returned_fen: i64,
    /// Money that no order wanted.
    pub surplus_received_fen: i64,
    /// What of it was given back.
    pub surplus_returned_fen: i64,
}

impl Sums {
    /// What the rows of a statement about the same entries come to.
    #[must_use]
    pub const fn of_statement(&self) -> StatementSums {
        StatementSums {
            rows: self.payment_count + self.refund_count + self.reversal_count,
            in_fen: self.taken_fen,
            in_fee_fen: self.fee_charged_fen,
            out_fen: self.refunded_fen + self.reversed_fen,
            out_fee_fen: self.fee_returned_fen,
        }
    }

    /// Adds entries of a kind, and what they moved together, in fen.
    pub const fn add(&mut self, kind: EntryKind, count: u64, amount_fen: i64) {
        match kind {
            EntryKind::PaymentReceived => {
                self.payment_count += count;
                self.taken_fen += amount_fen;
            }
            EntryKind::FeeCharged => self.fee_charged_fen += amount_fen,
            EntryKind::RefundPaid => {
                self.refund_count += count;
                self.refunded_fen += amount_fen;
            }
            EntryKind::PaymentReversed => {
                self.reversal_count += count;
                self.reversed_fen += amount_fen;
            }
            EntryKind::FeeReturned => self.fee_returned_fen += amount_fen,
            EntryKind::SurplusReceived => self.surplus_received_fen += amount_fen,
            EntryKind::SurplusReturned => self.surplus_returned_fen += amount_fen,
            // What is between the channel, agents, banks and us, and an owner's way to its money,
            // moves none of these.
            EntryKind::ChannelCostAccrued
            | EntryKind::ChannelCostReturned
            | EntryKind::SettledDirect
            | EntryKind::ShareAccrued
            | EntryKind::ShareReturned
            | EntryKind::BridgeOut
            | EntryKind::BridgeIn
            | EntryKind::HoldPlaced
            | EntryKind::HoldReleased
            | EntryKind::HoldSeized
            | EntryKind::ReserveHeld
            | EntryKind::ReserveReleased
            | EntryKind::SettlementMade
            | EntryKind::WithdrawalAsked
            | EntryKind::PayoutFeeCharged
            | EntryKind::PayoutFeeReturned
            | EntryKind::PayoutSent
            | EntryKind::PayoutFailed
            | EntryKind::PayoutPaid
            | EntryKind::PayoutReturned
            | EntryKind::PayoutVoided
            | EntryKind::Adjusted => {}
        }
    }
}

/// A line of a day's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRow {
    /// Whose.
    pub merchant_id: MerchantId,
    /// The wallet of the attempt whose money moved.
    pub wallet: Option<WalletKind>,
    /// The channel account of that attempt.
    pub channel_account_id: Option<ChannelAccountId>,
    /// What was booked.
    pub sums: Sums,
}

/// Lists for people: a facet of the books.
pub trait Lists: Send + Sync {
    /// Orders, newest first by our number.
    fn list_orders(&self, filter: OrderFilter, page: Page) -> Answer<'_, Listed<OrderRow>>;

    /// Refunds, newest first by our number.
    fn list_refunds(&self, filter: RefundFilter, page: Page) -> Answer<'_, Listed<RefundRow>>;

    /// Notifications, newest first by our number, each with its last delivery and its next one.
    fn page_notifications(&self, filter: NoticeFilter, page: Page)
    -> Answer<'_, Listed<NoticeRow>>;

    /// Exchanges whose request is in the log, newest first.
    fn list_exchanges(&self, filter: ExchangeFilter, page: Page)
    -> Answer<'_, Listed<ExchangeRow>>;

    /// Jobs, the earliest due first.
    fn list_jobs(&self, filter: JobFilter, page: Page) -> Answer<'_, Listed<JobRow>>;

    /// What was booked from one instant up to another (UTC, to the ms), by merchant, wallet and
    /// channel account: sums of the journal's own rows. In the order of these three, by their
    /// words, what is not known first.
    fn report_day(&self, from: Timestamp, until: Timestamp) -> Answer<'_, Vec<DayRow>>;

    /// What stands on the accounts of a book, by their words; those that were never booked on are
    /// left out, as are those that were booked on later than what is asked for.
    fn balances(&self, filter: JournalFilter) -> Answer<'_, Vec<Balance>>;

    /// Lines of a book, in the order of what they are about, entry by entry.
    fn list_journal(&self, filter: JournalFilter, page: Page) -> Answer<'_, Listed<BookedLine>>;

    /// Merchants with what belongs to them, by id.
    fn page_merchants(&self, filter: MerchantFilter, page: Page) -> Answer<'_, Listed<Enrolment>>;

    /// Agents, by dialect and number.
    fn page_agents(&self, filter: AgentFilter, page: Page) -> Answer<'_, Listed<AgentRow>>;

    /// Channel accounts, by id.
    fn page_channel_accounts(
        &self,
        filter: AccountFilter,
        page: Page,
    ) -> Answer<'_, Listed<AccountRow>>;
}

#[cfg(test)]
mod tests {
    use heliu_trade::error::ErrorCode;

    use super::*;

    #[test]
    fn no_error_has_the_word_of_what_was_done() {
        for done in done_outcomes() {
            assert!(
                ErrorCode::ALL.iter().all(|code| code.as_str() != done),
                "{done}"
            );
        }
    }
}
