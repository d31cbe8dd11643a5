//! What operators ask: executed by whoever holds the data folder.
//!
//! A command takes the folder if nobody holds it and works on the books itself; otherwise it hands its
//! request to the serving process through a socket in the folder (ruling 51). Either way the same code
//! runs, so nothing is written behind a running process's back.

mod agents;
mod books;
mod contracts;
mod directory;
mod enrol;
mod exchanges;
mod keys;
mod merchants;
mod notifications;
mod orders;
mod signatures;
pub(crate) mod socket;
mod switches;
mod text;

pub(crate) use agents::{AgentName, NewAgent};
pub(crate) use contracts::NewContract;
pub(crate) use directory::NewChannelAccount;
pub(crate) use enrol::{NewApp, NewMerchant, sow as sow_merchant};
pub(crate) use keys::{Rotation, dialect_of};
pub(crate) use merchants::MerchantChange;
pub(crate) use signatures::{PastedRequest, sign_request};

use std::collections::BTreeMap;

use heliu_engine::Engine;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::failure::Failure;
use crate::folder::{Folder, NotTaken};
use crate::mode::Mode;
use crate::platform::Books;

/// The socket's name in the data folder.
pub(crate) const SOCKET_FILE: &str = "admin.sock";

/// What an operator asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
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
    /// All merchants.
    ListMerchants,
    /// One merchant.
    ShowMerchant {
        /// Which.
        merchant_id: String,
    },
    /// Open a merchant's trade.
    ActivateMerchant {
        /// Which.
        merchant_id: String,
        /// Contracts that it gets.
        contracts: Vec<NewContract>,
        /// Tokens of those, or of contracts that stand, by wallet.
        tokens: BTreeMap<String, String>,
    },
    /// Shut a merchant's trade.
    DisableMerchant {
        /// Which.
        merchant_id: String,
    },
    /// Change a merchant's names, and switches and partners of an app.
    SetMerchant(MerchantChange),
    /// Change switches of an agent.
    SetAgent {
        /// Which.
        agent: AgentName,
        /// By their names; an empty text takes one away.
        settings: BTreeMap<String, String>,
    },
    /// Write an agent.
    AddAgent(NewAgent),
    /// All agents.
    ListAgents,
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
    PutChannelAccount(directory::NewChannelAccount),
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
    /// Write an exchange rate.
    SetRate {
        /// The currency.
        currency: String,
        /// CNY per unit, or units per CNY with `divides`; absent removes it.
        rate: Option<String>,
        /// The rate divides.
        divides: bool,
    },
    /// All exchange rates.
    ListRates,
    /// Everything about an order.
    ShowOrder {
        /// Anybody's number of it.
        number: String,
    },
    /// One exchange.
    ShowExchange {
        /// The id that its answer carried.
        request_id: String,
    },
    /// Notifications, newest first.
    ListNotifications {
        /// Only those in this state.
        state: Option<String>,
        /// At most this many.
        limit: u32,
    },
    /// Deliver a notification anew.
    ResendNotification {
        /// Which.
        number: String,
    },
    /// The invariants against the books.
    CheckBooks,
    /// Sign a request with an app's key.
    Sign(signatures::PastedRequest),
    /// Say which reading of a request's signature holds.
    Verify(signatures::PastedRequest),
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// Whether it was done; the exit code follows.
    pub(crate) is_done: bool,
    /// For the terminal.
    pub(crate) text: String,
}

/// Does it, here.
pub(crate) async fn execute(engine: &Engine, request: Request) -> Answer {
    let result = match request {
        Request::AddMerchant(new) => enrol::add(engine, new).await,
        Request::AddApp { merchant_id, app } => enrol::add_app(engine, merchant_id, app).await,
        Request::ListMerchants => merchants::list(engine).await,
        Request::ShowMerchant { merchant_id } => merchants::show(engine, &merchant_id).await,
        Request::ActivateMerchant {
            merchant_id,
            contracts,
            tokens,
        } => merchants::activate(engine, merchant_id, contracts, &tokens).await,
        Request::DisableMerchant { merchant_id } => merchants::disable(engine, merchant_id).await,
        Request::SetMerchant(change) => merchants::set(engine, change).await,
        Request::SetAgent { agent, settings } => agents::set(engine, &agent, settings).await,
        Request::AddAgent(new) => agents::add(engine, new).await,
        Request::ListAgents => agents::list(engine).await,
        Request::ShowAgent(name) => agents::show(engine, &name).await,
        Request::RotateAgentKey { agent, rotation } => {
            agents::rotate_key(engine, &agent, rotation).await
        }
        Request::SetAgentEnabled { agent, is_enabled } => {
            agents::set_enabled(engine, &agent, is_enabled).await
        }
        Request::PutChannelAccount(new) => directory::put_channel_account(engine, new).await,
        Request::ListKeys { owner } => keys::list(engine, owner).await,
        Request::RotateKey { owner, rotation } => {
            keys::rotate_named(engine, &owner, rotation).await
        }
        Request::SetRate {
            currency,
            rate,
            divides,
        } => directory::set_rate(engine, &currency, rate.as_deref(), divides).await,
        Request::ListRates => directory::list_rates(engine).await,
        Request::ShowOrder { number } => orders::show(engine, number).await,
        Request::ShowExchange { request_id } => exchanges::show(engine, &request_id).await,
        Request::ListNotifications { state, limit } => {
            notifications::list(engine, state.as_deref(), limit).await
        }
        Request::ResendNotification { number } => notifications::resend(engine, &number).await,
        Request::CheckBooks => books::check(engine).await,
        Request::Sign(pasted) => signatures::sign(engine, pasted).await,
        Request::Verify(pasted) => signatures::verify(engine, pasted).await,
    };
    match result {
        Ok(text) => Answer {
            is_done: true,
            text,
        },
        Err(failure) => Answer {
            is_done: false,
            text: failure.to_string(),
        },
    }
}

/// Does it, wherever the folder is held.
pub(crate) async fn ask(config: &Config, request: Request) -> Result<String, Failure> {
    let answer = match Folder::take(&config.data) {
        Ok(folder) => {
            let books = Books::open(config, &folder, Mode::Command).await?;
            let public_url = config.public_url.as_deref().unwrap_or_default();
            let engine = books.engine(config, public_url, None)?;
            let answer = execute(&engine, request).await;
            books.store.close().await;
            answer
        }
        Err(NotTaken::Failed(failure)) => return Err(failure),
        Err(NotTaken::Held) => socket::ask(&config.data.join(SOCKET_FILE), &request).await?,
    };
    if answer.is_done {
        Ok(answer.text)
    } else {
        Err(Failure::new(answer.text))
    }
}
