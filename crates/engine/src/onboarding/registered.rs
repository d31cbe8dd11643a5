//! What the books keep of a registered merchant, and under which names: digests and sealed texts,
//! bound to the agent, so that nothing of it can be compared across agents or moved to another
//! merchant.

use heliu_trade::application::{Applicant, Application};
use heliu_trade::command::Reply;
use heliu_trade::directory::{Agent, MerchantState};
use heliu_trade::error::{Advice, ErrorCode, TradeError};
use heliu_trade::id::AppId;
use heliu_trade::login_code::LoginCodeKey;
use heliu_trade::record::{Name, Record, RecordKind, Want};

use crate::Inner;
use crate::common::directory::{AgentProfile, books_unavailable};

/// A digest by which something of a merchant is found again.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    FullName,
    Mobile,
    Username,
    LoginCode,
}

/// A text of a merchant that is kept sealed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept {
    TradeCode,
    Password,
    Members,
}

pub(crate) fn name_digest(inner: &Inner, agent: &Agent, what: Named, text: &str) -> String {
    let (dialect, id) = (&agent.dialect_id, &agent.agent_id);
    let what = match what {
        Named::FullName => "name",
        Named::Mobile => "mobile",
        Named::Username => "username",
        Named::LoginCode => "login code",
    };
    inner
        .vault
        .digest(&format!("registration/{dialect}/{id}/{what}"), text)
}

pub(crate) fn login_code_key(inner: &Inner, agent: &Agent, mobile: &str) -> LoginCodeKey {
    LoginCodeKey {
        dialect_id: agent.dialect_id.clone(),
        agent_id: agent.agent_id.clone(),
        mobile_digest: name_digest(inner, agent, Named::Mobile, mobile),
    }
}

/// The mark of a mobile number.
pub(crate) fn mobile_mark(inner: &Inner, agent: &Agent, mobile: &str) -> Name {
    let digest = name_digest(inner, agent, Named::Mobile, mobile);
    Applicant::mark_of_mobile(agent, &digest)
}

/// A code means nothing without its number.
pub(crate) fn code_digest(inner: &Inner, agent: &Agent, mobile: &str, code: &str) -> String {
    name_digest(inner, agent, Named::LoginCode, &format!("{mobile}\n{code}"))
}

pub(crate) fn seal_kept(
    inner: &Inner,
    agent: &Agent,
    app: &AppId,
    what: Kept,
    text: &str,
) -> String {
    inner.vault.seal(&place(agent, app, what), text)
}

pub(crate) fn open_kept(
    inner: &Inner,
    agent: &Agent,
    app: &AppId,
    what: Kept,
    sealed: &str,
) -> Result<String, TradeError> {
    let opened = inner.vault.open(&place(agent, app, what), sealed);
    opened.ok_or_else(|| {
        tracing::error!(%app, ?what, "a merchant's sealed text does not open");
        fault()
    })
}

/// The application of a merchant's number on the wire.
pub(crate) async fn find_application(
    inner: &Inner,
    agent: &Agent,
    app_id: &AppId,
) -> Result<Option<Application>, TradeError> {
    let name = Application::name_of_app(&agent.dialect_id, app_id);
    find_by_name(inner, name).await
}

/// The application of a name that no other one has.
pub(crate) async fn find_by_name(
    inner: &Inner,
    name: Name,
) -> Result<Option<Application>, TradeError> {
    let want = Want::Named(RecordKind::Application, name);
    let found = inner
        .store
        .find_record(want)
        .await
        .map_err(books_unavailable)?;
    found.as_ref().map(read).transpose()
}

/// The newest application of an enabled merchant among those of a mobile number; if no merchant
/// is enabled, the newest (ruling 53).
pub(crate) async fn find_by_mobile(
    inner: &Inner,
    agent: &AgentProfile,
    mobile: Name,
) -> Result<Option<Application>, TradeError> {
    let marked = inner.store.marked_records(RecordKind::Application, mobile);
    let mut newest = None;
    for record in marked.await.map_err(books_unavailable)? {
        let application = read(&record)?;
        let profile = inner.find_app(&agent.dialect, &application.app_id).await;
        let profile = profile.map_err(books_unavailable)?;
        if profile.is_some_and(|profile| profile.merchant.state == MerchantState::Enabled) {
            return Ok(Some(application));
        }
        newest = newest.or(Some(application));
    }
    Ok(newest)
}

/// A registered merchant as whoever proved to be it may see it.
pub(crate) async fn registered(
    inner: &Inner,
    agent: &AgentProfile,
    found: &Application,
) -> Result<Reply, TradeError> {
    let profile = inner
        .find_app(&agent.dialect, &found.app_id)
        .await
        .map_err(books_unavailable)?;
    let profile = profile.ok_or_else(|| {
        tracing::error!(app = %found.app_id, "an application without its app");
        fault()
    })?;
    let sealed = &found.trade_code_sealed;
    let trade_code = open_kept(inner, &agent.agent, &found.app_id, Kept::TradeCode, sealed)?;
    Ok(profile.described(trade_code))
}

/// So many random digits, each equally likely.
pub(crate) fn random_digits(inner: &Inner, count: usize) -> String {
    let mut digits = String::with_capacity(count);
    while digits.len() < count {
        let symbols = inner.vault.nonce(64);
        let fresh = symbols.chars().filter(char::is_ascii_digit);
        digits.extend(fresh.take(count - digits.len()));
    }
    digits
}

/// A fault of ours that no repeat mends; nothing of what was asked is in question.
pub(super) fn fault() -> TradeError {
    let message = Advice::AskOperator.after("a fault on our side");
    TradeError::new(ErrorCode::Internal, message)
}

/// What a record says; one that cannot be read is a fault of ours.
pub(super) fn read(record: &Record) -> Result<Application, TradeError> {
    record.read().map_err(|cause| {
        tracing::error!(%cause, "an application cannot be read");
        fault()
    })
}

fn place(agent: &Agent, app: &AppId, what: Kept) -> String {
    let what = match what {
        Kept::TradeCode => "trade_code",
        Kept::Password => "password",
        Kept::Members => "members",
    };
    format!(
        "registration/{}/{}/{app}/{what}",
        agent.dialect_id, agent.agent_id
    )
}
