//! What operators ask: executed by whoever holds the data folder.
//!
//! A command takes the folder if nobody holds it and works on the books itself; otherwise it hands
//! its request to the serving process through a socket in the folder (ruling 51). Either way the
//! same code runs, so nothing is written behind a running process's back.

mod finance;
mod payouts;
mod signatures;
pub(crate) mod socket;

pub(crate) use finance::FinanceRequest;
pub(crate) use payouts::PayoutRequest;
pub(crate) use signatures::{PastedRequest, sign_request};

use futures::future::BoxFuture;
use heliu_office::Office;
use heliu_office::actor::Actor;
use heliu_office::agents::{AgentChange, AgentName, AgentsAsked, NewAgent, NewWire};
use heliu_office::applications::{ApplicationsAsked, Passing};
use heliu_office::books::BookAsked;
use heliu_office::channels::{AccountsAsked, NewChannelAccount};
use heliu_office::day::RunAsked;
use heliu_office::error::OfficeError;
use heliu_office::exchanges::ExchangesAsked;
use heliu_office::fees::{FeesAsked, NewFees};
use heliu_office::jobs::JobsAsked;
use heliu_office::keys::Rotation;
use heliu_office::merchants::{MerchantChange, MerchantsAsked, NewApp, NewMerchant};
use heliu_office::notifications::NoticesAsked;
use heliu_office::orders::OrdersAsked;
use heliu_office::paging::Part;
use heliu_office::refunds::RefundsAsked;
use heliu_office::statements::Publishing;
use heliu_office::{
    agents, applications, audit, books, calendar, channels, clock, day, exchanges, fees, jobs,
    keys, merchants, notifications, orders, people, rates, refunds, report, statements,
};
use heliu_ports::store::AuditFilter;
use heliu_trade::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Config;
use crate::failure::Failure;
use crate::folder::{Folder, NotTaken};
use crate::mode::Mode;
use crate::platform::Books;
use crate::system_user;

/// The socket's name in the data folder.
pub(crate) const SOCKET_FILE: &str = "admin.sock";

/// What an operator asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// Enrol a merchant with one app.
    AddMerchant(NewMerchant),
    /// Write a further app of a merchant that stands.
    AddApp {
        /// Whose.
        merchant_id: String,
        /// Which.
        app: NewApp,
    },
    /// Merchants, by id.
    ListMerchants(MerchantsAsked, Part),
    /// One merchant.
    ShowMerchant {
        /// Which.
        merchant_id: String,
    },
    /// Open the trade of a merchant that was disabled.
    EnableMerchant {
        /// Which.
        merchant_id: String,
    },
    /// Shut a merchant's trade.
    DisableMerchant {
        /// Which.
        merchant_id: String,
    },
    /// Change a merchant's names and contracts, and switches and partners of an app.
    SetMerchant(MerchantChange),
    /// Statement files, newest first.
    ListStatements(Part),
    /// One statement file.
    ShowStatement {
        /// Our number of it.
        statement_no: String,
    },
    /// Make statement files of a closed day.
    PublishStatements(Publishing),
    /// Applications, newest first.
    ListApplications(ApplicationsAsked, Part),
    /// One application.
    ShowApplication {
        /// Our number of it.
        application_no: String,
    },
    /// Let an application pass.
    PassApplication(Passing),
    /// Reject an application.
    RejectApplication {
        /// Our number of it.
        application_no: String,
        /// Why, for its agent.
        reason: String,
    },
    /// What people of finance ask.
    Finance(FinanceRequest),
    /// What people of finance ask about money's way out.
    Payouts(PayoutRequest),
    /// Change an agent's name and parent, and switches on a wire.
    SetAgent(AgentChange),
    /// Write an agent with its first wire.
    AddAgent(NewAgent),
    /// Put an agent on a further wire.
    AddAgentWire {
        /// Which.
        party: AgentName,
        /// Its number and keys there.
        wire: NewWire,
    },
    /// Agents, by dialect and number.
    ListAgents(AgentsAsked, Part),
    /// One agent.
    ShowAgent(AgentName),
    /// Make the next version of an agent's key, or end the overlap.
    RotateAgentKey {
        /// Whose.
        agent: AgentName,
        /// How.
        rotation: Rotation,
    },
    /// Open or shut an agent's door.
    SetAgentEnabled {
        /// Whose.
        agent: AgentName,
        /// Open.
        is_enabled: bool,
    },
    /// Write a channel account.
    PutChannelAccount(NewChannelAccount),
    /// Fingerprints of an owner's keys.
    ListKeys {
        /// As `app:DIALECT:APP`, `agent:DIALECT:AGENT` or `channel_account:ID`.
        owner: String,
    },
    /// Make the next version of a key, or end the overlap.
    RotateKey {
        /// As `app:DIALECT:APP` or `agent:DIALECT:AGENT`.
        owner: String,
        /// How.
        rotation: Rotation,
    },
    /// Remove a channel account.
    RemoveChannelAccount {
        /// Which.
        channel_account_id: String,
    },
    /// Channel accounts, by id.
    ListChannelAccounts(AccountsAsked, Part),
    /// One channel account.
    ShowChannelAccount {
        /// Which.
        channel_account_id: String,
    },
    /// What an owner pays, or all agents.
    ListFees(FeesAsked),
    /// Write the next version of what an owner pays.
    SetFees(NewFees),
    /// Propose it to another person.
    ProposeFees(NewFees),
    /// Write an exchange rate.
    SetRate {
        /// The currency.
        currency: String,
        /// CNY per unit, or units per CNY with `divides`.
        rate: String,
        /// The rate divides.
        divides: bool,
    },
    /// Take no more orders in a currency.
    RemoveRate {
        /// The currency.
        currency: String,
    },
    /// All exchange rates.
    ListRates,
    /// Everything about an order.
    ShowOrder {
        /// Anybody's number of it.
        number: String,
    },
    /// How an order stands, with news from the channel.
    QueryOrder {
        /// Anybody's number of it.
        number: String,
    },
    /// Close an order.
    CloseOrder {
        /// Anybody's number of it.
        number: String,
    },
    /// Give back an order's money.
    RefundOrder {
        /// Anybody's number of it.
        number: String,
        /// In minor units of its currency; absent: all that is left.
        amount_minor: Option<i64>,
        /// Why.
        reason: String,
    },
    /// One exchange.
    ShowExchange {
        /// The id that its answer carried.
        request_id: String,
    },
    /// Orders, newest first.
    ListOrders(OrdersAsked, Part),
    /// Refunds, newest first.
    ListRefunds(RefundsAsked, Part),
    /// Notifications, newest first.
    ListNotifications(NoticesAsked, Part),
    /// Exchanges, newest first.
    ListExchanges(ExchangesAsked, Part),
    /// Jobs, the earliest due first.
    ListJobs(JobsAsked, Part),
    /// What was booked on a day.
    ReportDay {
        /// When it begins (UTC).
        midnight: Timestamp,
    },
    /// Deliver anew what has failed.
    RecoverNotifications {
        /// Since when (UTC).
        since: Timestamp,
    },
    /// Deliver a notification anew.
    ResendNotification {
        /// Which.
        number: String,
    },
    /// What stands on an owner's accounts.
    ShowBook(BookAsked),
    /// The lines behind it, in the order of what they are about.
    ListJournal(BookAsked, Part),
    /// The invariants against the books.
    CheckBooks,
    /// Put a person on the list.
    AddPerson {
        /// Their name.
        name: String,
        /// Their role.
        role: String,
    },
    /// The people.
    ListPeople,
    /// Give a person another role.
    SetRole {
        /// Who.
        name: String,
        /// The role.
        role: String,
    },
    /// Let a person act, or no more.
    SetPersonEnabled {
        /// Who.
        name: String,
        /// Whether they may.
        is_enabled: bool,
    },
    /// The years whose holidays are known.
    ListCalendar,
    /// Whether a year that is near has no holidays.
    CalendarNotice,
    /// Put the years of a table in the place of those that stand.
    ImportCalendar {
        /// The table.
        table: String,
    },
    /// What the clock says.
    ShowClock,
    /// Move a sandbox's clock.
    MoveClock {
        /// To when (UTC).
        at: Timestamp,
    },
    /// Make the steps of a business date ready.
    OpenDay {
        /// Which; the last that is over without it.
        date: Option<String>,
    },
    /// Run a step of a business date.
    RunDayStep(RunAsked),
    /// The steps of a business date.
    ShowDay {
        /// Which; the last that is over without it.
        date: Option<String>,
    },
    /// The record of who did what, newest first.
    ListAudit(AuditQuery),
    /// Whether the record holds.
    CheckAudit,
    /// Sign a request with an app's key.
    Sign(PastedRequest),
    /// Say which reading of a request's signature holds.
    Verify(PastedRequest),
}

/// Which rows of the record; as [`AuditFilter`].
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct AuditQuery {
    pub(crate) actor: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) before_seq: Option<u64>,
    pub(crate) limit: u32,
}

/// A request, and who says to make it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// The person of the list.
    pub(crate) operator: Option<String>,
    /// What is asked.
    pub(crate) request: Request,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// It was done: the use case's value, which whoever asked knows.
    Done(Value),
    /// It was not: why, for people.
    Refused(String),
}

/// Does it, here, for a user of the machine.
async fn answer(office: &Office, asked: Asked, system_user: &str) -> Answer {
    let identifying = Actor::identify(office, asked.operator.as_deref(), system_user);
    let done = match identifying.await {
        Ok(actor) => execute(office, &actor, asked.request).await,
        Err(error) => Err(Failure::from(error)),
    };
    match done {
        Ok(value) => Answer::Done(value),
        Err(failure) => Answer::Refused(failure.to_string()),
    }
}

/// A use case's value, to be handed to whoever asked.
fn told<T: Serialize>(value: Result<T, OfficeError>) -> Result<Value, Failure> {
    Ok(serde_json::to_value(value?)?)
}

/// The value of the use case that a request names. Boxed, since it is as large as the largest of
/// them.
fn execute<'e>(
    office: &'e Office,
    actor: &'e Actor,
    request: Request,
) -> BoxFuture<'e, Result<Value, Failure>> {
    Box::pin(async move {
        match request {
            Request::AddMerchant(new) => told(merchants::add(office, actor, new).await),
            Request::AddApp { merchant_id, app } => {
                told(merchants::add_app(office, actor, &merchant_id, app).await)
            }
            Request::ListMerchants(asked, part) => {
                told(merchants::list(office, actor, asked, part).await)
            }
            Request::ShowMerchant { merchant_id } => {
                told(merchants::show(office, actor, &merchant_id).await)
            }
            Request::EnableMerchant { merchant_id } => {
                told(merchants::enable(office, actor, &merchant_id).await)
            }
            Request::DisableMerchant { merchant_id } => {
                told(merchants::disable(office, actor, &merchant_id).await)
            }
            Request::SetMerchant(change) => told(merchants::set(office, actor, change).await),
            Request::ListStatements(part) => told(statements::list(office, actor, part).await),
            Request::ShowStatement { statement_no } => {
                told(statements::show(office, actor, &statement_no).await)
            }
            Request::PublishStatements(publishing) => {
                told(statements::publish(office, actor, publishing).await)
            }
            Request::ListCalendar => told(calendar::list(office, actor).await),
            Request::CalendarNotice => told(calendar::notice(office, actor).await),
            Request::ImportCalendar { table } => {
                told(calendar::import(office, actor, &table).await)
            }
            Request::ShowClock => told(clock::show(office, actor)),
            Request::MoveClock { at } => told(clock::advance(office, actor, at).await),
            Request::OpenDay { date } => told(day::open(office, actor, date.as_deref()).await),
            Request::RunDayStep(asked) => told(day::run(office, actor, asked).await),
            Request::ShowDay { date } => told(day::show(office, actor, date.as_deref()).await),
            Request::ListApplications(asked, part) => {
                told(applications::list(office, actor, asked, part).await)
            }
            Request::ShowApplication { application_no } => {
                told(applications::show(office, actor, &application_no).await)
            }
            Request::PassApplication(passing) => {
                told(applications::pass(office, actor, passing).await)
            }
            Request::RejectApplication {
                application_no,
                reason,
            } => {
                let done = applications::reject(office, actor, &application_no, &reason);
                told(done.await)
            }
            Request::Finance(request) => finance::execute(office, actor, request).await,
            Request::Payouts(request) => payouts::execute(office, actor, request).await,
            Request::SetAgent(change) => told(agents::set(office, actor, change).await),
            Request::AddAgentWire { party, wire } => {
                told(agents::add_wire(office, actor, &party, wire).await)
            }
            Request::AddAgent(new) => told(agents::add(office, actor, new).await),
            Request::ListAgents(asked, part) => {
                told(agents::list(office, actor, asked, part).await)
            }
            Request::ShowAgent(name) => told(agents::show(office, actor, &name).await),
            Request::RotateAgentKey { agent, rotation } => {
                told(agents::rotate_key(office, actor, &agent, rotation).await)
            }
            Request::SetAgentEnabled { agent, is_enabled } => {
                told(agents::set_enabled(office, actor, &agent, is_enabled).await)
            }
            Request::PutChannelAccount(new) => told(channels::put(office, actor, new).await),
            Request::ListChannelAccounts(asked, part) => {
                told(channels::list(office, actor, asked, part).await)
            }
            Request::ShowChannelAccount { channel_account_id } => {
                told(channels::show(office, actor, &channel_account_id).await)
            }
            Request::RemoveChannelAccount { channel_account_id } => {
                told(channels::remove(office, actor, &channel_account_id).await)
            }
            Request::ListKeys { owner } => told(keys::list(office, actor, owner).await),
            Request::RotateKey { owner, rotation } => {
                told(keys::rotate_named(office, actor, &owner, rotation).await)
            }
            Request::ListFees(asked) => told(fees::list(office, actor, asked).await),
            Request::SetFees(new) => told(fees::set(office, actor, new).await),
            Request::ProposeFees(new) => told(fees::propose(office, actor, new).await),
            Request::SetRate {
                currency,
                rate,
                divides,
            } => told(rates::set(office, actor, &currency, &rate, divides).await),
            Request::RemoveRate { currency } => told(rates::remove(office, actor, &currency).await),
            Request::ListRates => told(rates::list(office, actor).await),
            Request::ShowOrder { number } => told(orders::show(office, actor, &number).await),
            Request::QueryOrder { number } => told(orders::query(office, actor, &number).await),
            Request::CloseOrder { number } => told(orders::close(office, actor, &number).await),
            Request::RefundOrder {
                number,
                amount_minor,
                reason,
            } => told(orders::refund(office, actor, &number, amount_minor, reason).await),
            Request::ShowExchange { request_id } => {
                told(exchanges::show(office, actor, &request_id).await)
            }
            Request::ListOrders(asked, part) => {
                told(orders::list(office, actor, asked, part).await)
            }
            Request::ListRefunds(asked, part) => {
                told(refunds::list(office, actor, asked, part).await)
            }
            Request::ListNotifications(asked, part) => {
                told(notifications::list(office, actor, asked, part).await)
            }
            Request::ListExchanges(asked, part) => {
                told(exchanges::list(office, actor, asked, part).await)
            }
            Request::ListJobs(asked, part) => told(jobs::list(office, actor, asked, part).await),
            Request::ReportDay { midnight } => told(report::day(office, actor, midnight).await),
            Request::RecoverNotifications { since } => {
                told(notifications::recover(office, actor, since).await)
            }
            Request::ResendNotification { number } => {
                told(notifications::resend(office, actor, &number).await)
            }
            Request::ShowBook(asked) => told(books::show(office, actor, asked).await),
            Request::ListJournal(asked, part) => {
                told(books::entries(office, actor, asked, part).await)
            }
            Request::CheckBooks => told(books::check(office, actor).await),
            Request::AddPerson { name, role } => {
                told(people::add(office, actor, name, &role).await)
            }
            Request::ListPeople => told(people::list(office, actor).await),
            Request::SetRole { name, role } => {
                told(people::set_role(office, actor, &name, &role).await)
            }
            Request::SetPersonEnabled { name, is_enabled } => {
                told(people::set_enabled(office, actor, &name, is_enabled).await)
            }
            Request::ListAudit(query) => {
                let filter = AuditFilter {
                    actor: query.actor,
                    subject: query.subject,
                    action: query.action,
                    since: query.since,
                    until: query.until,
                    before_seq: query.before_seq,
                    limit: query.limit,
                };
                told(audit::list(office, actor, filter).await)
            }
            Request::CheckAudit => told(audit::check(office, actor).await),
            Request::Sign(pasted) => Ok(signatures::sign(office.engine(), pasted).await?.into()),
            Request::Verify(pasted) => {
                Ok(signatures::verify(office.engine(), pasted).await?.into())
            }
        }
    })
}

/// Does it, wherever the folder is held. `T` is what the use case returns.
pub(crate) async fn ask<T: DeserializeOwned>(config: &Config, asked: Asked) -> Result<T, Failure> {
    let answer = match Folder::take(&config.books.data) {
        Ok(folder) => {
            let books = Books::open(config, &folder, Mode::Command).await?;
            let public_url = config.listeners.public_url.as_deref().unwrap_or_default();
            let office = Office::new(books.engine(config, public_url, None)?);
            // Live books refuse to be opened with one.
            config.laboratory.arm();
            let answer = answer(&office, asked, &system_user::own()).await;
            books.store.close().await;
            answer
        }
        Err(NotTaken::Failed(failure)) => return Err(failure),
        Err(NotTaken::Held) => socket::ask(&config.books.data.join(SOCKET_FILE), &asked).await?,
    };
    match answer {
        Answer::Done(value) => Ok(serde_json::from_value(value)?),
        Answer::Refused(why) => Err(Failure::new(why)),
    }
}
