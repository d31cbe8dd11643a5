//! What the books in memory hold.

use std::collections::{BTreeMap, BTreeSet};

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{
    ClosedDate, DayBalance, DirectoryChange, FeeTreeChanged, Newcomer, StoreError,
};
use heliu_trade::attempt::Attempt;
use heliu_trade::calendar::{BusinessDate, HolidayYear};
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract, Merchant};
use heliu_trade::fee::schedule::{FeeVersion, is_next};
use heliu_trade::followup::audit::{AuditEntry, NewAudit};
use heliu_trade::followup::event::Event;
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::followup::notification::{Delivery, Notification};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::{
    AgentId, AppId, ChannelAccountId, DialectId, MerchantId, NotificationNo, OrderNo, PartyId,
    PlatformNo, RefundNo,
};
use heliu_trade::ledger::Entry;
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::order::Order;
use heliu_trade::parties::{Misplaced, Party, Tree};
use heliu_trade::person::Person;
use heliu_trade::record::{Name, Record, RecordKind};
use heliu_trade::refund::Refund;
use heliu_trade::routing::ContractKey;
use heliu_trade::time::Timestamp;

use super::desk::NodeIndex;

/// The key of an order.
pub(super) type OrderId = (MerchantId, OrderNo);
/// A number that a merchant chose, under its app.
pub(super) type Registered = (MerchantId, AppId, String);
/// Balances of a date, by the names of owners and accounts.
pub(super) type Rolled = BTreeMap<(String, String), DayBalance>;

/// All of it.
#[derive(Default)]
pub(super) struct Books {
    pub(super) orders: BTreeMap<OrderId, Shelf>,
    pub(super) order_register: BTreeMap<Registered, OrderNo>,
    pub(super) refund_register: BTreeMap<Registered, (OrderNo, RefundNo)>,
    pub(super) around: BTreeMap<Subject, Around>,
    pub(super) jobs: BTreeMap<JobKey, Job>,
    /// Which node holds a job.
    pub(super) leases: BTreeMap<JobKey, NodeIndex>,
    pub(super) exchanges: BTreeMap<PlatformNo, Exchange>,
    pub(super) high_water_second: u64,
    pub(super) merchants: BTreeMap<MerchantId, Merchant>,
    pub(super) apps: BTreeMap<(DialectId, AppId), App>,
    pub(super) parties: BTreeMap<PartyId, Party>,
    pub(super) agents: BTreeMap<(DialectId, AgentId), Agent>,
    pub(super) records: BTreeMap<PlatformNo, Record>,
    pub(super) record_names: BTreeMap<(RecordKind, Name), PlatformNo>,
    pub(super) record_marks: BTreeSet<(RecordKind, Name, PlatformNo)>,
    /// Of which settlement an entry is an item: by its subject and its place there.
    pub(super) settlement_items: BTreeMap<(Subject, u32), PlatformNo>,
    /// Until when each is remembered.
    pub(super) consent_states: BTreeMap<(MerchantId, OrderNo, String), Timestamp>,
    pub(super) contracts: BTreeMap<ContractKey, Contract>,
    /// By the owner's name, wallet, account (empty: every one) and version.
    fees: BTreeMap<(String, &'static str, String, u32), FeeVersion>,
    pub(super) accounts: BTreeMap<ChannelAccountId, ChannelAccount>,
    pub(super) keys: BTreeMap<(String, String, u32), SealedKey>,
    pub(super) rates: BTreeMap<Currency, ExchangeRate>,
    pub(super) people: BTreeMap<String, Person>,
    /// In the order of the chain.
    pub(super) audit: Vec<AuditEntry>,
    pub(super) closed_dates: BTreeMap<BusinessDate, ClosedDate>,
    pub(super) rolled: BTreeMap<BusinessDate, Rolled>,
    pub(super) clock_ahead_ms: i64,
    /// The state of who pays what.
    pub(super) fee_tree: u64,
    pub(super) holidays: BTreeMap<i16, HolidayYear>,
}

/// One order and what belongs to it.
pub(super) struct Shelf {
    pub(super) order: Order,
    pub(super) attempts: Vec<Attempt>,
    pub(super) refunds: BTreeMap<RefundNo, Refund>,
}

/// What stands around one subject; its jobs stand with all others.
#[derive(Default)]
pub(super) struct Around {
    pub(super) entries: Vec<Entry>,
    pub(super) events: Vec<Event>,
    pub(super) notifications: BTreeMap<NotificationNo, Notification>,
    pub(super) deliveries: BTreeMap<(NotificationNo, u32), Delivery>,
}

/// Both halves of an exchange; either may come alone.
#[derive(Default)]
pub(super) struct Exchange {
    pub(super) request: Option<ExchangeRequest>,
    pub(super) answer: Option<ExchangeAnswer>,
    pub(super) order_no: Option<OrderNo>,
}

impl Books {
    /// A number is committed.
    pub(super) fn saw(&mut self, number: PlatformNo) {
        self.high_water_second = self.high_water_second.max(number.second());
    }

    pub(super) fn record(&mut self, record: ExchangeRecord) {
        match record {
            ExchangeRecord::Request(request) => self.log_request(request, None),
            ExchangeRecord::Answer(answer) => {
                let exchange = self.exchanges.entry(answer.exchange_no).or_default();
                exchange.order_no = exchange.order_no.or(answer.order_no);
                exchange.answer.get_or_insert(answer);
            }
        }
    }

    pub(super) fn log_request(&mut self, request: ExchangeRequest, order_no: Option<OrderNo>) {
        self.saw(request.exchange_no);
        let exchange = self.exchanges.entry(request.exchange_no).or_default();
        if exchange.request.is_none() {
            exchange.request = Some(request);
            exchange.order_no = exchange.order_no.or(order_no);
        }
    }

    /// The newest version of a contract's fees is not written again.
    fn put_fee(&mut self, contract: &Contract) {
        let owner = Owner::Merchant(contract.merchant_id.clone());
        let account = Some(&contract.channel_account_id);
        let fees = self.list_fees(&owner);
        let newest = fees.iter().rfind(|it| it.is_of(contract.wallet, account));
        if newest.is_some_and(|newest| newest.tariff == contract.fee) {
            return;
        }
        let version = newest.map_or(0, |newest| newest.version).saturating_add(1);
        self.add_fees(FeeVersion {
            owner,
            wallet: contract.wallet,
            channel_account_id: account.cloned(),
            version,
            from: FeeVersion::AT_ONCE,
            tariff: contract.fee.clone(),
        });
    }

    fn add_fees(&mut self, version: FeeVersion) {
        let account = version.channel_account_id.as_ref();
        let account = account.map_or_else(String::new, ToString::to_string);
        let owner = version.owner.name().into_owned();
        let key = (owner, version.wallet.as_str(), account, version.version);
        self.fees.insert(key, version);
    }

    pub(super) fn list_fees(&self, owner: &Owner) -> Vec<FeeVersion> {
        self.fees_of(|of| of == owner)
    }

    pub(super) fn list_costs(&self) -> Vec<FeeVersion> {
        self.fees_of(|owner| matches!(owner, Owner::Agent(_)))
    }

    pub(super) fn list_fees_brought(&self, party: &PartyId) -> Vec<FeeVersion> {
        let of_party = self.agents.values().filter(|of| of.party_id == *party);
        let numbers: Vec<_> = of_party.map(|of| (&of.dialect_id, &of.agent_id)).collect();
        let is_its = |app: &&App| {
            let number = app.agent_id.as_ref().map(|id| (&app.dialect_id, id));
            number.is_some_and(|number| numbers.contains(&number))
        };
        let apps = self.apps.values().filter(is_its);
        let brought: BTreeSet<_> = apps.map(|app| &app.merchant_id).collect();
        let mut fees =
            self.fees_of(|owner| owner.merchant().is_some_and(|id| brought.contains(id)));
        fees.retain(|version| {
            let mut standing = self.contracts.values();
            standing.any(|of| of.is_charged_by(version))
        });
        fees
    }

    fn fees_of(&self, is_meant: impl Fn(&Owner) -> bool) -> Vec<FeeVersion> {
        let fees = self
            .fees
            .values()
            .filter(|version| is_meant(&version.owner));
        fees.cloned().collect()
    }

    pub(super) fn change_directory(&mut self, change: DirectoryChange) {
        match change {
            DirectoryChange::Enrol { enrolment, keys } => {
                let mut merchant = enrolment.merchant;
                if let Some(known) = self.merchants.get(&merchant.merchant_id) {
                    merchant.state = known.state;
                }
                self.merchants
                    .insert(merchant.merchant_id.clone(), merchant);
                for app in enrolment.apps {
                    self.apps
                        .insert((app.dialect_id.clone(), app.app_id.clone()), app);
                }
                for contract in enrolment.contracts {
                    self.put_fee(&contract);
                    self.contracts.insert(contract.key(), contract);
                }
                self.put_keys(keys);
            }
            DirectoryChange::EditMerchant {
                enrolment,
                keys,
                dropped,
            } => {
                self.contracts.retain(|key, _| !dropped.contains(key));
                self.change_directory(DirectoryChange::Enrol { enrolment, keys });
            }
            DirectoryChange::PutParty { mut party, agents } => {
                if let Some(known) = self.parties.get(&party.party_id) {
                    party.is_enabled = known.is_enabled;
                }
                self.parties.insert(party.party_id.clone(), party);
                for agent in agents {
                    let keys = Vec::new();
                    self.change_directory(DirectoryChange::PutAgent { agent, keys });
                }
            }
            DirectoryChange::PutAgent { mut agent, keys } => {
                let key = (agent.dialect_id.clone(), agent.agent_id.clone());
                if let Some(known) = self.agents.get(&key) {
                    agent.is_enabled = known.is_enabled;
                }
                self.agents.insert(key, agent);
                self.put_keys(keys);
            }
            DirectoryChange::PutKeys(keys) => self.put_keys(keys),
            DirectoryChange::RetireKeys {
                owner,
                role,
                below_version,
            } => self.keys.retain(|_, key| {
                (&key.owner, &key.role) != (&owner, &role) || key.version >= below_version
            }),
            DirectoryChange::ProveKey {
                owner,
                role,
                version,
            } => {
                if let Some(key) = self.keys.get_mut(&(owner, role, version)) {
                    key.is_proved = true;
                }
            }
            DirectoryChange::SetMerchantState(merchant, state) => {
                if let Some(merchant) = self.merchants.get_mut(&merchant) {
                    merchant.state = state;
                }
            }
            DirectoryChange::SetPartyEnabled {
                party_id,
                is_enabled,
            } => {
                if let Some(party) = self.parties.get_mut(&party_id) {
                    party.is_enabled = is_enabled;
                }
            }
            DirectoryChange::SetAgentEnabled {
                dialect_id,
                agent_id,
                is_enabled,
            } => {
                if let Some(agent) = self.agents.get_mut(&(dialect_id, agent_id)) {
                    agent.is_enabled = is_enabled;
                }
            }
            DirectoryChange::PutChannelAccount { account, keys } => {
                self.accounts
                    .insert(account.channel_account_id.clone(), account);
                self.put_keys(keys);
            }
            DirectoryChange::PutFees(version) => {
                let contracts = self.contracts.values_mut();
                for contract in contracts.filter(|of| of.is_charged_by(&version)) {
                    contract.fee = version.tariff.clone();
                }
                self.add_fees(version);
            }
            DirectoryChange::Terms(_) => {}
            DirectoryChange::MoveClock(ahead_ms) => {
                self.clock_ahead_ms = self.clock_ahead_ms.max(ahead_ms);
            }
            DirectoryChange::PutHolidays(years) => {
                let years = years.into_iter().map(|year| (year.year, year));
                self.holidays.extend(years);
            }
            DirectoryChange::OverFeeTree { change, .. } => {
                self.fee_tree += 1;
                self.change_directory(*change);
            }
            DirectoryChange::PutRate(currency, Some(rate)) => {
                self.rates.insert(currency, rate);
            }
            DirectoryChange::PutRate(currency, None) => {
                self.rates.remove(&currency);
            }
            DirectoryChange::RemoveChannelAccount(id) => {
                let owner = KeyOwner::ChannelAccount(id.clone()).name();
                self.keys.retain(|_, key| key.owner != owner);
                self.accounts.remove(&id);
            }
            DirectoryChange::PutPerson(person) => {
                let known = self.people.entry(person.name.clone());
                let role = person.role;
                known.or_insert(person).role = role;
            }
            DirectoryChange::SetPersonEnabled { name, is_enabled } => {
                if let Some(person) = self.people.get_mut(&name) {
                    person.is_enabled = is_enabled;
                }
            }
        }
    }

    /// Whether a change fits what stands.
    pub(super) fn check_change(&self, change: &DirectoryChange) -> Result<(), StoreError> {
        match change {
            DirectoryChange::PutParty { party, .. } => {
                self.check_place(party).map_err(StoreError::conflict)
            }
            DirectoryChange::PutFees(version) => {
                let standing = self.list_fees(&version.owner);
                let fits = is_next(&standing, version).map(|_| ());
                fits.map_err(StoreError::conflict)
            }
            DirectoryChange::OverFeeTree { seen, change } => {
                let is_repeat = match &**change {
                    DirectoryChange::PutFees(version) => {
                        self.list_fees(&version.owner).contains(version)
                    }
                    _ => false,
                };
                if *seen != self.fee_tree && !is_repeat {
                    return Err(StoreError::conflict(FeeTreeChanged));
                }
                self.check_change(change)
            }
            _ => Ok(()),
        }
    }

    /// Whether a party stands where it fits.
    fn check_place(&self, party: &Party) -> Result<(), Misplaced> {
        let standing: Vec<Party> = self.parties.values().cloned().collect();
        Tree::of(&standing).check_place(party)
    }

    pub(super) fn admit(
        &mut self,
        newcomer: Newcomer,
        audit: Option<NewAudit>,
    ) -> Result<bool, StoreError> {
        if let Newcomer::OverFeeTree { seen, newcomer } = newcomer {
            if seen != self.fee_tree && !self.stand(newcomer.keys()) {
                return Err(StoreError::conflict(FeeTreeChanged));
            }
            self.fee_tree += 1;
            return self.admit(*newcomer, audit);
        }
        let has_app = |app: &App| {
            let key = (app.dialect_id.clone(), app.app_id.clone());
            self.apps.contains_key(&key)
        };
        let has_agent = |agent: &Agent| {
            let key = (agent.dialect_id.clone(), agent.agent_id.clone());
            self.agents.contains_key(&key)
        };
        let stands = match &newcomer {
            Newcomer::Merchant { enrolment, .. } => {
                let known = self.merchants.contains_key(&enrolment.merchant.merchant_id);
                known || enrolment.apps.iter().any(has_app)
            }
            Newcomer::App { app, .. } => has_app(app),
            Newcomer::Party { party, agent, .. } => {
                self.parties.contains_key(&party.party_id) || has_agent(agent)
            }
            Newcomer::Agent { agent, .. } => has_agent(agent),
            Newcomer::Person(person) => self.people.contains_key(&person.name),
            Newcomer::OverFeeTree { .. } => false,
        };
        if stands {
            return Ok(self.stand(newcomer.keys()));
        }
        match newcomer {
            Newcomer::Merchant { enrolment, keys } => {
                self.change_directory(DirectoryChange::Enrol { enrolment, keys });
            }
            Newcomer::App { app, keys } => {
                let key = (app.dialect_id.clone(), app.app_id.clone());
                self.apps.insert(key, app);
                self.put_keys(keys);
            }
            Newcomer::Party { party, agent, keys } => {
                self.check_place(&party).map_err(StoreError::conflict)?;
                self.parties.insert(party.party_id.clone(), party);
                self.change_directory(DirectoryChange::PutAgent { agent, keys });
            }
            Newcomer::Agent { agent, keys } => {
                self.change_directory(DirectoryChange::PutAgent { agent, keys });
            }
            Newcomer::Person(person) => {
                self.change_directory(DirectoryChange::PutPerson(person));
            }
            Newcomer::OverFeeTree { .. } => {}
        }
        self.write_down(audit);
        Ok(true)
    }

    /// Whether these very keys stand, all of them.
    fn stand(&self, keys: &[SealedKey]) -> bool {
        let is_there = |key: &SealedKey| {
            let known = self.keys.values();
            let mut alike = known.filter(|known| known.sealed == key.sealed);
            alike.any(|known| (&known.owner, &known.role) == (&key.owner, &key.role))
        };
        !keys.is_empty() && keys.iter().all(is_there)
    }

    fn put_keys(&mut self, keys: Vec<SealedKey>) {
        for mut key in keys {
            let place = (key.owner.clone(), key.role.clone(), key.version);
            if let Some(old) = self.keys.get(&place) {
                key.is_proved |= old.is_proved && old.fingerprint == key.fingerprint;
            }
            self.keys.insert(place, key);
        }
    }
}
