//! 登录: finds the merchant of somebody who proves to be it.

use heliu_ports::store::{Registration, RegistrationKey};
use heliu_trade::command::{Credentials, Reply};
use heliu_trade::error::{ErrorCode, TradeError};

use super::registered::{Kept, Named};
use crate::Inner;
use crate::directory::{AgentProfile, books_unavailable};

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
    ) -> Result<Option<Registration>, TradeError> {
        let who = &agent.agent;
        let key = self.login_code_key(who, mobile);
        let named = RegistrationKey::Mobile(key.mobile_digest.clone());
        let code_digest = self.code_digest(who, mobile, code);
        let tried = self.store.try_login_code(key, code_digest, self.now());
        if !tried.await.map_err(books_unavailable)? {
            return Ok(None);
        }
        self.find_named(who, named).await
    }

    async fn find_by_password(
        &self,
        agent: &AgentProfile,
        username: &str,
        password: String,
    ) -> Result<Option<Registration>, TradeError> {
        let name = self.name_digest(&agent.agent, Named::Username, username);
        let found = self
            .find_named(&agent.agent, RegistrationKey::Username(name.clone()))
            .await?;
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
