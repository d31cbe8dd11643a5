//! 登录: finds the merchant of somebody who proves to be it.

use heliu_trade::application::{Applicant, Application};
use heliu_trade::command::{Credentials, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::login_code::{self, LoginCode};
use heliu_trade::record::Record;
use heliu_trade::records::{RecordAction, RecordStep};

use super::registered::{Kept, Named};
use crate::Inner;
use crate::common::directory::AgentProfile;
use crate::onboarding::passwords::check_password;
use crate::onboarding::registered::{
    code_digest, find_by_mobile, find_by_name, login_code_key, mobile_mark, name_digest, open_kept,
    registered,
};

/// Whoever is refused hears the same, whatever was wrong.
pub(crate) async fn run(
    inner: &Inner,
    agent: &AgentProfile,
    credentials: Credentials,
) -> Result<Reply, TradeError> {
    let proved = match credentials {
        Credentials::LoginCode { mobile, code } => {
            find_by_code(inner, agent, &mobile, &code).await?
        }
        Credentials::Password { username, password } => {
            find_by_password(inner, agent, &username, password).await?
        }
    };
    let found = proved.ok_or_else(|| {
        let message = "the code or password is wrong, used up, or belongs to nobody here";
        TradeError::new(ErrorCode::WrongCredentials, message)
    })?;
    registered(inner, agent, &found).await
}

async fn find_by_code(
    inner: &Inner,
    agent: &AgentProfile,
    mobile: &str,
    code: &str,
) -> Result<Option<Application>, TradeError> {
    let who = &agent.agent;
    let key = login_code_key(inner, who, mobile);
    let code_digest = code_digest(inner, who, mobile, code);
    let tried = RecordStep {
        wants: vec![key.want()],
        now: inner.now(),
        action: RecordAction::LoginCode(login_code::Action::Try { code_digest }),
    };
    let tried = inner.commit_records(tried, Vec::new(), None).await?;
    let tried = tried.after.iter().flatten().next_back();
    let is_right = match tried.map(Record::read::<LoginCode>) {
        None => false,
        Some(Ok(code)) => code.was_right,
        Some(Err(cause)) => {
            tracing::error!(%cause, "a login code cannot be read");
            false
        }
    };
    if !is_right {
        return Ok(None);
    }
    find_by_mobile(inner, agent, mobile_mark(inner, who, mobile)).await
}

async fn find_by_password(
    inner: &Inner,
    agent: &AgentProfile,
    username: &str,
    password: String,
) -> Result<Option<Application>, TradeError> {
    let name = name_digest(inner, &agent.agent, Named::Username, username);
    let named = Applicant::name_of_username(&agent.agent, &name);
    let found = find_by_name(inner, named).await?;
    let hash = match &found {
        None => None,
        Some(found) => {
            let sealed = found.password_sealed.as_deref();
            let open =
                |sealed| open_kept(inner, &agent.agent, &found.app_id, Kept::Password, sealed);
            sealed.map(open).transpose()?
        }
    };
    let is_right = check_password(inner, agent, &name, password, hash).await?;
    Ok(found.filter(|_| is_right))
}
