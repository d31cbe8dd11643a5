//! 进件: an agent registers a merchant. It may not trade before an operator has looked, unless the
//! agent's settings say otherwise, and has no contracts before an operator adds them (ruling 53).

use std::collections::BTreeMap;

use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::application::{Action, Applicant, Application, ApplicationState};
use heliu_trade::command::{RegisterMerchant, Reply};
use heliu_trade::directory::{Agent, App, Merchant, MerchantState};
use heliu_trade::error::{Advice, ErrorCode, TradeError};
use heliu_trade::id::{AppId, MerchantId};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::time::{Timestamp, Zone};

use super::registered::{Kept, Named, fault, read};
use crate::common::directory::{AgentProfile, AppProfile, books_unavailable};
use crate::onboarding::passwords::hash_password;
use crate::onboarding::registered::{
    find_application, find_by_name, name_digest, random_digits, registered, seal_kept,
};
use crate::{Engine, Inner};

/// Digits behind the day in a merchant's number.
const NUMBER_DIGITS: usize = 11;
/// Length of the text that a merchant's software shows when it trades.
const TRADE_CODE_LENGTH: usize = 10;
/// Numbers that are tried; that one is taken already is all but impossible.
const NUMBERS_TRIED: usize = 3;
/// What is kept in place of a password.
const MASK: &str = "***";

impl Engine {
    /// Gives a merchant that stands already, under an agent, the registration with which it signs
    /// in. A repeat changes nothing.
    ///
    /// # Errors
    /// The books are away, or the merchant has no agent.
    pub async fn register_standing(
        &self,
        profile: &AppProfile,
        new: RegisterMerchant,
        trade_code: &str,
    ) -> Result<(), TradeError> {
        let inner = &self.inner;
        let agent = profile.agent.as_deref().ok_or_else(|| {
            let message = "this merchant signs itself and has no agent";
            TradeError::new(ErrorCode::InvalidParameter, message)
        })?;
        let (app, who) = (&profile.app, &agent.agent);
        if find_application(inner, who, &app.app_id).await?.is_some() {
            return Ok(());
        }
        let password_hash = hash_password(inner, agent, new.password.clone()).await?;
        let hash = password_hash.as_deref();
        let standing = Application {
            merchant_id: profile.merchant.merchant_id.clone(),
            trade_code_sealed: seal_kept(inner, who, &app.app_id, Kept::TradeCode, trade_code),
            state: ApplicationState::Passed,
            ..application(inner, who, &app.app_id, &new, hash)
        };
        submit(inner, standing, Vec::new()).await?;
        Ok(())
    }
}

/// A repeat with the same mobile number and name finds the same merchant.
pub(crate) async fn run(
    inner: &Inner,
    agent: &AgentProfile,
    new: RegisterMerchant,
) -> Result<Reply, TradeError> {
    let password_hash = hash_password(inner, agent, new.password.clone()).await?;
    let rejected = find_rejected(inner, &agent.agent, &new).await?;
    for _ in 0..NUMBERS_TRIED {
        let app_id = match &rejected {
            Some(rejected) => rejected.app_id.clone(),
            None => new_number(inner, inner.now()),
        };
        // Past the cache, which would remember that nobody has it until the books have answered.
        let taken = inner.store.find_app(&agent.agent.dialect_id, &app_id).await;
        if rejected.is_none() && taken.map_err(books_unavailable)?.is_some() {
            continue;
        }
        let application = application(inner, &agent.agent, &app_id, &new, password_hash.as_deref());
        let mut directory = vec![enrolment(&agent.agent, &application, &new)];
        if application.state == ApplicationState::Passed {
            // One that was rejected stands already, and its state is no part of what is enrolled.
            let merchant_id = application.merchant_id.clone();
            let state = MerchantState::Enabled;
            directory.push(DirectoryChange::SetMerchantState(merchant_id, state));
        }
        let standing = submit(inner, application, directory).await;
        // Also if the books' answer was lost: the number may stand all the same.
        inner.directory.forget_misses();
        let standing = standing?;
        if rejected.is_none() && standing.app_id == app_id {
            tracing::info!(merchant = %app_id, agent = %agent.agent.agent_id, "applied");
        }
        return registered(inner, agent, &standing).await;
    }
    tracing::error!("no free number for a merchant was found");
    Err(TradeError::new(
        ErrorCode::Internal,
        Advice::RepeatSame.after("a fault on our side"),
    ))
}

/// The merchant's application, if it was rejected: it is looked at again under its number.
async fn find_rejected(
    inner: &Inner,
    agent: &Agent,
    new: &RegisterMerchant,
) -> Result<Option<Application>, TradeError> {
    let Some(name) = applicant(inner, agent, new).name() else {
        return Ok(None);
    };
    let found = find_by_name(inner, name).await?;
    Ok(found.filter(|application| application.state == ApplicationState::Rejected))
}

/// The application that stands afterwards.
async fn submit(
    inner: &Inner,
    application: Application,
    directory: Vec<DirectoryChange>,
) -> Result<Application, TradeError> {
    let step = RecordStep {
        wants: application.wants(),
        now: inner.now(),
        action: RecordAction::Application(Action::Submit(Box::new(application))),
    };
    let committed = inner.commit_records(step, directory, None).await?;
    let standing = committed.after.iter().flatten().next();
    let standing = standing.map(read).transpose()?;
    standing.ok_or_else(fault)
}

/// Opaque and not to be guessed: the day, then digits at random.
fn new_number(inner: &Inner, now: Timestamp) -> AppId {
    let stamp = now.compact(&Zone::BEIJING);
    let day = stamp.get(..8).unwrap_or_default();
    AppId::from(format!("f{day}{}", random_digits(inner, NUMBER_DIGITS)))
}

/// Under which names it applies.
fn applicant(inner: &Inner, agent: &Agent, new: &RegisterMerchant) -> Applicant {
    let digest = |what, text: &String| name_digest(inner, agent, what, text);
    let username = new.username.as_ref();
    Applicant {
        dialect_id: agent.dialect_id.clone(),
        agent_id: agent.agent_id.clone(),
        name_digest: digest(Named::FullName, &new.full_name.clone().unwrap_or_default()),
        mobile_digest: new.mobile.as_ref().map(|text| digest(Named::Mobile, text)),
        username_digest: username.map(|text| digest(Named::Username, text)),
    }
}

pub(crate) fn application(
    inner: &Inner,
    agent: &Agent,
    app_id: &AppId,
    new: &RegisterMerchant,
    password_hash: Option<&str>,
) -> Application {
    let is_password = |text: &str| new.password.as_deref() == Some(text);
    let members: Vec<(&str, &str)> = new
        .members
        .iter()
        .map(|(name, text)| {
            let kept = if is_password(text) { MASK } else { text };
            (name.as_str(), kept)
        })
        .collect();
    let members = serde_json::json!(members).to_string();
    let trade_code = inner.vault.nonce(TRADE_CODE_LENGTH);
    Application {
        application_no: inner.mint_record_no(),
        applicant: applicant(inner, agent, new),
        app_id: app_id.clone(),
        merchant_id: MerchantId::from(app_id.as_str()),
        password_sealed: password_hash
            .map(|hash| seal_kept(inner, agent, app_id, Kept::Password, hash)),
        trade_code_sealed: seal_kept(inner, agent, app_id, Kept::TradeCode, &trade_code),
        members_sealed: seal_kept(inner, agent, app_id, Kept::Members, &members),
        state: match agent.new_merchant_state() {
            MerchantState::Enabled => ApplicationState::Passed,
            MerchantState::Pending | MerchantState::Disabled => ApplicationState::Auditing,
        },
        reason: None,
    }
}

/// The merchant and its way in, as they are if the application is new.
fn enrolment(agent: &Agent, application: &Application, new: &RegisterMerchant) -> DirectoryChange {
    let full_name = new.full_name.clone();
    let Application {
        app_id,
        merchant_id,
        ..
    } = application;
    let merchant = Merchant {
        merchant_id: merchant_id.clone(),
        name: full_name.unwrap_or_else(|| app_id.to_string()),
        short_name: new.short_name.clone().unwrap_or_default(),
        state: agent.new_merchant_state(),
    };
    let app = App {
        app_id: app_id.clone(),
        merchant_id: merchant_id.clone(),
        dialect_id: agent.dialect_id.clone(),
        agent_id: Some(agent.agent_id.clone()),
        partners: Vec::new(),
        settings: BTreeMap::new(),
    };
    DirectoryChange::Enrol {
        enrolment: Enrolment {
            merchant,
            apps: vec![app],
            contracts: Vec::new(),
        },
        keys: Vec::new(),
    }
}
