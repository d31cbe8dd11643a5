//! Merchants, apps, agents, contracts, channel accounts, their keys, and rates.

use heliu_trade::calendar::HolidayYear;
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract, Merchant, MerchantState};
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, DialectId, MerchantId, PartyId};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::parties::Party;
use heliu_trade::person::Person;
use heliu_trade::routing::ContractKey;

use crate::books::Enrolment;
use crate::keys::SealedKey;
use crate::store_error::Answer;

/// One app with its merchant, contracts and encrypted keys: all that a request needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRecord {
    /// The app.
    pub app: App,
    /// Its merchant.
    pub merchant: Merchant,
    /// The merchant's contracts.
    pub contracts: Vec<Contract>,
    /// Every version of what the merchant pays, as [`Directory::list_fees`].
    pub fees: Vec<FeeVersion>,
    /// The app's keys.
    pub keys: Vec<SealedKey>,
}

/// An agent with its party and its encrypted keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRecord {
    /// The agent.
    pub agent: Agent,
    /// Whose number it is.
    pub party: Party,
    /// Its keys.
    pub keys: Vec<SealedKey>,
}

/// A change of the directory. A repeat writes the same again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryChange {
    /// Writes a merchant, its apps, contracts and their keys. Whether one that stands may trade
    /// stays as it is, since what is written may come of an old reading:
    /// [`DirectoryChange::SetMerchantState`] alone changes that.
    Enrol {
        /// What is enrolled.
        enrolment: Enrolment,
        /// Encrypted keys of its apps and contracts.
        keys: Vec<SealedKey>,
    },
    /// Writes a merchant that stands like [`DirectoryChange::Enrol`], and removes contracts of it,
    /// in one transaction. Keys of removed contracts stay: refunds of what was paid under them need
    /// them. A contract that is not there is removed already.
    EditMerchant {
        /// What is written.
        enrolment: Enrolment,
        /// Encrypted keys of its apps and contracts.
        keys: Vec<SealedKey>,
        /// Contracts that go, before the others are written.
        dropped: Vec<ContractKey>,
    },
    /// Writes a party where it fits into its tree, and agents of it, in one transaction. A place
    /// that [`heliu_trade::parties::Tree`] does not allow is a conflict, and then nothing changes;
    /// of two moves at once, on whichever nodes, the later one is looked at after the other.
    /// Whether the doors of those that stand are open stays as it is.
    PutParty {
        /// The party.
        party: Party,
        /// Agents of it that change too.
        agents: Vec<Agent>,
    },
    /// Opens or shuts a party's door on every wire.
    SetPartyEnabled {
        /// Which.
        party_id: PartyId,
        /// Whether it is open from now on.
        is_enabled: bool,
    },
    /// Writes an agent of a party that stands and adds keys of it. Whether the door of one that
    /// stands is open stays as it is: [`DirectoryChange::SetAgentEnabled`] alone changes that.
    PutAgent {
        /// The agent.
        agent: Agent,
        /// Encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// Adds keys of an owner that stands: the next ones of a rotation.
    PutKeys(Vec<SealedKey>),
    /// Removes the keys of a role that are older than a version: the end of a rotation's overlap.
    RetireKeys {
        /// Whose, by `KeyOwner::name`.
        owner: String,
        /// Which role.
        role: String,
        /// Versions below this one go.
        below_version: u32,
    },
    /// A request was verified by this key, so the other side has it: what nobody asked for is
    /// signed with it from now on (ruling 30).
    ProveKey {
        /// Whose, by `KeyOwner::name`.
        owner: String,
        /// Which role.
        role: String,
        /// Which version.
        version: u32,
    },
    /// Opens or shuts a merchant's trade.
    SetMerchantState(MerchantId, MerchantState),
    /// Opens or shuts an agent's door.
    SetAgentEnabled {
        /// On which wire.
        dialect_id: DialectId,
        /// Its number there.
        agent_id: AgentId,
        /// Open.
        is_enabled: bool,
    },
    /// Writes a channel account and its keys.
    PutChannelAccount {
        /// The account.
        account: ChannelAccount,
        /// Its encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// Removes a channel account and its keys.
    RemoveChannelAccount(ChannelAccountId),
    /// Writes a version of what an owner pays, which must follow the newest: a conflict otherwise,
    /// and then nothing changes. One that stands already is a repeat.
    PutFees(FeeVersion),
    /// Writes nothing: how an owner is settled stands in a record. The nodes that keep it in mind
    /// beside the directory read it anew.
    Terms(Owner),
    /// Writes an exchange rate; `None` removes it.
    PutRate(Currency, Option<ExchangeRate>),
    /// The clock of a sandbox's books is so many ms ahead; never less than before.
    MoveClock(i64),
    /// Writes tables of holidays, each over the one of its year.
    PutHolidays(Vec<HolidayYear>),
    /// Writes a person of the office. Whether one of the list may act stays as it is:
    /// [`DirectoryChange::SetPersonEnabled`] alone changes that.
    PutPerson(Person),
    /// Lets a person act, or no more.
    SetPersonEnabled {
        /// Who.
        name: String,
        /// Whether they may.
        is_enabled: bool,
    },
    /// A change for which was looked at who pays what, and who stands above whom
    /// ([`Directory::fee_tree`]). Of two at once that looked at the same, on whichever nodes, the
    /// later one is a conflict, and then nothing changes: two that are sound each by itself may not
    /// be so together.
    OverFeeTree {
        /// What was looked at.
        seen: u64,
        /// The change.
        change: Box<DirectoryChange>,
    },
}

impl DirectoryChange {
    /// This change, if who pays what is still as it was looked at.
    #[must_use]
    pub fn over_fee_tree(self, seen: u64) -> Self {
        let change = Box::new(self);
        Self::OverFeeTree { seen, change }
    }
}

/// What was looked at of who pays what has changed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("somebody else changed at this moment who pays what; look again")]
pub struct FeeTreeChanged;

/// Who is to be new in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newcomer {
    /// A merchant with its apps, contracts and their keys. Neither it nor any of the apps may
    /// stand.
    Merchant {
        /// What is enrolled.
        enrolment: Enrolment,
        /// Encrypted keys of its apps and contracts.
        keys: Vec<SealedKey>,
    },
    /// A further app of a merchant that stands. The app may not stand, whoever has it.
    App {
        /// The app.
        app: App,
        /// Its encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// A party with its first agent. Neither may stand, and the party's place must fit as for
    /// [`DirectoryChange::PutParty`].
    Party {
        /// The party.
        party: Party,
        /// The agent.
        agent: Agent,
        /// Its encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// A further agent of a party that stands. The agent may not stand, whoever has it.
    Agent {
        /// The agent.
        agent: Agent,
        /// Its encrypted keys.
        keys: Vec<SealedKey>,
    },
    /// A person of the office, who may not be on the list.
    Person(Person),
    /// As [`DirectoryChange::OverFeeTree`].
    OverFeeTree {
        /// What was looked at.
        seen: u64,
        /// Who.
        newcomer: Box<Newcomer>,
    },
}

impl Newcomer {
    /// This newcomer, if who pays what is still as it was looked at.
    #[must_use]
    pub fn over_fee_tree(self, seen: u64) -> Self {
        let newcomer = Box::new(self);
        Self::OverFeeTree { seen, newcomer }
    }

    /// The keys that come with them, by which a repeat is known.
    #[must_use]
    pub fn keys(&self) -> &[SealedKey] {
        match self {
            Self::Merchant { keys, .. }
            | Self::App { keys, .. }
            | Self::Party { keys, .. }
            | Self::Agent { keys, .. } => keys,
            Self::Person(_) => &[],
            Self::OverFeeTree { newcomer, .. } => newcomer.keys(),
        }
    }
}

/// Merchants, apps, agents, contracts, channel accounts, their keys, and rates. A facet of the
/// books.
pub trait Directory: Send + Sync {
    /// An app by dialect and wire number.
    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Answer<'_, Option<AppRecord>>;

    /// An agent by dialect and wire number.
    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Answer<'_, Option<AgentRecord>>;

    /// What an owner pays, a merchant also by contracts that were dropped: by wallet and account,
    /// from the first version on.
    fn list_fees(&self, owner: Owner) -> Answer<'_, Vec<FeeVersion>>;

    /// What all agents pay: by agent, wallet and account, from the first version on.
    fn list_costs(&self) -> Answer<'_, Vec<FeeVersion>>;

    /// What the merchants pay that a party brought, by whichever of its numbers, under contracts
    /// that stand: by merchant, wallet and account, from the first version on.
    fn list_fees_brought(&self, party: PartyId) -> Answer<'_, Vec<FeeVersion>>;

    /// The number of the state in which who pays what, and who stands above whom, is now: another
    /// one after each [`DirectoryChange::OverFeeTree`].
    fn fee_tree(&self) -> Answer<'_, u64>;

    /// The tables of holidays that were imported, by year.
    fn holidays(&self) -> Answer<'_, Vec<HolidayYear>>;

    /// All parties, by id.
    fn list_parties(&self) -> Answer<'_, Vec<Party>>;

    /// All agents, by dialect and number.
    fn list_agents(&self) -> Answer<'_, Vec<Agent>>;

    /// A channel account and its encrypted keys.
    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Answer<'_, Option<(ChannelAccount, Vec<SealedKey>)>>;

    /// All channel accounts, by id.
    fn list_channel_accounts(&self) -> Answer<'_, Vec<ChannelAccount>>;

    /// The exchange rates.
    fn rates(&self) -> Answer<'_, Vec<(Currency, ExchangeRate)>>;

    /// Changes the directory without anybody of the office: what a peer, a job or a start does.
    fn change_directory(&self, change: DirectoryChange) -> Answer<'_, ()> {
        self.change_directory_audited(change, None)
    }

    /// Changes the directory and writes down who did it, in one transaction. The store gives the
    /// row its place in the chain; a row whose [`NewAudit::audit_id`] stands already is a repeat,
    /// and is not written again.
    fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Answer<'_, ()>;

    /// Writes who is new, whole or not at all: `false` if it stands already, and then nothing
    /// changes. Of two at once, on whichever nodes, one is written. The very same sealed keys show
    /// that a call is a repeat of the one that wrote it, whose answer was lost; that is `true` too.
    fn admit(&self, newcomer: Newcomer) -> Answer<'_, bool> {
        self.admit_audited(newcomer, None)
    }

    /// The same, and writes down who did it, in one transaction; nothing is written down of who was
    /// not new.
    fn admit_audited(&self, newcomer: Newcomer, audit: Option<NewAudit>) -> Answer<'_, bool>;

    /// A merchant by its id, with what belongs to it.
    fn find_merchant(&self, merchant: &MerchantId) -> Answer<'_, Option<Enrolment>>;

    /// All merchants, by id.
    fn list_merchants(&self) -> Answer<'_, Vec<Enrolment>>;

    /// Fingerprints of the keys of an owner: role, version, fingerprint.
    fn list_keys(&self, owner: String) -> Answer<'_, Vec<SealedKey>>;
}
