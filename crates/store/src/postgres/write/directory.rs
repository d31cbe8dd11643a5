//! Who may trade: written as it is given; a repeat writes the same again.

use deadpool_postgres::{GenericClient, Object, Transaction};
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{DirectoryChange, Enrolment, FeeTreeChanged, Newcomer};
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract, Merchant};
use heliu_trade::fee::schedule::{FeeVersion, is_next};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::{AgentId, ChannelAccountId, PartyId};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::parties::{Party, Tree};
use heliu_trade::routing::ContractKey;
use tokio_postgres::types::ToSql;

use crate::columns::integer;
use crate::postgres::connections::{change, first};
use crate::postgres::fault::Fault;
use crate::postgres::news;
use crate::postgres::read::directory::{list_fees, list_parties};
use crate::postgres::write::office::{PERSON_OVERWRITTEN, audit, put_person};
use crate::rows::day::MOVE_CLOCK;
use crate::rows::directory::{
    ADD_FEES, CHANGE_FEE_TREE, DROP_CONTRACT, PUT_CONTRACT, PUT_FEE, PUT_HOLIDAYS, PUT_PARTY,
    SET_AGENT_ENABLED, SET_PARTY_ENABLED, account_of,
};
use crate::rows::office::SET_PERSON_ENABLED;

type Written = Result<(), Fault>;

/// Writes a change and tells all nodes of it, in one transaction.
pub(crate) async fn change_directory(
    client: &mut Object,
    given: &DirectoryChange,
    act: Option<&NewAudit>,
) -> Written {
    let transaction = client.transaction().await?;
    write(&transaction, given).await?;
    audit(&*transaction, act.as_slice()).await?;
    news::tell(&transaction, news::DIRECTORY, "").await?;
    transaction.commit().await?;
    Ok(())
}

/// Writes a change, and tells nobody.
pub(crate) async fn write(client: &Transaction<'_>, given: &DirectoryChange) -> Written {
    match given {
        DirectoryChange::Enrol { enrolment, keys } => {
            enrol(client, enrolment).await?;
            put_keys(client, keys).await
        }
        DirectoryChange::EditMerchant {
            enrolment,
            keys,
            dropped,
        } => {
            for key in dropped {
                drop_contract(client, key).await?;
            }
            enrol(client, enrolment).await?;
            put_keys(client, keys).await
        }
        DirectoryChange::PutParty { party, agents } => {
            check_place(client, party).await?;
            put_party(client, party).await?;
            for agent in agents {
                put_agent(client, agent, AGENT_OVERWRITTEN).await?;
            }
            Ok(())
        }
        DirectoryChange::PutAgent { agent, keys } => {
            put_agent(client, agent, AGENT_OVERWRITTEN).await?;
            put_keys(client, keys).await
        }
        DirectoryChange::PutKeys(keys) => put_keys(client, keys).await,
        DirectoryChange::RetireKeys {
            owner,
            role,
            below_version,
        } => {
            let sql = "DELETE FROM sealed_key WHERE owner = $1 AND role = $2 AND version < $3";
            let below_version = i64::from(*below_version);
            let gone = change(client, sql, &[owner, role, &below_version]).await?;
            wait_if_none(client, gone).await?;
            Ok(())
        }
        DirectoryChange::ProveKey {
            owner,
            role,
            version,
        } => {
            let sql = "UPDATE sealed_key SET is_proved = true
                WHERE owner = $1 AND role = $2 AND version = $3";
            let version = i64::from(*version);
            change(client, sql, &[owner, role, &version]).await?;
            Ok(())
        }
        DirectoryChange::SetMerchantState(merchant_id, state) => {
            let sql = "UPDATE merchant SET state = $2 WHERE merchant_id = $1";
            change(client, sql, &[&merchant_id.as_str(), &state.as_str()]).await?;
            Ok(())
        }
        DirectoryChange::SetPartyEnabled {
            party_id,
            is_enabled,
        } => {
            let party_id = party_id.as_str();
            change(client, SET_PARTY_ENABLED, &[is_enabled, &party_id]).await?;
            Ok(())
        }
        DirectoryChange::SetAgentEnabled {
            dialect_id,
            agent_id,
            is_enabled,
        } => {
            let (dialect_id, agent_id) = (dialect_id.as_str(), agent_id.as_str());
            let sql = SET_AGENT_ENABLED;
            change(client, sql, &[is_enabled, &dialect_id, &agent_id]).await?;
            Ok(())
        }
        DirectoryChange::PutChannelAccount { account, keys } => {
            put_channel_account(client, account).await?;
            put_keys(client, keys).await
        }
        DirectoryChange::RemoveChannelAccount(id) => remove_channel_account(client, id).await,
        DirectoryChange::PutFees(version) => put_fees(client, version).await,
        DirectoryChange::Terms(_) => Ok(()),
        DirectoryChange::MoveClock(ahead_ms) => {
            change(client, MOVE_CLOCK, &[ahead_ms]).await?;
            Ok(())
        }
        DirectoryChange::PutHolidays(years) => {
            for year in years {
                let parameters: [&(dyn ToSql + Sync); 2] =
                    [&i64::from(year.year), &year.days_text()];
                change(client, PUT_HOLIDAYS, &parameters).await?;
            }
            Ok(())
        }
        DirectoryChange::OverFeeTree { seen, change } => {
            change_fee_tree(client, *seen, Some(change)).await?;
            Box::pin(write(client, change)).await
        }
        DirectoryChange::PutRate(currency, rate) => put_rate(client, *currency, *rate).await,
        DirectoryChange::PutPerson(person) => {
            put_person(&**client, person, PERSON_OVERWRITTEN).await?;
            Ok(())
        }
        DirectoryChange::SetPersonEnabled { name, is_enabled } => {
            change(client, SET_PERSON_ENABLED, &[is_enabled, name]).await?;
            Ok(())
        }
    }
}

/// Writes who is new and tells all nodes of it, in one transaction; `false` if it stands already.
/// An insert waits for another node's of the same id, so that one of two finds the other.
pub(crate) async fn admit(
    client: &mut Object,
    newcomer: &Newcomer,
    act: Option<&NewAudit>,
) -> Result<bool, Fault> {
    let transaction = client.transaction().await?;
    let keys = newcomer.keys();
    let is_new = match take_in(&transaction, newcomer).await {
        Err(Fault::FeeTree(changed)) => {
            transaction.rollback().await?;
            let is_known = is_repeat(client, keys).await?;
            return is_known.then_some(true).ok_or_else(|| changed.into());
        }
        taken => taken?,
    };
    if !is_new {
        transaction.rollback().await?;
        return is_repeat(client, keys).await;
    }
    put_keys(&transaction, keys).await?;
    audit(&*transaction, act.as_slice()).await?;
    news::tell(&transaction, news::DIRECTORY, "").await?;
    transaction.commit().await?;
    Ok(true)
}

/// Whether somebody was written, since they do not stand.
async fn take_in(client: &Transaction<'_>, newcomer: &Newcomer) -> Result<bool, Fault> {
    match newcomer {
        Newcomer::Merchant { enrolment, .. } => {
            let mut is_new = put_merchant(client, &enrolment.merchant, KEPT).await?;
            for app in &enrolment.apps {
                is_new = is_new && put_app(client, app, KEPT).await?;
            }
            if is_new {
                enrol(client, enrolment).await?;
            }
            Ok(is_new)
        }
        Newcomer::App { app, .. } => put_app(client, app, KEPT).await,
        Newcomer::Party { party, agent, .. } => admit_party(client, party, agent).await,
        Newcomer::Agent { agent, .. } => put_agent(client, agent, KEPT).await,
        Newcomer::Person(person) => put_person(&**client, person, KEPT).await,
        Newcomer::OverFeeTree { seen, newcomer } => {
            change_fee_tree(client, *seen, None).await?;
            Box::pin(take_in(client, newcomer)).await
        }
    }
}

/// What was looked at still stands; or it was changed by this very version of fees, whose answer
/// was lost.
async fn change_fee_tree(
    client: &impl GenericClient,
    seen: u64,
    by: Option<&DirectoryChange>,
) -> Written {
    if change(client, CHANGE_FEE_TREE, &[&integer(seen)]).await? == 1 {
        return Ok(());
    }
    if let Some(DirectoryChange::PutFees(version)) = by
        && list_fees(client, &version.owner.name())
            .await?
            .contains(version)
    {
        return Ok(());
    }
    Err(FeeTreeChanged.into())
}

/// Whether a party and its first agent were written, since neither stands.
async fn admit_party(
    client: &impl GenericClient,
    party: &Party,
    agent: &Agent,
) -> Result<bool, Fault> {
    // Under the lock that a look at the tree takes, nobody else writes one of that id.
    let standing = standing_parties(client).await?;
    if standing.iter().any(|it| it.party_id == party.party_id) {
        return Ok(false);
    }
    Tree::of(&standing).check_place(party)?;
    put_party(client, party).await?;
    put_agent(client, agent, KEPT).await
}

/// Whether these very keys stand, all of them: sealing makes a text that is made once.
async fn is_repeat(client: &impl GenericClient, keys: &[SealedKey]) -> Result<bool, Fault> {
    let sql = "SELECT 1::BIGINT FROM sealed_key WHERE owner = $1 AND role = $2 AND sealed = $3";
    for key in keys {
        let parameters: [&(dyn ToSql + Sync); 3] = [&key.owner, &key.role, &key.sealed];
        let found = first(client, sql, &parameters, |columns| columns.integer()).await?;
        if found.is_none() {
            return Ok(false);
        }
    }
    if keys.is_empty() {
        return Ok(false);
    }
    wait_if_none(client, 0).await?;
    Ok(true)
}

/// What is gone already may have gone a moment ago by this very call, whose answer was lost: a row
/// is locked, which is a write, so that the answer comes once the standbys know it too.
async fn wait_if_none(client: &impl GenericClient, gone: u64) -> Written {
    if gone == 0 {
        let sql = "SELECT 1 FROM schema_version WHERE version = 1 FOR UPDATE";
        change(client, sql, &[]).await?;
    }
    Ok(())
}

async fn enrol(client: &impl GenericClient, enrolment: &Enrolment) -> Written {
    put_merchant(client, &enrolment.merchant, MERCHANT_OVERWRITTEN).await?;
    for app in &enrolment.apps {
        put_app(client, app, APP_OVERWRITTEN).await?;
    }
    for contract in &enrolment.contracts {
        put_contract(client, contract).await?;
    }
    Ok(())
}

async fn put_contract(client: &impl GenericClient, contract: &Contract) -> Written {
    let routing = &contract.routing;
    let key = contract.key();
    let (merchant_id, account) = (key.merchant_id.as_str(), key.channel_account_id.as_str());
    let wallet = key.wallet.as_str();
    let parameters: [&(dyn ToSql + Sync); 12] = [
        &merchant_id,
        &wallet,
        &account,
        &contract.sub_merchant_id,
        &contract.sub_app_id,
        &i64::from(routing.priority),
        &i64::from(routing.weight),
        &routing.amount_fen_min,
        &routing.amount_fen_max,
        &routing.from_minute.map(i64::from),
        &routing.until_minute.map(i64::from),
        &routing.daily_sum_fen_max,
    ];
    change(client, PUT_CONTRACT, &parameters).await?;
    let fee = serde_json::to_string(&contract.fee)?;
    change(client, PUT_FEE, &[&merchant_id, &wallet, &account, &fee]).await?;
    Ok(())
}

/// Nobody else writes a version meanwhile.
async fn put_fees(client: &impl GenericClient, version: &FeeVersion) -> Written {
    let lock = "LOCK TABLE fee_schedule IN SHARE ROW EXCLUSIVE MODE";
    change(client, lock, &[]).await?;
    let owner = version.owner.name();
    let standing = list_fees(client, &owner).await?;
    if is_next(&standing, version)? {
        let parameters: [&(dyn ToSql + Sync); 6] = [
            &&*owner,
            &version.wallet.as_str(),
            &account_of(version),
            &i64::from(version.version),
            &version.from.as_ms(),
            &serde_json::to_string(&version.tariff)?,
        ];
        change(client, ADD_FEES, &parameters).await?;
    }
    Ok(())
}

async fn drop_contract(client: &impl GenericClient, key: &ContractKey) -> Written {
    let parameters: [&(dyn ToSql + Sync); 3] = [
        &key.merchant_id.as_str(),
        &key.wallet.as_str(),
        &key.channel_account_id.as_str(),
    ];
    change(client, DROP_CONTRACT, &parameters).await?;
    Ok(())
}

/// What stands is not written over: a clause of an insert.
pub(super) const KEPT: &str = "ON CONFLICT DO NOTHING";
/// What is written may come of an old reading, so that states are not written over: here, and of an
/// agent and a person.
const MERCHANT_OVERWRITTEN: &str = "ON CONFLICT (merchant_id) DO UPDATE
    SET name = excluded.name, short_name = excluded.short_name";
const APP_OVERWRITTEN: &str = "ON CONFLICT (dialect_id, app_id) DO UPDATE
    SET merchant_id = excluded.merchant_id, agent_id = excluded.agent_id,
        partners = excluded.partners, settings = excluded.settings";
const AGENT_OVERWRITTEN: &str = "ON CONFLICT (dialect_id, agent_id) DO UPDATE
    SET party_id = excluded.party_id, settings = excluded.settings,
        mini_programs = excluded.mini_programs";

/// Whether it was written, which says that of one that stands by `conflict`.
pub(super) async fn put_merchant(
    client: &impl GenericClient,
    merchant: &Merchant,
    conflict: &str,
) -> Result<bool, Fault> {
    let sql = format!(
        "INSERT INTO merchant (merchant_id, name, short_name, state) VALUES ($1, $2, $3, $4) {conflict}"
    );
    let parameters: [&(dyn ToSql + Sync); 4] = [
        &merchant.merchant_id.as_str(),
        &merchant.name,
        &merchant.short_name,
        &merchant.state.as_str(),
    ];
    Ok(change(client, &sql, &parameters).await? == 1)
}

/// The same for an app.
pub(super) async fn put_app(
    client: &impl GenericClient,
    app: &App,
    conflict: &str,
) -> Result<bool, Fault> {
    let sql = format!(
        "INSERT INTO app (dialect_id, app_id, merchant_id, agent_id, partners, settings)
         VALUES ($1, $2, $3, $4, $5, $6) {conflict}"
    );
    let parameters: [&(dyn ToSql + Sync); 6] = [
        &app.dialect_id.as_str(),
        &app.app_id.as_str(),
        &app.merchant_id.as_str(),
        &app.agent_id.as_ref().map(AgentId::as_str),
        &serde_json::to_string(&app.partners)?,
        &serde_json::to_string(&app.settings)?,
    ];
    Ok(change(client, &sql, &parameters).await? == 1)
}

/// All parties, as they stay until the transaction ends: nobody else moves or adds one meanwhile.
async fn standing_parties(client: &impl GenericClient) -> Result<Vec<Party>, Fault> {
    let lock = "LOCK TABLE party IN SHARE ROW EXCLUSIVE MODE";
    change(client, lock, &[]).await?;
    list_parties(client).await
}

async fn check_place(client: &impl GenericClient, party: &Party) -> Written {
    let standing = standing_parties(client).await?;
    Ok(Tree::of(&standing).check_place(party)?)
}

async fn put_party(client: &impl GenericClient, party: &Party) -> Written {
    let parameters: [&(dyn ToSql + Sync); 4] = [
        &party.party_id.as_str(),
        &party.parent_id.as_ref().map(PartyId::as_str),
        &party.name,
        &party.is_enabled,
    ];
    change(client, PUT_PARTY, &parameters).await?;
    Ok(())
}

/// The same for an agent.
async fn put_agent(
    client: &impl GenericClient,
    agent: &Agent,
    conflict: &str,
) -> Result<bool, Fault> {
    let sql = format!(
        "INSERT INTO agent (dialect_id, agent_id, party_id, is_enabled, settings, mini_programs)
         VALUES ($1, $2, $3, $4, $5, $6) {conflict}"
    );
    let parameters: [&(dyn ToSql + Sync); 6] = [
        &agent.dialect_id.as_str(),
        &agent.agent_id.as_str(),
        &agent.party_id.as_str(),
        &agent.is_enabled,
        &serde_json::to_string(&agent.settings)?,
        &serde_json::to_string(&agent.mini_programs)?,
    ];
    Ok(change(client, &sql, &parameters).await? == 1)
}

async fn put_channel_account(client: &impl GenericClient, account: &ChannelAccount) -> Written {
    let sql = "INSERT INTO channel_account (channel_account_id, channel_id, settings)
        VALUES ($1, $2, $3)
        ON CONFLICT (channel_account_id) DO UPDATE
        SET channel_id = excluded.channel_id, settings = excluded.settings";
    let parameters: [&(dyn ToSql + Sync); 3] = [
        &account.channel_account_id.as_str(),
        &account.channel_id.as_str(),
        &serde_json::to_string(&account.settings)?,
    ];
    change(client, sql, &parameters).await?;
    Ok(())
}

async fn remove_channel_account(client: &impl GenericClient, id: &ChannelAccountId) -> Written {
    let owner = KeyOwner::ChannelAccount(id.clone()).name();
    change(client, "DELETE FROM sealed_key WHERE owner = $1", &[&owner]).await?;
    let sql = "DELETE FROM channel_account WHERE channel_account_id = $1";
    let gone = change(client, sql, &[&id.as_str()]).await?;
    wait_if_none(client, gone).await
}

/// A key that is written again stays proved as long as it is the same key.
async fn put_keys(client: &impl GenericClient, keys: &[SealedKey]) -> Written {
    for key in keys {
        let sql =
            "INSERT INTO sealed_key AS known (owner, role, version, sealed, fingerprint, is_proved)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (owner, role, version) DO UPDATE
            SET sealed = excluded.sealed, fingerprint = excluded.fingerprint,
                is_proved = excluded.is_proved
                    OR (known.is_proved AND known.fingerprint = excluded.fingerprint)";
        let parameters: [&(dyn ToSql + Sync); 6] = [
            &key.owner,
            &key.role,
            &i64::from(key.version),
            &key.sealed,
            &key.fingerprint,
            &key.is_proved,
        ];
        change(client, sql, &parameters).await?;
    }
    Ok(())
}

async fn put_rate(
    client: &impl GenericClient,
    currency: Currency,
    rate: Option<ExchangeRate>,
) -> Written {
    let Some(rate) = rate else {
        let sql = "DELETE FROM exchange_rate WHERE currency = $1";
        let gone = change(client, sql, &[&currency.as_str()]).await?;
        return wait_if_none(client, gone).await;
    };
    let sql = "INSERT INTO exchange_rate (currency, scaled, direction) VALUES ($1, $2, $3)
        ON CONFLICT (currency) DO UPDATE
        SET scaled = excluded.scaled, direction = excluded.direction";
    let direction = rate.direction.as_str();
    change(client, sql, &[&currency.as_str(), &rate.scaled, &direction]).await?;
    Ok(())
}
