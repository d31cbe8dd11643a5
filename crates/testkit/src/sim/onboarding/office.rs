//! The office: it lists applications, lets some pass with contracts, rejects others with a reason,
//! and shuts or opens the trade of those that have passed.

use std::sync::{Arc, Mutex, PoisonError};

use heliu_engine::Engine;
use heliu_ports::store::{CommitError, DirectoryChange, Enrolment};
use heliu_trade::application::{Application, ApplicationState, Decision};
use heliu_trade::directory::{Contract, Merchant, MerchantState, RoutingTerms};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::fee::{FeeTerms, Tariff};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::{ChannelAccountId, MerchantId};

use crate::sim::dialect::WALLETS;
use crate::sim::merchant::Merchants;
use crate::sim::play::BANKS;

/// Applications that are looked at together.
const LISTED: u32 = 20;

/// What the office hears of books that did not do it.
fn heard(error: CommitError) -> TradeError {
    match error {
        CommitError::Rejected(error) => error,
        CommitError::Store(cause) => {
            let code = match cause.is_temporary() {
                true => ErrorCode::BooksUnavailable,
                false => ErrorCode::Internal,
            };
            TradeError::new(code, cause.to_string())
        }
    }
}

/// The office.
pub(super) struct Office {
    merchants: Arc<Merchants>,
    acts: Mutex<u32>,
}

impl Office {
    pub(super) fn new(merchants: &Arc<Merchants>) -> Arc<Self> {
        Arc::new(Self {
            merchants: Arc::clone(merchants),
            acts: Mutex::default(),
        })
    }

    /// Somebody looks at the list and decides about one; now and then two people do at once.
    pub(super) fn look(self: &Arc<Self>) {
        let stage = &self.merchants.stage;
        let people = if stage.dice.happens(25) { 2 } else { 1 };
        for _ in 0..people {
            let office = Arc::clone(self);
            stage.begin(async move { office.look_once().await });
        }
    }

    async fn look_once(&self) {
        let dice = &self.merchants.stage.dice;
        let auditing = Some(ApplicationState::Auditing);
        let state = dice.weigh(&[(80, auditing), (20, None)]);
        let listed = self.list(state).await;
        if listed.is_empty() {
            return;
        }
        let application = dice.pick(&listed);
        let decision = match dice.happens(60) {
            true => Decision::Pass,
            false => Decision::Reject("the licence is blurred".to_owned()),
        };
        self.decide(application, decision).await;
    }

    /// Applications of a state; none if nobody answers.
    async fn list(&self, state: Option<ApplicationState>) -> Vec<Application> {
        let was_calm = self.merchants.stage.is_calm();
        let deed = |engine: Engine| async move { engine.applications(state, None, LISTED).await };
        let listed = self.merchants.house.run(deed).await;
        let listed = match listed {
            Some(Ok(listed)) => listed,
            Some(Err(error)) => {
                self.must_be_away(was_calm, &error);
                Vec::new()
            }
            None => Vec::new(),
        };
        let stage = &self.merchants.stage;
        let fits = |application: &Application| state.is_none_or(|s| s == application.state);
        let applications = listed.into_iter().map(|(_, application)| application);
        let applications: Vec<_> = applications.collect();
        stage.must(applications.iter().all(fits), || {
            format!("a list of {state:?} has others: {applications:?}")
        });
        applications
    }

    async fn decide(&self, application: &Application, decision: Decision) -> bool {
        let stage = &self.merchants.stage;
        let no = application.application_no;
        let (action, state) = match &decision {
            Decision::Pass => ("applications.pass", ApplicationState::Passed),
            Decision::Reject(_) => ("applications.reject", ApplicationState::Rejected),
        };
        stage.line("office", action, &no.to_string(), "");
        let directory = match decision {
            Decision::Pass => vec![self.contracts(application)],
            Decision::Reject(_) => Vec::new(),
        };
        let audit = self.act(action, &format!("application {no}"));
        let was_calm = stage.is_calm();
        let deed = |engine: Engine| async move {
            let decided = engine.decide_application(no, decision, directory, audit);
            decided.await.map_err(heard)
        };
        match self.merchants.house.run(deed).await {
            Some(Ok(decided)) => {
                let is_done = decided.application_no == no && decided.state == state;
                stage.must(is_done, || {
                    format!("{action} {no} was answered with {decided:?}")
                });
                true
            }
            Some(Err(error)) if error.code == ErrorCode::InvalidParameter => {
                let is_right = state == ApplicationState::Rejected;
                stage.must(is_right, || format!("{action} {no}: {}", error.message));
                true
            }
            Some(Err(error)) => {
                self.must_be_away(was_calm, &error);
                false
            }
            None => false,
        }
    }

    /// The contracts that a merchant gets: for both wallets or the first only.
    fn contracts(&self, application: &Application) -> DirectoryChange {
        let dice = &self.merchants.stage.dice;
        let merchant_id = &application.merchant_id;
        let count = if dice.happens(70) { 2 } else { 1 };
        let contract = |(wallet, (bank, _)): (_, (&str, bool))| Contract {
            merchant_id: merchant_id.clone(),
            wallet,
            channel_account_id: ChannelAccountId::from(bank),
            sub_merchant_id: merchant_id.to_string(),
            sub_app_id: None,
            fee: Tariff::from(FeeTerms {
                rate_ppm: dice.between(0, 10_000),
                fixed_fen: dice.between(0, 2),
                ..FeeTerms::default()
            }),
            routing: RoutingTerms::default(),
        };
        let contracts = WALLETS.into_iter().zip(BANKS).take(count).map(contract);
        let enrolment = Enrolment {
            merchant: Merchant {
                merchant_id: merchant_id.clone(),
                name: merchant_id.to_string(),
                short_name: String::new(),
                state: MerchantState::Pending,
            },
            apps: Vec::new(),
            contracts: contracts.collect(),
        };
        DirectoryChange::Enrol {
            enrolment,
            keys: Vec::new(),
        }
    }

    /// The trade of a merchant that has passed is shut, or opened again.
    pub(super) fn shut_or_open(self: &Arc<Self>) {
        let office = Arc::clone(self);
        let stage = &self.merchants.stage;
        stage.begin(async move {
            let passed = office.list(Some(ApplicationState::Passed)).await;
            if passed.is_empty() {
                return;
            }
            let dice = &office.merchants.stage.dice;
            let merchant_id = dice.pick(&passed).merchant_id.clone();
            let state = *dice.pick(&[MerchantState::Disabled, MerchantState::Enabled]);
            office.set_state(merchant_id, state).await;
        });
    }

    async fn set_state(&self, merchant_id: MerchantId, state: MerchantState) -> bool {
        let who = merchant_id.as_str();
        let stage = &self.merchants.stage;
        stage.line("office", "sets", who, state.as_str());
        let audit = self.act("merchants.set", who);
        let change = DirectoryChange::SetMerchantState(merchant_id, state);
        let deed = |engine: Engine| async move {
            let changed = engine.change_directory_audited(change, Some(audit));
            changed.await
        };
        matches!(self.merchants.house.run(deed).await, Some(Ok(())))
    }

    /// What is still to be looked at is decided; all is calm, so that it is answered.
    pub(super) async fn decide_all(&self) {
        let stage = &self.merchants.stage;
        for application in self.list(Some(ApplicationState::Auditing)).await {
            let decision = match stage.dice.happens(70) {
                true => Decision::Pass,
                false => Decision::Reject("nobody answers the telephone".to_owned()),
            };
            let is_decided = self.decide(&application, decision).await;
            stage.must(is_decided, || {
                let no = application.application_no;
                format!("all is calm, and application {no} cannot be decided")
            });
        }
    }

    fn act(&self, action: &str, subject: &str) -> NewAudit {
        let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
        *acts += 1;
        NewAudit {
            audit_id: format!("act-{acts}"),
            at: heliu_ports::clock::Clock::now(&*self.merchants.stage.clock),
            actor: "li".to_owned(),
            system_user: "office".to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            before: None,
            after: None,
        }
    }

    /// Nothing but absent books keeps the office from its work.
    fn must_be_away(&self, was_calm: bool, error: &TradeError) {
        let stage = &self.merchants.stage;
        let is_away = error.code == ErrorCode::BooksUnavailable && !was_calm;
        stage.must(is_away, || {
            format!("the office hears {:?}: {}", error.code, error.message)
        });
    }
}
