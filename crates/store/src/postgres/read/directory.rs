//! Who may trade.

use deadpool_postgres::GenericClient;
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{AgentRecord, AppRecord, Enrolment};
use heliu_trade::calendar::HolidayYear;
use heliu_trade::directory::{Agent, ChannelAccount, Contract};
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, DialectId, MerchantId, PartyId};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::parties::Party;

use crate::postgres::connections::{all, first};
use crate::postgres::fault::Fault;
use crate::rows::directory::{
    ACCOUNTS, AGENTS, APPS, BROUGHT, CONTRACTS, CONTRACTS_ORDER, FEE_TREE, FEES, FEES_ORDER,
    HOLIDAYS, KEYS_OF_OWNER, MERCHANTS, OF_AGENTS, PARTIES, RATES, enrolments, read_account,
    read_agent, read_app, read_contract, read_fees, read_holidays, read_key, read_merchant,
    read_party, read_rate,
};

async fn contracts(client: &impl GenericClient, merchant: &str) -> Result<Vec<Contract>, Fault> {
    let sql = format!("{CONTRACTS} WHERE merchant_id = $1 ORDER BY {CONTRACTS_ORDER}");
    all(client, &sql, &[&merchant], read_contract).await
}

/// What an owner pays, by its name.
pub(crate) async fn list_fees(
    client: &impl GenericClient,
    owner: &str,
) -> Result<Vec<FeeVersion>, Fault> {
    let sql = format!("{FEES} WHERE owner = $1 {FEES_ORDER}");
    all(client, &sql, &[&owner], read_fees).await
}

/// What all agents pay.
pub(crate) async fn list_costs(client: &impl GenericClient) -> Result<Vec<FeeVersion>, Fault> {
    let sql = format!("{FEES} WHERE {OF_AGENTS} {FEES_ORDER}");
    all(client, &sql, &[], read_fees).await
}

/// What the merchants pay that a party brought.
pub(crate) async fn list_fees_brought(
    client: &impl GenericClient,
    party: &PartyId,
) -> Result<Vec<FeeVersion>, Fault> {
    let sql = format!("{FEES} WHERE {BROUGHT} {FEES_ORDER}");
    all(client, &sql, &[&party.as_str()], read_fees).await
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
    let fees = list_fees(client, merchant_id).await?;
    let owner = KeyOwner::App(app.dialect_id.clone(), app.app_id.clone()).name();
    let keys = list_keys(client, &owner).await?;
    Ok(Some(AppRecord {
        app,
        merchant,
        contracts,
        fees,
        keys,
    }))
}

/// An agent, its party and its keys.
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
    let sql = format!("{PARTIES} WHERE party_id = $1");
    let party_id = agent.party_id.as_str();
    let Some(party) = first(client, &sql, &[&party_id], read_party).await? else {
        return Ok(None);
    };
    let owner = KeyOwner::Agent(agent.dialect_id.clone(), agent.agent_id.clone());
    let keys = list_keys(client, &owner.name()).await?;
    Ok(Some(AgentRecord { agent, party, keys }))
}

/// The state of who pays what.
pub(crate) async fn fee_tree(client: &impl GenericClient) -> Result<u64, Fault> {
    let revision = first(client, FEE_TREE, &[], |columns| columns.number()).await?;
    Ok(revision.unwrap_or(0))
}

/// The tables of holidays that were imported.
pub(crate) async fn holidays(client: &impl GenericClient) -> Result<Vec<HolidayYear>, Fault> {
    all(client, HOLIDAYS, &[], read_holidays).await
}

/// All parties.
pub(crate) async fn list_parties(client: &impl GenericClient) -> Result<Vec<Party>, Fault> {
    let sql = format!("{PARTIES} ORDER BY party_id");
    all(client, &sql, &[], read_party).await
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
    let sql = format!("{ACCOUNTS} WHERE channel_account_id = $1");
    let found = first(client, &sql, &[&account.as_str()], read_account).await?;
    let Some(found) = found else { return Ok(None) };
    let owner = KeyOwner::ChannelAccount(account.clone()).name();
    let keys = list_keys(client, &owner).await?;
    Ok(Some((found, keys)))
}

/// All channel accounts, by id.
pub(crate) async fn list_channel_accounts(
    client: &impl GenericClient,
) -> Result<Vec<ChannelAccount>, Fault> {
    let sql = format!("{ACCOUNTS} ORDER BY channel_account_id");
    all(client, &sql, &[], read_account).await
}

/// The exchange rates, by currency.
pub(crate) async fn rates(
    client: &impl GenericClient,
) -> Result<Vec<(Currency, ExchangeRate)>, Fault> {
    all(client, RATES, &[], read_rate).await
}

/// The keys of an owner, by role and age.
pub(crate) async fn list_keys(
    client: &impl GenericClient,
    owner: &str,
) -> Result<Vec<SealedKey>, Fault> {
    all(client, KEYS_OF_OWNER, &[&owner], read_key).await
}

/// A merchant with what belongs to it.
pub(crate) async fn find_merchant(
    client: &impl GenericClient,
    merchant_id: &MerchantId,
) -> Result<Option<Enrolment>, Fault> {
    let merchant_id = merchant_id.as_str();
    let sql = format!("{MERCHANTS} WHERE merchant_id = $1");
    let found = first(client, &sql, &[&merchant_id], read_merchant).await?;
    let Some(merchant) = found else {
        return Ok(None);
    };
    let sql = format!("{APPS} WHERE merchant_id = $1 ORDER BY dialect_id, app_id");
    let apps = all(client, &sql, &[&merchant_id], read_app).await?;
    let contracts = contracts(client, merchant_id).await?;
    Ok(Some(Enrolment {
        merchant,
        apps,
        contracts,
    }))
}

/// All merchants with what belongs to them, by id.
pub(crate) async fn list_merchants(client: &impl GenericClient) -> Result<Vec<Enrolment>, Fault> {
    let sql = format!("{MERCHANTS} ORDER BY merchant_id");
    let merchants = all(client, &sql, &[], read_merchant).await?;
    let sql = format!("{APPS} ORDER BY merchant_id, dialect_id, app_id");
    let apps = all(client, &sql, &[], read_app).await?;
    let sql = format!("{CONTRACTS} ORDER BY merchant_id, {CONTRACTS_ORDER}");
    let contracts = all(client, &sql, &[], read_contract).await?;
    Ok(enrolments(merchants, apps, contracts))
}
