//! 登录: finds the merchant of somebody who proves to be it.

use heliu_trade::application::{Applicant, Application};
use heliu_trade::command::{Credentials, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::login_code::{self, LoginCode};
use heliu_trade::record::Record;
use heliu_trade::records::{RecordAction, RecordStep};

use super::registered::{Kept, Named};
use crate::Inner;
use crate::directory::AgentProfile;

impl Inner {
    /// Whoever is refused hears the same, whatever was wrong.
    pub(crate) async fn find_merchant(
        &self,
        agent: &AgentProfile,
        credentials: Credentials,
    ) -> Result<Reply, TradeError> {
        let proved = match credentials {
            Credentials::LoginCode { mobile, code } => {
                self.find_by_code(agent, &mobile, &code).await?
            }
            Credentials::Password { username, password } => {
                self.find_by_password(agent, &username, password).await?
            }
        };
        let found = proved.ok_or_else(|| {
            let message = "the code or password is wrong, used up, or belongs to nobody here";
            TradeError::new(ErrorCode::WrongCredentials, message)
        })?;
        self.registered(agent, &found).await
    }

    async fn find_by_code(
        &self,
        agent: &AgentProfile,
        mobile: &str,
        code: &str,
    ) -> Result<Option<Application>, TradeError> {
        let who = &agent.agent;
        let key = self.login_code_key(who, mobile);
        let code_digest = self.code_digest(who, mobile, code);
        let tried = RecordStep {
            wants: vec![key.want()],
            now: self.now(),
            action: RecordAction::LoginCode(login_code::Action::Try { code_digest }),
        };
        let tried = self.commit_records(tried, Vec::new(), None).await?;
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
        self.find_by_mobile(agent, self.mobile_mark(who, mobile))
            .await
    }

    async fn find_by_password(
        &self,
        agent: &AgentProfile,
        username: &str,
        password: String,
    ) -> Result<Option<Application>, TradeError> {
        let name = self.name_digest(&agent.agent, Named::Username, username);
        let named = Applicant::name_of_username(&agent.agent, &name);
        let found = self.find_by_name(named).await?;
        let hash = match &found {
            None => None,
            Some(found) => {
                let sealed = found.password_sealed.as_deref();
                let open =
                    |sealed| self.open_kept(&agent.agent, &found.app_id, Kept::Password, sealed);
                sealed.map(open).transpose()?
            }
        };
        let is_right = self.check_password(agent, &name, password, hash).await?;
        Ok(found.filter(|_| is_right))
    }
}
