//! Who may trade.

use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{AgentRecord, AppRecord, Enrolment};
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract, Merchant, MerchantState};
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, DialectId};
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::wallet::WalletKind;
use rusqlite::{Connection, Result as Sqlite, Row, params};

use crate::sqlite::columns::Columns;
use crate::sqlite::fault::Fault;
use crate::sqlite::rows::{all, first};

fn read_merchant(row: &Row<'_>) -> Sqlite<Merchant> {
    let mut columns = Columns::of(row);
    Ok(Merchant {
        merchant_id: columns.name()?,
        name: columns.value()?,
        short_name: columns.value()?,
        state: columns.word(MerchantState::parse)?,
    })
}

fn read_agent(row: &Row<'_>) -> Sqlite<Agent> {
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

fn read_app(row: &Row<'_>) -> Sqlite<App> {
    let mut columns = Columns::of(row);
    Ok(App {
        dialect_id: columns.name()?,
        app_id: columns.name()?,
        merchant_id: columns.name()?,
        agent_id: columns.name_opt()?,
        partners: columns.json()?,
    })
}

fn read_contract(row: &Row<'_>) -> Sqlite<Contract> {
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

fn read_key(row: &Row<'_>) -> Sqlite<SealedKey> {
    let mut columns = Columns::of(row);
    Ok(SealedKey {
        owner: columns.value()?,
        role: columns.value()?,
        version: columns.value()?,
        sealed: columns.value()?,
        fingerprint: columns.value()?,
        is_proved: columns.value()?,
    })
}

fn read_account(row: &Row<'_>) -> Sqlite<ChannelAccount> {
    let mut columns = Columns::of(row);
    Ok(ChannelAccount {
        channel_account_id: columns.name()?,
        channel_id: columns.name()?,
        settings: columns.json()?,
    })
}

fn read_rate(row: &Row<'_>) -> Sqlite<(Currency, ExchangeRate)> {
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

fn contracts(connection: &Connection, merchant: &str) -> Result<Vec<Contract>, Fault> {
    let sql = "SELECT merchant_id, wallet, channel_account_id, sub_merchant_id, sub_app_id, fee
        FROM contract WHERE merchant_id = ?1 ORDER BY wallet";
    Ok(all(connection, sql, [merchant], read_contract)?)
}

/// An app with all that a request needs to know.
pub(crate) fn find_app(
    connection: &Connection,
    dialect: &DialectId,
    app: &AppId,
) -> Result<Option<AppRecord>, Fault> {
    let sql = "SELECT dialect_id, app_id, merchant_id, agent_id, partners FROM app
        WHERE dialect_id = ?1 AND app_id = ?2";
    let key = params![dialect.as_str(), app.as_str()];
    let Some(app) = first(connection, sql, key, read_app)? else {
        return Ok(None);
    };
    let merchant_id = app.merchant_id.as_str();
    let sql = "SELECT merchant_id, name, short_name, state FROM merchant WHERE merchant_id = ?1";
    let found = first(connection, sql, [merchant_id], read_merchant)?;
    let Some(merchant) = found else {
        return Ok(None);
    };
    let contracts = contracts(connection, merchant_id)?;
    let owner = KeyOwner::App(app.dialect_id.clone(), app.app_id.clone()).name();
    let keys = list_keys(connection, &owner)?;
    Ok(Some(AppRecord {
        app,
        merchant,
        contracts,
        keys,
    }))
}

const AGENTS: &str =
    "SELECT dialect_id, agent_id, name, is_enabled, settings, mini_programs FROM agent";

/// An agent and its keys.
pub(crate) fn find_agent(
    connection: &Connection,
    dialect: &DialectId,
    agent: &AgentId,
) -> Result<Option<AgentRecord>, Fault> {
    let sql = format!("{AGENTS} WHERE dialect_id = ?1 AND agent_id = ?2");
    let key = params![dialect.as_str(), agent.as_str()];
    let Some(agent) = first(connection, &sql, key, read_agent)? else {
        return Ok(None);
    };
    let owner = KeyOwner::Agent(agent.dialect_id.clone(), agent.agent_id.clone());
    let keys = list_keys(connection, &owner.name())?;
    Ok(Some(AgentRecord { agent, keys }))
}

/// All agents.
pub(crate) fn list_agents(connection: &Connection) -> Result<Vec<Agent>, Fault> {
    let sql = format!("{AGENTS} ORDER BY dialect_id, agent_id");
    Ok(all(connection, &sql, [], read_agent)?)
}

/// A channel account and its keys.
pub(crate) fn find_channel_account(
    connection: &Connection,
    account: &ChannelAccountId,
) -> Result<Option<(ChannelAccount, Vec<SealedKey>)>, Fault> {
    let sql = "SELECT channel_account_id, channel_id, settings FROM channel_account
        WHERE channel_account_id = ?1";
    let found = first(connection, sql, [account.as_str()], read_account)?;
    let Some(found) = found else { return Ok(None) };
    let keys = list_keys(
        connection,
        &KeyOwner::ChannelAccount(account.clone()).name(),
    )?;
    Ok(Some((found, keys)))
}

/// The exchange rates, by currency.
pub(crate) fn rates(connection: &Connection) -> Result<Vec<(Currency, ExchangeRate)>, Fault> {
    let sql = "SELECT currency, scaled, direction FROM exchange_rate ORDER BY currency";
    Ok(all(connection, sql, [], read_rate)?)
}

/// The keys of an owner, by role and age.
pub(crate) fn list_keys(connection: &Connection, owner: &str) -> Result<Vec<SealedKey>, Fault> {
    let sql = "SELECT owner, role, version, sealed, fingerprint, is_proved
        FROM sealed_key WHERE owner = ?1 ORDER BY role, version";
    Ok(all(connection, sql, [owner], read_key)?)
}

/// All merchants with what belongs to them, by id.
pub(crate) fn list_merchants(connection: &Connection) -> Result<Vec<Enrolment>, Fault> {
    let sql = "SELECT merchant_id, name, short_name, state FROM merchant ORDER BY merchant_id";
    let mut enrolments = Vec::new();
    for merchant in all(connection, sql, [], read_merchant)? {
        let merchant_id = merchant.merchant_id.as_str();
        let sql = "SELECT dialect_id, app_id, merchant_id, agent_id, partners FROM app
            WHERE merchant_id = ?1 ORDER BY dialect_id, app_id";
        let apps = all(connection, sql, [merchant_id], read_app)?;
        let contracts = contracts(connection, merchant_id)?;
        enrolments.push(Enrolment {
            merchant,
            apps,
            contracts,
        });
    }
    Ok(enrolments)
}
