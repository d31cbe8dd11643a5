//! Who may trade.

use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{AgentRecord, AppRecord, Enrolment};
use heliu_trade::calendar::HolidayYear;
use heliu_trade::directory::{Agent, ChannelAccount, Contract, Merchant};
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, DialectId, MerchantId, PartyId};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::parties::Party;
use rusqlite::{Connection, params};

use crate::rows::directory::{
    ACCOUNTS, AGENTS, APPS, BROUGHT, CONTRACTS, CONTRACTS_ORDER, FEE_TREE, FEES, FEES_ORDER,
    HOLIDAYS, KEYS_OF_OWNER, MERCHANTS, OF_AGENTS, PARTIES, RATES, read_account, read_agent,
    read_app, read_contract, read_fees, read_holidays, read_key, read_merchant, read_party,
    read_rate,
};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::{all, first};

fn contracts(connection: &Connection, merchant: &str) -> Result<Vec<Contract>, Fault> {
    let sql = format!("{CONTRACTS} WHERE merchant_id = $1 ORDER BY {CONTRACTS_ORDER}");
    all(connection, &sql, [merchant], read_contract)
}

/// What an owner pays, by its name.
pub(crate) fn list_fees(connection: &Connection, owner: &str) -> Result<Vec<FeeVersion>, Fault> {
    let sql = format!("{FEES} WHERE owner = $1 {FEES_ORDER}");
    all(connection, &sql, [owner], read_fees)
}

/// What all agents pay.
pub(crate) fn list_costs(connection: &Connection) -> Result<Vec<FeeVersion>, Fault> {
    let sql = format!("{FEES} WHERE {OF_AGENTS} {FEES_ORDER}");
    all(connection, &sql, [], read_fees)
}

/// What the merchants pay that a party brought.
pub(crate) fn list_fees_brought(
    connection: &Connection,
    party: &PartyId,
) -> Result<Vec<FeeVersion>, Fault> {
    let sql = format!("{FEES} WHERE {BROUGHT} {FEES_ORDER}");
    all(connection, &sql, [party.as_str()], read_fees)
}

/// An app with all that a request needs to know.
pub(crate) fn find_app(
    connection: &Connection,
    dialect: &DialectId,
    app: &AppId,
) -> Result<Option<AppRecord>, Fault> {
    let sql = format!("{APPS} WHERE dialect_id = $1 AND app_id = $2");
    let key = params![dialect.as_str(), app.as_str()];
    let Some(app) = first(connection, &sql, key, read_app)? else {
        return Ok(None);
    };
    let merchant_id = app.merchant_id.as_str();
    let sql = format!("{MERCHANTS} WHERE merchant_id = $1");
    let found = first(connection, &sql, [merchant_id], read_merchant)?;
    let Some(merchant) = found else {
        return Ok(None);
    };
    let contracts = contracts(connection, merchant_id)?;
    let fees = list_fees(connection, merchant_id)?;
    let owner = KeyOwner::App(app.dialect_id.clone(), app.app_id.clone()).name();
    let keys = list_keys(connection, &owner)?;
    Ok(Some(AppRecord {
        app,
        merchant,
        contracts,
        fees,
        keys,
    }))
}

/// An agent, its party and its keys.
pub(crate) fn find_agent(
    connection: &Connection,
    dialect: &DialectId,
    agent: &AgentId,
) -> Result<Option<AgentRecord>, Fault> {
    let sql = format!("{AGENTS} WHERE dialect_id = $1 AND agent_id = $2");
    let key = params![dialect.as_str(), agent.as_str()];
    let Some(agent) = first(connection, &sql, key, read_agent)? else {
        return Ok(None);
    };
    let sql = format!("{PARTIES} WHERE party_id = $1");
    let found = first(connection, &sql, [agent.party_id.as_str()], read_party)?;
    let Some(party) = found else {
        return Ok(None);
    };
    let owner = KeyOwner::Agent(agent.dialect_id.clone(), agent.agent_id.clone());
    let keys = list_keys(connection, &owner.name())?;
    Ok(Some(AgentRecord { agent, party, keys }))
}

/// The state of who pays what.
pub(crate) fn fee_tree(connection: &Connection) -> Result<u64, Fault> {
    let revision = first(connection, FEE_TREE, [], |columns| columns.number())?;
    Ok(revision.unwrap_or(0))
}

/// The tables of holidays that were imported.
pub(crate) fn holidays(connection: &Connection) -> Result<Vec<HolidayYear>, Fault> {
    all(connection, HOLIDAYS, [], read_holidays)
}

/// All parties.
pub(crate) fn list_parties(connection: &Connection) -> Result<Vec<Party>, Fault> {
    let sql = format!("{PARTIES} ORDER BY party_id");
    all(connection, &sql, [], read_party)
}

/// All agents.
pub(crate) fn list_agents(connection: &Connection) -> Result<Vec<Agent>, Fault> {
    let sql = format!("{AGENTS} ORDER BY dialect_id, agent_id");
    all(connection, &sql, [], read_agent)
}

/// A channel account and its keys.
pub(crate) fn find_channel_account(
    connection: &Connection,
    account: &ChannelAccountId,
) -> Result<Option<(ChannelAccount, Vec<SealedKey>)>, Fault> {
    let sql = format!("{ACCOUNTS} WHERE channel_account_id = $1");
    let found = first(connection, &sql, [account.as_str()], read_account)?;
    let Some(found) = found else { return Ok(None) };
    let keys = list_keys(
        connection,
        &KeyOwner::ChannelAccount(account.clone()).name(),
    )?;
    Ok(Some((found, keys)))
}

/// All channel accounts, by id.
pub(crate) fn list_channel_accounts(connection: &Connection) -> Result<Vec<ChannelAccount>, Fault> {
    let sql = format!("{ACCOUNTS} ORDER BY channel_account_id");
    all(connection, &sql, [], read_account)
}

/// The exchange rates, by currency.
pub(crate) fn rates(connection: &Connection) -> Result<Vec<(Currency, ExchangeRate)>, Fault> {
    all(connection, RATES, [], read_rate)
}

/// The keys of an owner, by role and age.
pub(crate) fn list_keys(connection: &Connection, owner: &str) -> Result<Vec<SealedKey>, Fault> {
    all(connection, KEYS_OF_OWNER, [owner], read_key)
}

/// A merchant with what belongs to it.
pub(crate) fn find_merchant(
    connection: &Connection,
    merchant_id: &MerchantId,
) -> Result<Option<Enrolment>, Fault> {
    let sql = format!("{MERCHANTS} WHERE merchant_id = $1");
    let found = first(connection, &sql, [merchant_id.as_str()], read_merchant)?;
    found
        .map(|merchant| enrolment(connection, merchant))
        .transpose()
}

/// All merchants with what belongs to them, by id.
pub(crate) fn list_merchants(connection: &Connection) -> Result<Vec<Enrolment>, Fault> {
    let sql = format!("{MERCHANTS} ORDER BY merchant_id");
    let merchants = all(connection, &sql, [], read_merchant)?.into_iter();
    merchants
        .map(|merchant| enrolment(connection, merchant))
        .collect()
}

fn enrolment(connection: &Connection, merchant: Merchant) -> Result<Enrolment, Fault> {
    let merchant_id = merchant.merchant_id.as_str();
    let sql = format!("{APPS} WHERE merchant_id = $1 ORDER BY dialect_id, app_id");
    let apps = all(connection, &sql, [merchant_id], read_app)?;
    let contracts = contracts(connection, merchant_id)?;
    Ok(Enrolment {
        merchant,
        apps,
        contracts,
    })
}
