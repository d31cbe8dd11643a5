//! Merchants, agents and channel accounts in a list, by their names.

use heliu_ports::lists::{AccountFilter, AccountRow, AgentFilter, AgentRow, MerchantFilter, Page};
use heliu_trade::directory::Merchant;
use heliu_trade::id::DialectId;
use heliu_trade::wallet::WalletKind;

use super::{Asked, Conditions, Kind, List, limit};
use crate::rows::directory::{
    ACCOUNTS, AGENTS, APPS, CONTRACTS, CONTRACTS_ORDER, MERCHANTS, read_account, read_agent,
    read_merchant,
};

/// Merchants; what belongs to them is read with [`apps_of`] and [`contracts_of`].
pub(crate) fn merchants(filter: &MerchantFilter, page: &Page, kind: Kind) -> List<Merchant> {
    let mut all = Conditions::default();
    if let Some(after) = &page.after {
        let after = all.bind(after.as_str());
        all.add(format!("merchant_id > {after}"));
    }
    all.among("state", filter.state.iter().map(|state| state.as_str()));
    if let Some(agent) = &filter.agent {
        let dialect = all.bind(agent.dialect_id.as_str());
        let agent = all.bind(agent.agent_id.as_str());
        all.add(format!(
            "EXISTS (SELECT 1 FROM app p WHERE p.merchant_id = merchant.merchant_id \
             AND p.dialect_id = {dialect} AND p.agent_id = {agent})"
        ));
    }
    let account = filter.channel_account_id.as_ref();
    let account = account.map(|account| all.bind(account.as_str()));
    let account = account.map(|account| format!(" AND c.channel_account_id = {account}"));
    let wallet = filter.wallet.map(WalletKind::as_str);
    let wallet = wallet.map(|wallet| format!(" AND c.wallet = '{wallet}'"));
    if account.is_some() || wallet.is_some() {
        let (account, wallet) = (account.unwrap_or_default(), wallet.unwrap_or_default());
        all.add(format!(
            "EXISTS (SELECT 1 FROM contract c \
             WHERE c.merchant_id = merchant.merchant_id{account}{wallet})"
        ));
    }
    if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
        let of_app = all.begins("p.app_id", text);
        let part = all.bind(text);
        let any = [
            all.begins("merchant_id", text),
            kind.contains("name", &part),
            kind.contains("short_name", &part),
            format!(
                "EXISTS (SELECT 1 FROM app p WHERE p.merchant_id = merchant.merchant_id AND {of_app})"
            ),
        ];
        all.add(format!("({})", any.join(" OR ")));
    }
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!("{MERCHANTS} WHERE {wanted} ORDER BY merchant_id LIMIT {limit}");
    List {
        asked: all.ask(sql),
        read: read_merchant,
        place: |merchant| merchant.merchant_id.to_string(),
        page: page.clone(),
    }
}

/// All apps of some merchants, by merchant.
pub(crate) fn apps_of(merchants: &[Merchant]) -> Option<Asked> {
    of_merchants(APPS, merchants, "dialect_id, app_id")
}

/// All contracts of some merchants, by merchant.
pub(crate) fn contracts_of(merchants: &[Merchant]) -> Option<Asked> {
    of_merchants(CONTRACTS, merchants, CONTRACTS_ORDER)
}

fn of_merchants(select: &str, merchants: &[Merchant], order: &str) -> Option<Asked> {
    let mut all = Conditions::default();
    let ids = merchants.iter();
    let ids: Vec<String> = ids
        .map(|merchant| all.bind(merchant.merchant_id.as_str()))
        .collect();
    if ids.is_empty() {
        return None;
    }
    let ids = ids.join(", ");
    Some(all.ask(format!(
        "{select} WHERE merchant_id IN ({ids}) ORDER BY merchant_id, {order}"
    )))
}

/// Agents, and how many merchants each brought: all are counted at once, for the page's own.
pub(crate) fn agents(filter: &AgentFilter, page: &Page, kind: Kind) -> List<AgentRow> {
    let mut all = Conditions::default();
    if let Some(after) = &page.after {
        match after.as_str().split_once(' ') {
            None => all.add("1 = 0"),
            Some((dialect, agent)) => {
                let (dialect, agent) = (all.bind(dialect), all.bind(agent));
                all.add(format!("(dialect_id, agent_id) > ({dialect}, {agent})"));
            }
        }
    }
    all.is(
        "dialect_id",
        filter.dialect_id.as_ref().map(DialectId::as_str),
    );
    if let Some(is_enabled) = filter.is_enabled {
        let (open, party) = (
            kind.flag("is_enabled", true),
            kind.flag("p.is_enabled", true),
        );
        let not = if is_enabled { "" } else { "NOT " };
        all.add(format!(
            "{not}({open} AND EXISTS (SELECT 1 FROM party p \
             WHERE p.party_id = agent.party_id AND {party}))"
        ));
    }
    if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
        let begins = all.begins("agent_id", text);
        let part = all.bind(text);
        let named = kind.contains("p.name", &part);
        all.add(format!(
            "({begins} OR EXISTS (SELECT 1 FROM party p WHERE p.party_id = agent.party_id \
             AND {named}))"
        ));
    }
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ SELECT found.*, coalesce(brought.merchants, 0) FROM (\
         {AGENTS} WHERE {wanted} ORDER BY dialect_id, agent_id LIMIT {limit}) AS found \
         LEFT JOIN (SELECT dialect_id, agent_id, count(DISTINCT merchant_id) AS merchants \
         FROM app WHERE agent_id IS NOT NULL GROUP BY dialect_id, agent_id) AS brought \
         ON brought.dialect_id = found.dialect_id AND brought.agent_id = found.agent_id \
         ORDER BY found.dialect_id, found.agent_id"
    );
    List {
        asked: all.ask(sql),
        read: |columns| {
            Ok(AgentRow {
                agent: read_agent(columns)?,
                merchant_count: columns.number()?,
            })
        },
        place: |AgentRow { agent, .. }| format!("{} {}", agent.dialect_id, agent.agent_id),
        page: page.clone(),
    }
}

/// Channel accounts, and how many contracts go through each.
pub(crate) fn accounts(filter: &AccountFilter, page: &Page) -> List<AccountRow> {
    let mut all = Conditions::default();
    if let Some(after) = &page.after {
        let after = all.bind(after.as_str());
        all.add(format!("channel_account_id > {after}"));
    }
    let channel = filter.channel_id.as_ref();
    all.is("channel_id", channel.map(|channel| channel.as_str()));
    if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
        let begins = all.begins("channel_account_id", text);
        all.add(begins);
    }
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ SELECT found.*, coalesce(going.contracts, 0) FROM (\
         {ACCOUNTS} WHERE {wanted} ORDER BY channel_account_id LIMIT {limit}) AS found \
         LEFT JOIN (SELECT channel_account_id, count(*) AS contracts FROM contract \
         GROUP BY channel_account_id) AS going \
         ON going.channel_account_id = found.channel_account_id \
         ORDER BY found.channel_account_id"
    );
    List {
        asked: all.ask(sql),
        read: |columns| {
            Ok(AccountRow {
                account: read_account(columns)?,
                contract_count: columns.number()?,
            })
        },
        place: |row| row.account.channel_account_id.to_string(),
        page: page.clone(),
    }
}
