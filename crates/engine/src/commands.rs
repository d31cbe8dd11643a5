//! What agents ask for themselves, handed to the part that does it.

use heliu_trade::command::{AgentCommand, Reply};
use heliu_trade::error::TradeError;

use crate::Engine;
use crate::clearing::{payouts_asked, statements};
use crate::common::directory::AgentProfile;
use crate::onboarding::{find_merchant, register_merchant, send_login_code};
use crate::payments::payers::mini_program_session;

impl Engine {
    /// Does what a verified agent asks for itself.
    ///
    /// # Errors
    /// What the agent is told.
    pub async fn execute_for_agent(
        &self,
        agent: &AgentProfile,
        command: AgentCommand,
    ) -> Result<Reply, TradeError> {
        let inner = &self.inner;
        match command {
            AgentCommand::RegisterMerchant(new) => {
                Box::pin(register_merchant::run(inner, agent, new)).await
            }
            AgentCommand::SendLoginCode { mobile } => {
                Box::pin(send_login_code::run(inner, agent, &mobile)).await
            }
            AgentCommand::FindMerchant(credentials) => {
                Box::pin(find_merchant::run(inner, agent, credentials)).await
            }
            AgentCommand::OpenMiniProgramSession { app_id, code } => {
                Box::pin(mini_program_session::run(inner, agent, &app_id, &code)).await
            }
            AgentCommand::FindPayout { bill_id, classes } => {
                Box::pin(payouts_asked::find(inner, agent, &bill_id, &classes)).await
            }
            AgentCommand::ListPayouts(asked) => {
                Box::pin(payouts_asked::list(inner, agent, &asked)).await
            }
            AgentCommand::FetchStatement { file } => {
                Box::pin(statements::fetch(inner, agent, &file)).await
            }
        }
    }
}
