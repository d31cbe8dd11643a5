//! Who may trade.

use deadpool_postgres::GenericClient;
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{AgentRecord, AppRecord, Enrolment};
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract, Merchant, MerchantState};
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, DialectId};
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::wallet::WalletKind;
use tokio_postgres::Row;

use crate::postgres::columns::Columns;
use crate::postgres::fault::Fault;
use crate::postgres::readers::{all, first};

fn read_merchant(row: &Row) -> Result<Merchant, Fault> {
    let mut columns = Columns::of(row);
    Ok(Merchant {
        merchant_id: columns.name()?,
        name: columns.value()?,
        short_name: columns.value()?,
        state: columns.word(MerchantState::parse)?,
    })
}

fn read_agent(row: &Row) -> Result<Agent, Fault> {
    let mut columns = Columns::of(row);
    Ok(Agent {
        dialect_id: columns.name()?,
        agent_id: columns.name()?,
        name: columns.value()?,
        is_enabled: columns.value()?,
        settings: columns.json()?,
        mini_programs: columns.json()?,
    })
}

fn read_app(row: &Row) -> Result<App, Fault> {
    let mut columns = Columns::of(row);
    Ok(App {
        dialect_id: columns.name()?,
        app_id: columns.name()?,
        merchant_id: columns.name()?,
        agent_id: columns.name_opt()?,
        partners: columns.json()?,
    })
}

fn read_contract(row: &Row) -> Result<Contract, Fault> {
    let mut columns = Columns::of(row);
    Ok(Contract {
        merchant_id: columns.name()?,
        wallet: columns.word(WalletKind::parse)?,
        channel_account_id: columns.name()?,
        sub_merchant_id: columns.value()?,
        sub_app_id: columns.value()?,
        fee: columns.json()?,
    })
}

fn read_key(row: &Row) -> Result<SealedKey, Fault> {
    let mut columns = Columns::of(row);
    Ok(SealedKey {
        owner: columns.value()?,
        role: columns.value()?,
        version: columns.count()?,
        sealed: columns.value()?,
        fingerprint: columns.value()?,
        is_proved: columns.value()?,
    })
}

fn read_account(row: &Row) -> Result<ChannelAccount, Fault> {
    let mut columns = Columns::of(row);
    Ok(ChannelAccount {
        channel_account_id: columns.name()?,
        channel_id: columns.name()?,
        settings: columns.json()?,
    })
}

fn read_rate(row: &Row) -> Result<(Currency, ExchangeRate), Fault> {
    let mut columns = Columns::of(row);
    let currency = columns.word(|text| text.parse().ok())?;
    let scaled = columns.value()?;
    Ok((
        currency,
        ExchangeRate {
            scaled,
            direction: columns.word(RateDirection::parse)?,
        },
    ))
}

const MERCHANTS: &str = "SELECT merchant_id, name, short_name, state FROM merchant";
const APPS: &str = "SELECT dialect_id, app_id, merchant_id, agent_id, partners FROM app";
const CONTRACTS: &str =
    "SELECT merchant_id, wallet, channel_account_id, sub_merchant_id, sub_app_id, fee
    FROM contract";
const AGENTS: &str =
    "SELECT dialect_id, agent_id, name, is_enabled, settings, mini_programs FROM agent";

async fn contracts(client: &impl GenericClient, merchant: &str) -> Result<Vec<Contract>, Fault> {
    let sql = format!("{CONTRACTS} WHERE merchant_id = $1 ORDER BY wallet");
    all(client, &sql, &[&merchant], read_contract).await
}

/// An app with all that a request needs to know.
pub(crate) async fn find_app(
    client: &impl GenericClient,
    dialect: &DialectId,
    app: &AppId,
) -> Result<Option<AppRecord>, Fault> {
    let sql = format!("{APPS} WHERE dialect_id = $1 AND app_id = $2");
    let (dialect, app) = (dialect.as_str(), app.as_str());
    let Some(app) = first(client, &sql, &[&dialect, &app], read_app).await? else {
        return Ok(None);
    };
    let merchant_id = app.merchant_id.as_str();
    let sql = format!("{MERCHANTS} WHERE merchant_id = $1");
    let Some(merchant) = first(client, &sql, &[&merchant_id], read_merchant).await? else {
        return Ok(None);
    };
    let contracts = contracts(client, merchant_id).await?;
    let owner = KeyOwner::App(app.dialect_id.clone(), app.app_id.clone()).name();
    let keys = list_keys(client, &owner).await?;
    Ok(Some(AppRecord {
        app,
        merchant,
        contracts,
        keys,
    }))
}

/// An agent and its keys.
pub(crate) async fn find_agent(
    client: &impl GenericClient,
    dialect: &DialectId,
    agent: &AgentId,
) -> Result<Option<AgentRecord>, Fault> {
    let sql = format!("{AGENTS} WHERE dialect_id = $1 AND agent_id = $2");
    let (dialect, agent) = (dialect.as_str(), agent.as_str());
    let Some(agent) = first(client, &sql, &[&dialect, &agent], read_agent).await? else {
        return Ok(None);
    };
    let owner = KeyOwner::Agent(agent.dialect_id.clone(), agent.agent_id.clone());
    let keys = list_keys(client, &owner.name()).await?;
    Ok(Some(AgentRecord { agent, keys }))
}

/// All agents.
pub(crate) async fn list_agents(client: &impl GenericClient) -> Result<Vec<Agent>, Fault> {
    let sql = format!("{AGENTS} ORDER BY dialect_id, agent_id");
    all(client, &sql, &[], read_agent).await
}

/// A channel account and its keys.
pub(crate) async fn find_channel_account(
    client: &impl GenericClient,
    account: &ChannelAccountId,
) -> Result<Option<(ChannelAccount, Vec<SealedKey>)>, Fault> {
    let sql = "SELECT channel_account_id, channel_id, settings FROM channel_account
        WHERE channel_account_id = $1";
    let found = first(client, sql, &[&account.as_str()], read_account).await?;
    let Some(found) = found else { return Ok(None) };
    let owner = KeyOwner::ChannelAccount(account.clone()).name();
    let keys = list_keys(client, &owner).await?;
    Ok(Some((found, keys)))
}

/// The exchange rates, by currency.
pub(crate) async fn rates(
    client: &impl GenericClient,
) -> Result<Vec<(Currency, ExchangeRate)>, Fault> {
    let sql = "SELECT currency, scaled, direction FROM exchange_rate ORDER BY currency";
    all(client, sql, &[], read_rate).await
}

/// The keys of an owner, by role and age.
pub(crate) async fn list_keys(
    client: &impl GenericClient,
    owner: &str,
) -> Result<Vec<SealedKey>, Fault> {
    let sql = "SELECT owner, role, version, sealed, fingerprint, is_proved
        FROM sealed_key WHERE owner = $1 ORDER BY role, version";
    all(client, sql, &[&owner], read_key).await
}

/// All merchants with what belongs to them, by id.
pub(crate) async fn list_merchants(client: &impl GenericClient) -> Result<Vec<Enrolment>, Fault> {
    let sql = format!("{MERCHANTS} ORDER BY merchant_id");
    let merchants = all(client, &sql, &[], read_merchant).await?;
    let sql = format!("{APPS} ORDER BY merchant_id, dialect_id, app_id");
    let mut apps = all(client, &sql, &[], read_app)
        .await?
        .into_iter()
        .peekable();
    let sql = format!("{CONTRACTS} ORDER BY merchant_id, wallet");
    let contracts = all(client, &sql, &[], read_contract).await?;
    let mut contracts = contracts.into_iter().peekable();
    let enrolments = merchants.into_iter().map(|merchant| {
        let id = merchant.merchant_id.clone();
        Enrolment {
            merchant,
            apps: std::iter::from_fn(|| apps.next_if(|app| app.merchant_id == id)).collect(),
            contracts: std::iter::from_fn(|| contracts.next_if(|of| of.merchant_id == id))
                .collect(),
        }
    });
    Ok(enrolments.collect())
}
