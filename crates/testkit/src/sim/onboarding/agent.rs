//! Agents: they register merchants, again and at once, ask for login codes, sign merchants in, and
//! let those sell that may. What they are told must be what the books say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliu_engine::Engine;
use heliu_ports::dialect::Dialect;
use heliu_ports::store::DirectoryChange;
use heliu_ports::store::prelude::*;
use heliu_trade::command::{AgentCommand, Credentials, MerchantReply, RegisterMerchant, Reply};
use heliu_trade::directory::{Agent, MerchantState};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AgentId, AppId, DialectId};
use heliu_trade::parties::Party;

use crate::sim::merchant::Merchants;
use crate::sim::seller::Seller;
use crate::sim::stage::wait_ms;

/// Agents, each on the wire of the standing merchant at its place.
const AGENTS: [&str; 2] = ["agent-a", "agent-b"];
/// A code is sent to a number once in so many ms; so long is waited for the next one.
const CODE_GAP_MS: i64 = 61_000;
/// How often everybody asks once all is calm.
const ASKED_AGAIN: usize = 3;
/// A password that is nobody's.
const WRONG: &str = "not the password";

/// A registration as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Form {
    agent: usize,
    mobile: Option<String>,
    name: String,
    username: Option<String>,
    password: String,
}

/// An agent's wire.
struct Wire {
    agent_id: AgentId,
    dialect: Arc<dyn Dialect>,
}

#[derive(Default)]
struct Told {
    forms: Vec<Form>,
    /// The merchant's number of each (agent, mobile, name).
    numbers: BTreeMap<(usize, String, String), AppId>,
    /// What a merchant's software shows when it trades.
    trade_codes: BTreeMap<AppId, String>,
    /// Sign-ins by code, by mobile number.
    by_code: BTreeMap<String, usize>,
    /// Passwords that were sent with a login name.
    passwords: BTreeSet<(usize, String, String)>,
}

/// All agents.
pub(super) struct Agents {
    merchants: Arc<Merchants>,
    wires: Vec<Wire>,
    told: Mutex<Told>,
}

impl Agents {
    /// Writes the agents, however often the books are away. Some let their merchants trade at once.
    pub(super) async fn enrol(merchants: &Arc<Merchants>) -> Arc<Self> {
        let stage = &merchants.stage;
        let dialects = &merchants.house.dialects;
        let wires = AGENTS.iter().zip(dialects).map(|(agent_id, dialect)| Wire {
            agent_id: AgentId::from(*agent_id),
            dialect: Arc::clone(dialect),
        });
        let wires: Vec<Wire> = wires.collect();
        for wire in &wires {
            let mut settings = BTreeMap::new();
            if stage.dice.happens(20) {
                let enabled = MerchantState::Enabled.as_str().to_owned();
                settings.insert(Agent::NEW_MERCHANT_STATE.to_owned(), enabled);
            }
            let party = Party {
                party_id: wire.agent_id.as_str().into(),
                parent_id: None,
                name: wire.agent_id.to_string(),
                is_enabled: true,
            };
            let agent = Agent {
                agent_id: wire.agent_id.clone(),
                dialect_id: DialectId::from(wire.dialect.descriptor().id),
                party_id: party.party_id.clone(),
                is_enabled: true,
                settings,
                mini_programs: BTreeMap::new(),
            };
            let change = DirectoryChange::PutParty {
                party,
                agents: vec![agent],
            };
            while merchants
                .house
                .store
                .change_directory(change.clone())
                .await
                .is_err()
            {
                wait_ms(10).await;
            }
        }
        Arc::new(Self {
            merchants: Arc::clone(merchants),
            wires,
            told: Mutex::default(),
        })
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A registration that was sent before, if there is one.
    fn any_form(&self) -> Option<Form> {
        let told = self.told();
        (!told.forms.is_empty()).then(|| self.merchants.stage.dice.pick(&told.forms).clone())
    }

    /// Few numbers and names, so that they repeat and contradict one another.
    fn new_form(&self) -> Form {
        let dice = &self.merchants.stage.dice;
        let agent = usize::from(dice.happens(50));
        let one_of = |what: &str, most| format!("{what}{}", dice.between(1, most));
        Form {
            agent,
            mobile: dice
                .happens(90)
                .then(|| one_of(&format!("13{agent}0000000"), 3)),
            name: one_of("shop", 3),
            username: dice.happens(70).then(|| one_of("user", 6)),
            password: one_of("secret", 3),
        }
    }

    /// A registration; it may be sent twice at once, or at the same time as another one's.
    pub(super) fn register_someone(self: &Arc<Self>) {
        let form = self.new_form();
        self.told().forms.push(form.clone());
        let count = if self.merchants.stage.dice.happens(25) {
            2
        } else {
            1
        };
        for _ in 0..count {
            self.send(form.clone());
        }
        if self.merchants.stage.dice.happens(10) {
            let other = Form {
                name: format!("{} too", form.name),
                ..form
            };
            self.told().forms.push(other.clone());
            self.send(other);
        }
    }

    /// A registration of before once more, perhaps with another password.
    pub(super) fn register_again(self: &Arc<Self>) {
        if let Some(mut form) = self.any_form() {
            if self.merchants.stage.dice.happens(20) {
                form.password.push_str(" new");
            }
            self.send(form);
        }
    }

    fn send(self: &Arc<Self>, form: Form) {
        let agents = Arc::clone(self);
        self.merchants.stage.begin(async move {
            agents.register(&form).await;
        });
    }

    async fn register(&self, form: &Form) -> Option<Result<Reply, TradeError>> {
        if let Some(username) = &form.username {
            let sent = (form.agent, username.clone(), form.password.clone());
            self.told().passwords.insert(sent);
        }
        let new = RegisterMerchant {
            full_name: Some(form.name.clone()),
            short_name: None,
            mobile: form.mobile.clone(),
            username: form.username.clone(),
            password: Some(form.password.clone()),
            members: vec![("password".to_owned(), form.password.clone())],
        };
        let reply = self
            .ask(form.agent, AgentCommand::RegisterMerchant(new))
            .await;
        let Some(Ok(Reply::Merchant(merchant))) = &reply else {
            return reply;
        };
        if let Some(mobile) = &form.mobile {
            let key = (form.agent, mobile.clone(), form.name.clone());
            let told = &mut *self.told();
            let number = told.numbers.entry(key).or_insert(merchant.app_id.clone());
            self.merchants.stage.must(*number == merchant.app_id, || {
                format!("{form:?} is {number}, and now {}", merchant.app_id)
            });
        }
        reply
    }

    /// A code is asked for, for a number that is registered or not.
    pub(super) fn ask_for_a_code(self: &Arc<Self>) {
        let form = self.any_form().unwrap_or_else(|| self.new_form());
        let Some(mobile) = form.mobile else { return };
        let agents = Arc::clone(self);
        self.merchants.stage.begin(async move {
            let command = AgentCommand::SendLoginCode { mobile };
            agents.ask(form.agent, command).await;
        });
    }

    /// A code is shown: the last one, one of before, or a wrong one; sometimes twice at once.
    pub(super) fn sign_in_by_code(self: &Arc<Self>) {
        let dice = &self.merchants.stage.dice;
        let Some(Form {
            agent,
            mobile: Some(mobile),
            ..
        }) = self.any_form()
        else {
            return;
        };
        let codes = self.merchants.house.phones.codes(&mobile);
        let any = if codes.is_empty() {
            None
        } else {
            Some(dice.pick(&codes).clone())
        };
        let last = codes.last().cloned();
        let code = dice.weigh(&[(70, &last), (20, &any), (10, &None)]);
        let code = code.clone().unwrap_or_else(|| "0000".to_owned());
        let count = if dice.happens(30) { 2 } else { 1 };
        for _ in 0..count {
            let (agents, mobile, code) = (Arc::clone(self), mobile.clone(), code.clone());
            self.merchants.stage.begin(async move {
                agents.sign_in_with(agent, mobile, code).await;
            });
        }
    }

    async fn sign_in_with(&self, agent: usize, mobile: String, code: String) -> bool {
        let credentials = Credentials::LoginCode {
            mobile: mobile.clone(),
            code,
        };
        let reply = self
            .ask(agent, AgentCommand::FindMerchant(credentials))
            .await;
        let is_in = matches!(reply, Some(Ok(_)));
        if is_in {
            let told = &mut *self.told();
            let count = told.by_code.entry(mobile.clone()).or_default();
            *count += 1;
            let sent = self.merchants.house.phones.sent(&mobile);
            self.merchants.stage.must(*count <= sent, || {
                format!("{mobile} got {sent} codes and signed in {count} times")
            });
        }
        is_in
    }

    /// A name and a password: its own, a wrong one, or those of nobody.
    pub(super) fn sign_in_by_password(self: &Arc<Self>) {
        let dice = &self.merchants.stage.dice;
        let form = self.any_form().unwrap_or_else(|| self.new_form());
        let Some(username) = form.username else {
            return;
        };
        let password = match dice.happens(70) {
            true => form.password,
            false => WRONG.to_owned(),
        };
        let agents = Arc::clone(self);
        self.merchants.stage.begin(async move {
            let credentials = Credentials::Password {
                username: username.clone(),
                password: password.clone(),
            };
            let command = AgentCommand::FindMerchant(credentials);
            if let Some(Ok(_)) = agents.ask(form.agent, command).await {
                let key = (form.agent, username, password);
                let knows = agents.told().passwords.contains(&key);
                agents.merchants.stage.must(knows, || {
                    format!("{key:?} signed in, and nobody ever sent that")
                });
            }
        });
    }

    /// Registered merchants sell, whether or not they may.
    pub(super) fn sell(&self) {
        let sellers = self.merchants.sellers().clone();
        let seller = self.merchants.stage.dice.pick(&sellers);
        self.merchants.sell_as(Arc::clone(seller));
    }

    /// All is calm: everybody registers once more and is told, or refused for good.
    pub(super) async fn register_all_again(&self) {
        let forms = self.told().forms.clone();
        for form in forms {
            let reply = self.register(&form).await;
            let is_settled = match &reply {
                Some(Ok(_)) => true,
                Some(Err(error)) => error.code == ErrorCode::UsernameTaken,
                None => false,
            };
            self.merchants.stage.must(is_settled, || {
                format!("all is calm, and {form:?} is answered {reply:?}")
            });
        }
    }

    /// All is calm: whoever has a registered number gets a code and signs in with it, once.
    pub(super) async fn sign_all_in(&self) {
        let numbers: BTreeSet<(usize, String)> = {
            let told = self.told();
            let keys = told.numbers.keys();
            keys.map(|(agent, mobile, _)| (*agent, mobile.clone()))
                .collect()
        };
        for (agent, mobile) in numbers {
            let mut is_in = false;
            for _ in 0..ASKED_AGAIN {
                let command = AgentCommand::SendLoginCode {
                    mobile: mobile.clone(),
                };
                let sent = self.ask(agent, command).await;
                let code = self.merchants.house.phones.codes(&mobile).pop();
                if let (Some(Ok(_)), Some(code)) = (sent, code) {
                    is_in = self.sign_in_with(agent, mobile.clone(), code.clone()).await;
                    let again = self.sign_in_with(agent, mobile.clone(), code).await;
                    self.merchants
                        .stage
                        .must(!again, || format!("a code of {mobile} was good twice"));
                    break;
                }
                wait_ms(CODE_GAP_MS).await;
            }
            self.merchants.stage.must(is_in, || {
                format!("all is calm, and {mobile} cannot sign in by code")
            });
        }
    }

    /// Asks, and looks at what comes back. `None` if the house was down or died.
    async fn ask(&self, agent: usize, command: AgentCommand) -> Option<Result<Reply, TradeError>> {
        let (stage, wire) = (&self.merchants.stage, &self.wires[agent]);
        wait_ms(stage.dice.between(0, 20)).await;
        let (who, verb) = (wire.agent_id.as_str(), command.verb());
        stage.line(who, verb, "", &said(&command));
        let was_calm = stage.is_calm();
        let since_ms = stage.clock.passed_ms();
        let (dialect, agent_id) = (Arc::clone(&wire.dialect), wire.agent_id.clone());
        let deed = |engine: Engine| async move {
            match engine.find_agent(&dialect, &agent_id).await {
                Ok(Some(profile)) => engine.execute_for_agent(&profile, command).await,
                Ok(None) => Err(TradeError::new(ErrorCode::UnknownAgent, "unknown")),
                Err(cause) => {
                    let code = ErrorCode::BooksUnavailable;
                    Err(TradeError::new(code, cause.to_string()))
                }
            }
        };
        let reply = self.merchants.house.run(deed).await;
        let heard = match &reply {
            None => "nobody there".to_owned(),
            Some(Ok(Reply::Merchant(told))) => {
                self.must_be_true(agent, told, since_ms);
                format!("{} {}", told.app_id, told.state.as_str())
            }
            Some(Ok(_)) => "done".to_owned(),
            Some(Err(error)) => {
                self.must_be_fair(verb, was_calm, error);
                format!("{:?}: {}", error.code, error.message)
            }
        };
        stage.line(who, "is answered", "", &format!("{verb}: {heard}"));
        reply
    }

    /// What is told stood in the books, and stays.
    fn must_be_true(&self, agent: usize, merchant: &MerchantReply, since_ms: i64) {
        let app_id = &merchant.app_id;
        let applications = &self.merchants.recorder.applications;
        applications.must_be_told(app_id.as_str(), merchant.state, since_ms);
        let told = &mut *self.told();
        let code = merchant.trade_code.clone();
        let first = told.trade_codes.entry(app_id.clone()).or_insert(code);
        let is_same = *first == merchant.trade_code && !first.is_empty();
        self.merchants.stage.must(is_same, || {
            let now = &merchant.trade_code;
            format!("the trade code of {app_id} was {first}, and is {now}")
        });
        let mut sellers = self.merchants.sellers();
        if !sellers.iter().any(|seller| seller.app_id == *app_id) {
            let name = format!("shop-{}", sellers.len());
            sellers.push(Arc::new(Seller {
                name,
                app_id: app_id.clone(),
                dialect: Arc::clone(&self.wires[agent].dialect),
            }));
        }
    }

    /// Refusals that an agent may hear; in calm the books are there, and so are the phones.
    fn must_be_fair(&self, verb: &str, was_calm: bool, error: &TradeError) {
        let is_trouble = matches!(
            error.code,
            ErrorCode::BooksUnavailable | ErrorCode::ServiceUnavailable
        );
        let is_fair = match error.code {
            ErrorCode::UsernameTaken
            | ErrorCode::WrongCredentials
            | ErrorCode::RateLimited
            | ErrorCode::UnknownMerchant => true,
            _ => is_trouble && !was_calm,
        };
        self.merchants.stage.must(is_fair, || {
            format!(
                "an agent hears of {verb} {:?}: {}",
                error.code, error.message
            )
        });
    }
}

/// What an agent asks, for the log. Nothing here is secret.
fn said(command: &AgentCommand) -> String {
    match command {
        AgentCommand::RegisterMerchant(new) => format!(
            "{:?} {:?} {:?} {:?}",
            new.mobile, new.full_name, new.username, new.password
        ),
        AgentCommand::SendLoginCode { mobile } => mobile.clone(),
        AgentCommand::FindMerchant(credentials) => format!("{credentials:?}"),
        AgentCommand::OpenMiniProgramSession { app_id, .. } => app_id.clone(),
        AgentCommand::FindPayout { bill_id, .. } => bill_id.clone(),
        AgentCommand::ListPayouts(asked) => format!("{asked:?}"),
        AgentCommand::FetchStatement { file } => file.clone(),
    }
}
