//! Merchants, apps, contracts, channel accounts and rates, read once and kept until they change.

use std::sync::Arc;

use heliu_ports::channel::{Channel, UpstreamScene};
use heliu_ports::dialect::{Descriptor, Dialect, SignerKind};
use heliu_ports::keys::{KeyOwner, Keys};
use heliu_ports::store::{DirectoryChange, Newcomer, StoreError};
use heliu_trade::attempt::Route;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract, Merchant, MerchantState};
use heliu_trade::error::{Advice, ErrorCode, TradeError};
use heliu_trade::fee::Speed;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::followup::subject::Owner;
use heliu_trade::funds::AccountFunds;
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, ChannelId, DialectId, MerchantId};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::parties::Party;
use heliu_trade::routing::contract_for;
use heliu_trade::settlement_terms::OwnerTerms;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Scene, WalletKind};

use crate::common::cache::Cache;
use crate::common::fees::{Costs, MerchantFees};
use crate::enrolment::accounts::faults_of_settings;
use crate::{Engine, Inner};

/// One app with all that a request of it needs to know.
pub struct AppProfile {
    /// The app.
    pub app: App,
    /// Its merchant.
    pub merchant: Merchant,
    /// The merchant's contracts.
    pub contracts: Vec<Contract>,
    /// The keys that sign for it, opened: its own, or its agent's where only agents sign.
    pub keys: Arc<dyn Keys>,
    /// Its agent, where agents sign; where apps sign too, an app may have none.
    pub agent: Option<Arc<AgentProfile>>,
    /// Its dialect.
    pub dialect: Arc<dyn Dialect>,
    /// What each contract costs it, and who shares in that, now and later.
    pub(crate) fees: MerchantFees,
    /// How the merchant is settled, now and later; `None`: by the default terms.
    terms: Option<OwnerTerms>,
}

/// One agent with all that a request of it needs to know.
pub struct AgentProfile {
    /// The agent.
    pub agent: Agent,
    /// Whose number it is.
    pub party: Party,
    /// Its keys, opened.
    pub keys: Arc<dyn Keys>,
    /// Its dialect.
    pub dialect: Arc<dyn Dialect>,
}

impl AgentProfile {
    /// Whether its keys open anything: neither it nor its party is disabled.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.agent.is_enabled && self.party.is_enabled
    }
}

impl AppProfile {
    /// How soon the merchant has its money of what is paid now: its terms say so, whatever an order
    /// asks (decision 55).
    pub(crate) fn speed(&self, now: Timestamp) -> Speed {
        let terms = self.terms.as_ref();
        let version = terms.and_then(|terms| terms.at(BusinessDate::of(now)));
        version.map_or(Speed::T1, |version| version.terms.cycle.speed())
    }

    /// What its dialect states.
    #[must_use]
    pub fn descriptor(&self) -> &'static Descriptor {
        self.dialect.descriptor()
    }

    /// The keys that sign notices of this kind.
    pub(crate) fn keys_of_notice(&self, kind: NoticeKind) -> &dyn Keys {
        match (self.dialect.signer_of_notice(kind), &self.agent) {
            (SignerKind::Agent, Some(agent)) => &*agent.keys,
            (SignerKind::App, _) | (SignerKind::Agent, None) => &*self.keys,
        }
    }
}

/// A channel account with its channel and its keys, opened.
pub(crate) struct AccountProfile {
    pub(crate) account: ChannelAccount,
    /// What its settings say of the money, read once.
    pub(crate) funds: AccountFunds,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) keys: Arc<dyn Keys>,
}

type Rates = Arc<Vec<(Currency, ExchangeRate)>>;

#[derive(Default)]
pub(crate) struct Directory {
    apps: Cache<AppId, Arc<AppProfile>>,
    /// The same profiles as `apps`, for those who know the merchant and not the dialect.
    apps_of_merchants: Cache<AppId, Arc<AppProfile>>,
    agents: Cache<AgentId, Arc<AgentProfile>>,
    accounts: Cache<ChannelAccountId, Arc<AccountProfile>>,
    /// Keys of contracts, where their channel needs such.
    contracts: Cache<KeyOwner, Arc<dyn Keys>>,
    rates: Cache<(), Rates>,
    /// What agents pay; read with the first app that an agent brought.
    costs: Cache<(), Arc<Costs>>,
}

impl Directory {
    pub(crate) fn forget(&self) {
        self.apps.clear();
        self.apps_of_merchants.clear();
        self.agents.clear();
        self.accounts.clear();
        self.contracts.clear();
        self.rates.clear();
        self.costs.clear();
    }

    /// An app was added: who was looked for in vain may be there.
    pub(crate) fn forget_misses(&self) {
        self.apps.forget_misses();
    }
}

impl Engine {
    /// The app that a wire knows under this number, `None` if there is none.
    ///
    /// # Errors
    /// The books are away, or the app's keys cannot be opened.
    pub async fn find_app(
        &self,
        dialect: &Arc<dyn Dialect>,
        app_id: &AppId,
    ) -> Result<Option<Arc<AppProfile>>, StoreError> {
        self.inner.find_app(dialect, app_id).await
    }

    /// The agent that a wire knows under this number, `None` if there is none.
    ///
    /// # Errors
    /// The books are away, or the agent's keys cannot be opened.
    pub async fn find_agent(
        &self,
        dialect: &Arc<dyn Dialect>,
        agent_id: &AgentId,
    ) -> Result<Option<Arc<AgentProfile>>, StoreError> {
        self.inner.find_agent(dialect, agent_id).await
    }

    /// The app of an order of this merchant, whatever dialect it speaks; `None` if it is not in the
    /// directory.
    ///
    /// # Errors
    /// The books are away, or the app's keys cannot be opened.
    pub async fn app_of_order(
        &self,
        merchant_id: &MerchantId,
        app_id: &AppId,
    ) -> Result<Option<Arc<AppProfile>>, StoreError> {
        self.inner.app_of_order(merchant_id, app_id).await
    }

    /// Changes the directory; every later request sees it.
    ///
    /// # Errors
    /// The books are away.
    pub async fn change_directory(&self, change: DirectoryChange) -> Result<(), StoreError> {
        self.change_directory_audited(change, None).await
    }

    /// The same, and writes down who of the office does it.
    ///
    /// # Errors
    /// The books are away.
    pub async fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Result<(), StoreError> {
        let store = &self.inner.store;
        let result = store.change_directory_audited(change, audit).await;
        self.inner.directory.forget();
        result
    }

    /// Admits who is new, and writes down who of the office does it; every later request finds it.
    /// `false`, and nothing changes, if it stands already.
    ///
    /// # Errors
    /// The books are away.
    pub async fn admit(
        &self,
        newcomer: Newcomer,
        audit: Option<NewAudit>,
    ) -> Result<bool, StoreError> {
        let result = self.inner.store.admit_audited(newcomer, audit).await;
        self.inner.directory.forget();
        result
    }
}

impl Inner {
    pub(crate) async fn find_app(
        &self,
        dialect: &Arc<dyn Dialect>,
        app_id: &AppId,
    ) -> Result<Option<Arc<AppProfile>>, StoreError> {
        let id = dialect.descriptor().id;
        let fits = |profile: &Arc<AppProfile>| profile.app.dialect_id.as_str() == id;
        let read = self.read_app(dialect, app_id);
        let apps = &self.directory.apps;
        apps.find_for_strangers(app_id, id, fits, read).await
    }

    async fn read_app(
        &self,
        dialect: &Arc<dyn Dialect>,
        app_id: &AppId,
    ) -> Result<Option<Arc<AppProfile>>, StoreError> {
        let dialect_id = DialectId::from(dialect.descriptor().id);
        let Some(record) = self.store.find_app(&dialect_id, app_id).await? else {
            return Ok(None);
        };
        let agent = match &record.app.agent_id {
            Some(agent_id) => self.find_agent(dialect, agent_id).await?,
            None => None,
        };
        let keys =
            if dialect.is_signed_by(SignerKind::Agent) && !dialect.is_signed_by(SignerKind::App) {
                let missing =
                    || StoreError::missing(format!("app {app_id} has no agent to sign for it"));
                Arc::clone(&agent.as_ref().ok_or_else(missing)?.keys)
            } else {
                let owner = KeyOwner::App(dialect_id, app_id.clone());
                let opened = self.vault.open_keys(&owner, &record.keys);
                opened.map_err(StoreError::damaged)?
            };
        let costs = match &agent {
            Some(agent) => Some((self.costs().await?, &agent.party.party_id)),
            None => None,
        };
        let above = costs
            .as_ref()
            .map(|(costs, party_id)| (&**costs, *party_id));
        let fees = MerchantFees::of(&record.contracts, &record.fees, above, self.now());
        let owner = Owner::Merchant(record.merchant.merchant_id.clone());
        let terms = self.store.find_record(OwnerTerms::want(&owner)).await?;
        let terms = terms.map(|record| record.read()).transpose();
        Ok(Some(Arc::new(AppProfile {
            fees,
            terms: terms.map_err(StoreError::damaged)?,
            app: record.app,
            merchant: record.merchant,
            contracts: record.contracts,
            keys,
            agent,
            dialect: Arc::clone(dialect),
        })))
    }

    pub(crate) async fn find_agent(
        &self,
        dialect: &Arc<dyn Dialect>,
        agent_id: &AgentId,
    ) -> Result<Option<Arc<AgentProfile>>, StoreError> {
        let id = dialect.descriptor().id;
        let fits = |profile: &Arc<AgentProfile>| profile.agent.dialect_id.as_str() == id;
        let read = self.read_agent(dialect, agent_id);
        let agents = &self.directory.agents;
        agents.find_for_strangers(agent_id, id, fits, read).await
    }

    async fn read_agent(
        &self,
        dialect: &Arc<dyn Dialect>,
        agent_id: &AgentId,
    ) -> Result<Option<Arc<AgentProfile>>, StoreError> {
        let dialect_id = DialectId::from(dialect.descriptor().id);
        let Some(record) = self.store.find_agent(&dialect_id, agent_id).await? else {
            return Ok(None);
        };
        let owner = KeyOwner::Agent(dialect_id, agent_id.clone());
        let keys = self
            .vault
            .open_keys(&owner, &record.keys)
            .map_err(StoreError::damaged)?;
        Ok(Some(Arc::new(AgentProfile {
            agent: record.agent,
            party: record.party,
            keys,
            dialect: Arc::clone(dialect),
        })))
    }

    /// The app of an order of this merchant, whatever dialect it speaks.
    pub(crate) async fn app_of_order(
        &self,
        merchant_id: &MerchantId,
        app_id: &AppId,
    ) -> Result<Option<Arc<AppProfile>>, StoreError> {
        let is_merchants = |profile: &Arc<AppProfile>| profile.merchant.merchant_id == *merchant_id;
        let read = async {
            for dialect in &self.dialects {
                let found = self.find_app(dialect, app_id).await?;
                if let Some(profile) = found.filter(is_merchants) {
                    return Ok(Some(profile));
                }
            }
            Ok(None)
        };
        let known = &self.directory.apps_of_merchants;
        known.find(app_id, is_merchants, read).await
    }

    fn channel(&self, id: &ChannelId) -> Option<&Arc<dyn Channel>> {
        self.channels
            .iter()
            .find(|channel| channel.descriptor().id == id.as_str())
    }

    pub(crate) async fn account(
        &self,
        id: &ChannelAccountId,
    ) -> Result<Arc<AccountProfile>, StoreError> {
        let read = self.read_account(id);
        let found = self.directory.accounts.find(id, |_| true, read).await?;
        found.ok_or_else(|| StoreError::missing(format!("there is no channel account {id}")))
    }

    async fn read_account(
        &self,
        id: &ChannelAccountId,
    ) -> Result<Option<Arc<AccountProfile>>, StoreError> {
        let Some((account, sealed)) = self.store.find_channel_account(id).await? else {
            return Ok(None);
        };
        let channel = self.channel(&account.channel_id).ok_or_else(|| {
            StoreError::missing(format!("there is no channel {}", account.channel_id))
        })?;
        let faults = faults_of_settings(channel.descriptor(), &account.settings);
        if let Err(faults) = faults.into_result() {
            tracing::warn!(
                account = %id,
                faults = %faults,
                "a channel account is broken; mend it: heliu channels put, --setting NAME=TEXT"
            );
        }
        // Nobody guesses whose account money comes to.
        let funds = AccountFunds::of(&account.settings).map_err(StoreError::damaged)?;
        let owner = KeyOwner::ChannelAccount(id.clone());
        let keys = self
            .vault
            .open_keys(&owner, &sealed)
            .map_err(StoreError::damaged)?;
        Ok(Some(Arc::new(AccountProfile {
            account,
            funds,
            channel: Arc::clone(channel),
            keys,
        })))
    }

    /// The keys of a contract; `None` where its channel needs none, and then nobody asks whose they
    /// would be.
    pub(crate) async fn contract_keys(
        &self,
        account: &AccountProfile,
        owner: impl FnOnce() -> KeyOwner + Send,
    ) -> Result<Option<Arc<dyn Keys>>, StoreError> {
        if account.channel.descriptor().contract_keys.is_empty() {
            return Ok(None);
        }
        let owner = owner();
        let read = async {
            let sealed = self.store.list_keys(owner.name()).await?;
            let opened = self.vault.open_keys(&owner, &sealed);
            opened.map(Some).map_err(StoreError::damaged)
        };
        self.directory.contracts.find(&owner, |_| true, read).await
    }

    async fn costs(&self) -> Result<Arc<Costs>, StoreError> {
        let read = async {
            let parties = self.store.list_parties().await?;
            let costs = Costs::of(parties, self.store.list_costs().await?);
            Ok(Some(Arc::new(costs)))
        };
        let found = self.directory.costs.find(&(), |_| true, read).await?;
        found.ok_or_else(|| StoreError::missing("agents' costs cannot be read"))
    }

    /// The rate for a currency other than CNY.
    pub(crate) async fn rate(&self, currency: Currency) -> Result<ExchangeRate, TradeError> {
        let read = async { self.store.rates().await.map(|rates| Some(Arc::new(rates))) };
        let rates = self.directory.rates.find(&(), |_| true, read).await;
        let rates = rates.map_err(books_unavailable)?.unwrap_or_default();
        rates
            .iter()
            .find(|(of, _)| *of == currency)
            .map(|(_, rate)| *rate)
            .ok_or_else(|| {
                TradeError::new(
                    ErrorCode::InvalidParameter,
                    Advice::AskOperator.after(format_args!(
                        "the currency {currency} has no exchange rate here"
                    )),
                )
            })
    }

    /// Where an attempt of this merchant goes: contract, account, and the channel's plan.
    pub(crate) async fn route(
        &self,
        profile: &AppProfile,
        wallet: WalletKind,
        scene: UpstreamScene,
    ) -> Result<Route, TradeError> {
        let refuse = |problem: String| TradeError::advised(ErrorCode::NoContract, problem);
        check_enabled(profile)?;
        let contract = contract_for(&profile.contracts, wallet).ok_or_else(|| {
            refuse(format!(
                "the merchant has no contract for {}",
                wallet.as_str()
            ))
        })?;
        let account = self
            .account(&contract.channel_account_id)
            .await
            .map_err(books_unavailable)?;
        let plan = account
            .channel
            .plan(&account.account, wallet, scene)
            .ok_or_else(|| {
                TradeError::new(
                    ErrorCode::UnsupportedWallet,
                    format!("{} cannot be paid this way", wallet.as_str()),
                )
            })?;
        let provider = account.channel.provider_names(&account.account, scene);
        let now = self.now();
        let terms = profile.fees.of_contract(contract, profile.speed(now), now);
        Ok(Route {
            channel_id: account.account.channel_id.clone(),
            channel_account_id: account.account.channel_account_id.clone(),
            wallet,
            scene: match scene {
                UpstreamScene::Barcode => Scene::Barcode,
                UpstreamScene::Face => Scene::Face,
                UpstreamScene::MerchantPage | UpstreamScene::CashierPage => Scene::Jsapi,
                UpstreamScene::Native => Scene::Native,
                UpstreamScene::MiniProgram => Scene::MiniProgram,
                UpstreamScene::App => Scene::App,
            },
            sub_merchant_id: contract.sub_merchant_id.clone(),
            // A payment code belongs to no app, so that the merchant's own may be named; on the
            // merchant's pages and in its app the payer is known under it unless the request names
            // another one.
            sub_app_id: match scene {
                UpstreamScene::Barcode
                | UpstreamScene::MerchantPage
                | UpstreamScene::MiniProgram
                | UpstreamScene::App => contract.sub_app_id.clone(),
                UpstreamScene::Face | UpstreamScene::CashierPage | UpstreamScene::Native => None,
            },
            provider_merchant_no: provider.merchant_no,
            provider_app_id: provider.app_id,
            payer_id: None,
            payer_login: None,
            api: plan.api.to_owned(),
            fee: terms.fee,
            shares: terms.shares,
            funds: account.funds.terms(wallet),
            query_gap_ms: plan.query_gap_ms,
            reverse_after_ms: plan.reverse_after_ms,
            refund_gap_ms: plan.refund_gap_ms,
            refund_count_max: plan.refund_count_max,
            reverses_by_call: plan.reverses_by_call,
        })
    }
}

/// Only an enabled merchant creates orders.
pub(crate) fn check_enabled(profile: &AppProfile) -> Result<(), TradeError> {
    let problem = match profile.merchant.state {
        MerchantState::Enabled => return Ok(()),
        MerchantState::Pending => "the merchant awaits activation",
        MerchantState::Disabled => "the merchant is disabled",
    };
    Err(TradeError::advised(ErrorCode::MerchantNotEnabled, problem))
}

/// What a merchant hears when the books are away. The cause is logged here, once.
pub(crate) fn books_unavailable(cause: StoreError) -> TradeError {
    tracing::error!(kind = cause.kind().as_str(), %cause, "the books did not do what was asked");
    TradeError::advised(
        ErrorCode::BooksUnavailable,
        "the books are away for the moment",
    )
}
