//! What the books keep of a registered merchant, and under which names: digests and sealed texts, bound to the
//! agent, so that nothing of it can be compared across agents or moved to another merchant.

use heliu_ports::store::{LoginCodeKey, Registration, RegistrationKey};
use heliu_trade::command::Reply;
use heliu_trade::directory::Agent;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AppId;

use crate::Inner;
use crate::directory::{AgentProfile, books_unavailable};

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

impl Inner {
    pub(super) fn name_digest(&self, agent: &Agent, what: Named, text: &str) -> String {
        let (dialect, id) = (&agent.dialect_id, &agent.agent_id);
        let what = match what {
            Named::FullName => "name",
            Named::Mobile => "mobile",
            Named::Username => "username",
            Named::LoginCode => "login code",
        };
        self.vault
            .digest(&format!("registration/{dialect}/{id}/{what}"), text)
    }

    pub(super) fn login_code_key(&self, agent: &Agent, mobile: &str) -> LoginCodeKey {
        LoginCodeKey {
            dialect_id: agent.dialect_id.clone(),
            agent_id: agent.agent_id.clone(),
            mobile_digest: self.name_digest(agent, Named::Mobile, mobile),
        }
    }

    /// A code means nothing without its number.
    pub(super) fn code_digest(&self, agent: &Agent, mobile: &str, code: &str) -> String {
        self.name_digest(agent, Named::LoginCode, &format!("{mobile}\n{code}"))
    }

    pub(super) fn seal_kept(&self, agent: &Agent, app: &AppId, what: Kept, text: &str) -> String {
        self.vault.seal(&place(agent, app, what), text)
    }

    pub(super) fn open_kept(
        &self,
        agent: &Agent,
        app: &AppId,
        what: Kept,
        sealed: &str,
    ) -> Result<String, TradeError> {
        let opened = self.vault.open(&place(agent, app, what), sealed);
        opened.ok_or_else(|| {
            tracing::error!(%app, ?what, "a merchant's sealed text does not open");
            TradeError::new(ErrorCode::Internal, "a fault on our side; ask the operator")
        })
    }

    pub(super) async fn find_named(
        &self,
        agent: &Agent,
        key: RegistrationKey,
    ) -> Result<Option<Registration>, TradeError> {
        let (dialect, id) = (&agent.dialect_id, &agent.agent_id);
        let found = self.store.find_registration(dialect, id, key).await;
        found.map_err(books_unavailable)
    }

    /// A registered merchant as whoever proved to be it may see it.
    pub(super) async fn registered(
        &self,
        agent: &AgentProfile,
        found: &Registration,
    ) -> Result<Reply, TradeError> {
        let profile = self
            .find_app(&agent.dialect, &found.app_id)
            .await
            .map_err(books_unavailable)?;
        let profile = profile.ok_or_else(|| {
            tracing::error!(app = %found.app_id, "a registration without its app");
            TradeError::new(ErrorCode::Internal, "a fault on our side; ask the operator")
        })?;
        let sealed = &found.trade_code_sealed;
        let trade_code = self.open_kept(&agent.agent, &found.app_id, Kept::TradeCode, sealed)?;
        Ok(profile.described(trade_code))
    }

    /// So many random digits, each equally likely.
    pub(super) fn random_digits(&self, count: usize) -> String {
        let mut digits = String::with_capacity(count);
        while digits.len() < count {
            let symbols = self.vault.nonce(64);
            let fresh = symbols.chars().filter(char::is_ascii_digit);
            digits.extend(fresh.take(count - digits.len()));
        }
        digits
    }
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
