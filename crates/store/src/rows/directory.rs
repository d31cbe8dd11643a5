//! Who may trade: `merchant`, `app`, `party`, `agent`, `contract`, `channel_account`, `sealed_key`,
//! `exchange_rate`.

use heliu_ports::keys::SealedKey;
use heliu_ports::store::Enrolment;
use heliu_trade::calendar::HolidayYear;
use heliu_trade::directory::{
    Agent, App, ChannelAccount, Contract, Merchant, MerchantState, RoutingTerms,
};
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::followup::subject::Owner;
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::parties::Party;
use heliu_trade::wallet::WalletKind;

use crate::columns::{Columns, Damaged, Result};

/// The columns that [`read_merchant`] reads, of their table.
pub(crate) const MERCHANTS: &str = "SELECT merchant_id, name, short_name, state FROM merchant";
/// The columns that [`read_app`] reads, of their table.
pub(crate) const APPS: &str =
    "SELECT dialect_id, app_id, merchant_id, agent_id, partners, settings FROM app";
/// The columns that [`read_contract`] reads, of their table.
pub(crate) const CONTRACTS: &str = "SELECT merchant_id, wallet, channel_account_id, \
    sub_merchant_id, sub_app_id, (SELECT terms FROM fee_schedule f \
        WHERE f.owner = contract.merchant_id AND f.wallet = contract.wallet \
        AND f.channel_account_id = contract.channel_account_id ORDER BY version DESC LIMIT 1), \
    priority, weight, amount_fen_min, amount_fen_max, \
    from_minute, until_minute, daily_sum_fen_max FROM contract";
/// The order of a merchant's contracts: by wallet, the one that is taken first.
pub(crate) const CONTRACTS_ORDER: &str = "wallet, priority, channel_account_id";
/// Writes a contract, over the one of the same wallet and account: the columns of [`CONTRACTS`]
/// but for its fee.
pub(crate) const PUT_CONTRACT: &str = "INSERT INTO contract (merchant_id, wallet, \
    channel_account_id, sub_merchant_id, sub_app_id, priority, weight, amount_fen_min, \
    amount_fen_max, from_minute, until_minute, daily_sum_fen_max) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    ON CONFLICT (merchant_id, wallet, channel_account_id) DO UPDATE \
    SET sub_merchant_id = excluded.sub_merchant_id, sub_app_id = excluded.sub_app_id, \
        priority = excluded.priority, weight = excluded.weight, \
        amount_fen_min = excluded.amount_fen_min, amount_fen_max = excluded.amount_fen_max, \
        from_minute = excluded.from_minute, until_minute = excluded.until_minute, \
        daily_sum_fen_max = excluded.daily_sum_fen_max";
/// Writes a contract's fee as the next version of its schedule, which begins at once; the newest is
/// not written again. The owner is the merchant.
pub(crate) const PUT_FEE: &str = "INSERT INTO fee_schedule \
    (owner, wallet, channel_account_id, version, from_at, terms) \
    SELECT $1, $2, $3, coalesce(max(version), 0) + 1, 0, $4 FROM fee_schedule \
    WHERE owner = $1 AND wallet = $2 AND channel_account_id = $3 \
    HAVING coalesce((SELECT terms FROM fee_schedule f \
        WHERE f.owner = $1 AND f.wallet = $2 AND f.channel_account_id = $3 \
        ORDER BY version DESC LIMIT 1), '') <> $4";
/// Writes a version of a schedule: the columns of [`FEES`].
pub(crate) const ADD_FEES: &str = "INSERT INTO fee_schedule \
    (owner, wallet, channel_account_id, version, from_at, terms) VALUES ($1, $2, $3, $4, $5, $6)";
/// The columns that [`read_fees`] reads, of their table. The account of a schedule for all of them
/// is an empty text.
pub(crate) const FEES: &str =
    "SELECT owner, wallet, channel_account_id, version, from_at, terms FROM fee_schedule";
/// The order of schedules and their versions.
pub(crate) const FEES_ORDER: &str = "ORDER BY owner, wallet, channel_account_id, version";
/// Schedules of agents, by the names of their owners.
pub(crate) const OF_AGENTS: &str = "owner LIKE 'agent:%'";
/// Schedules of merchants that a party brought, of contracts that stand.
pub(crate) const BROUGHT: &str = "owner IN (SELECT app.merchant_id FROM app JOIN agent \
    ON agent.dialect_id = app.dialect_id AND agent.agent_id = app.agent_id \
    WHERE agent.party_id = $1) AND EXISTS (SELECT 1 FROM contract \
    WHERE contract.merchant_id = owner AND contract.wallet = fee_schedule.wallet \
    AND contract.channel_account_id = fee_schedule.channel_account_id)";
/// The state of who pays what.
pub(crate) const FEE_TREE: &str = "SELECT revision FROM fee_tree";
/// Another state follows the one that was looked at, if that still stands.
pub(crate) const CHANGE_FEE_TREE: &str =
    "UPDATE fee_tree SET revision = revision + 1 WHERE revision = $1";
/// The columns that [`read_holidays`] reads, by year.
pub(crate) const HOLIDAYS: &str = "SELECT year, days FROM holidays ORDER BY year";
/// Writes a year's holidays, over those that stand.
pub(crate) const PUT_HOLIDAYS: &str = "INSERT INTO holidays (year, days) VALUES ($1, $2) \
    ON CONFLICT (year) DO UPDATE SET days = excluded.days";
/// Removes a contract; its fees stay.
pub(crate) const DROP_CONTRACT: &str =
    "DELETE FROM contract WHERE merchant_id = $1 AND wallet = $2 AND channel_account_id = $3";
/// The columns that [`read_party`] reads, of their table.
pub(crate) const PARTIES: &str = "SELECT party_id, parent_id, name, is_enabled FROM party";
/// Writes a party, over the one of the same id, whose door stays as it is: the columns of
/// [`PARTIES`].
pub(crate) const PUT_PARTY: &str = "INSERT INTO party (party_id, parent_id, name, is_enabled) \
    VALUES ($1, $2, $3, $4) ON CONFLICT (party_id) DO UPDATE \
    SET parent_id = excluded.parent_id, name = excluded.name";
/// The columns that [`read_agent`] reads, of their table.
pub(crate) const AGENTS: &str =
    "SELECT dialect_id, agent_id, party_id, is_enabled, settings, mini_programs FROM agent";
/// Opens or shuts an agent's door.
pub(crate) const SET_AGENT_ENABLED: &str =
    "UPDATE agent SET is_enabled = $1 WHERE dialect_id = $2 AND agent_id = $3";
/// Opens or shuts a party's door.
pub(crate) const SET_PARTY_ENABLED: &str = "UPDATE party SET is_enabled = $1 WHERE party_id = $2";
/// The columns that [`read_account`] reads, of their table.
pub(crate) const ACCOUNTS: &str =
    "SELECT channel_account_id, channel_id, settings FROM channel_account";
/// All rates, by currency.
pub(crate) const RATES: &str =
    "SELECT currency, scaled, direction FROM exchange_rate ORDER BY currency";
/// The keys of an owner, by role and age.
pub(crate) const KEYS_OF_OWNER: &str = "SELECT owner, role, version, sealed, fingerprint, is_proved FROM sealed_key WHERE owner = $1 \
    ORDER BY role, version";

/// A year's holidays.
pub(crate) fn read_holidays(columns: &mut Columns<'_>) -> Result<HolidayYear> {
    let (year, days) = (columns.integer()?, columns.string()?);
    HolidayYear::parse(&format!("{year} {days}")).map_err(Damaged)
}

/// A merchant.
pub(crate) fn read_merchant(columns: &mut Columns<'_>) -> Result<Merchant> {
    Ok(Merchant {
        merchant_id: columns.name()?,
        name: columns.string()?,
        short_name: columns.string()?,
        state: columns.word(MerchantState::parse)?,
    })
}

/// A party.
pub(crate) fn read_party(columns: &mut Columns<'_>) -> Result<Party> {
    Ok(Party {
        party_id: columns.name()?,
        parent_id: columns.name_opt()?,
        name: columns.string()?,
        is_enabled: columns.flag()?,
    })
}

/// An agent.
pub(crate) fn read_agent(columns: &mut Columns<'_>) -> Result<Agent> {
    Ok(Agent {
        dialect_id: columns.name()?,
        agent_id: columns.name()?,
        party_id: columns.name()?,
        is_enabled: columns.flag()?,
        settings: columns.json()?,
        mini_programs: columns.json()?,
    })
}

/// An app.
pub(crate) fn read_app(columns: &mut Columns<'_>) -> Result<App> {
    Ok(App {
        dialect_id: columns.name()?,
        app_id: columns.name()?,
        merchant_id: columns.name()?,
        agent_id: columns.name_opt()?,
        partners: columns.json()?,
        settings: columns.json()?,
    })
}

/// A contract.
pub(crate) fn read_contract(columns: &mut Columns<'_>) -> Result<Contract> {
    Ok(Contract {
        merchant_id: columns.name()?,
        wallet: columns.word(WalletKind::parse)?,
        channel_account_id: columns.name()?,
        sub_merchant_id: columns.string()?,
        sub_app_id: columns.string_opt()?,
        fee: columns.json()?,
        routing: RoutingTerms {
            priority: columns.count()?,
            weight: columns.count()?,
            amount_fen_min: columns.integer_opt()?,
            amount_fen_max: columns.integer_opt()?,
            from_minute: columns.count_opt()?,
            until_minute: columns.count_opt()?,
            daily_sum_fen_max: columns.integer_opt()?,
        },
    })
}

/// The name of the account of a schedule in its row.
pub(crate) fn account_of(version: &FeeVersion) -> &str {
    let account = version.channel_account_id.as_ref();
    account.map_or("", |account| account.as_str())
}

/// A version of a schedule.
pub(crate) fn read_fees(columns: &mut Columns<'_>) -> Result<FeeVersion> {
    Ok(FeeVersion {
        owner: Owner::of_name(&columns.string()?),
        wallet: columns.word(WalletKind::parse)?,
        channel_account_id: Some(columns.string()?)
            .filter(|account| !account.is_empty())
            .map(Into::into),
        version: columns.count()?,
        from: columns.at()?,
        tariff: columns.json()?,
    })
}

/// A sealed key.
pub(crate) fn read_key(columns: &mut Columns<'_>) -> Result<SealedKey> {
    Ok(SealedKey {
        owner: columns.string()?,
        role: columns.string()?,
        version: columns.count()?,
        sealed: columns.string()?,
        fingerprint: columns.string()?,
        is_proved: columns.flag()?,
    })
}

/// A channel account.
pub(crate) fn read_account(columns: &mut Columns<'_>) -> Result<ChannelAccount> {
    Ok(ChannelAccount {
        channel_account_id: columns.name()?,
        channel_id: columns.name()?,
        settings: columns.json()?,
    })
}

/// A currency and its rate.
pub(crate) fn read_rate(columns: &mut Columns<'_>) -> Result<(Currency, ExchangeRate)> {
    let currency = columns.word(|text| text.parse().ok())?;
    let scaled = columns.integer()?;
    Ok((
        currency,
        ExchangeRate {
            scaled,
            direction: columns.word(RateDirection::parse)?,
        },
    ))
}

/// Merchants with their apps and contracts, all of which come by merchant.
pub(crate) fn enrolments(
    merchants: Vec<Merchant>,
    apps: Vec<App>,
    contracts: Vec<Contract>,
) -> Vec<Enrolment> {
    let mut apps = apps.into_iter().peekable();
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
    enrolments.collect()
}
