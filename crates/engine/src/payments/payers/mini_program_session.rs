//! 小程序登录: exchanges a mini program's login code for its payer's id.

use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};

use super::{had, refused};
use crate::Inner;
use crate::common::directory::{AgentProfile, books_unavailable};

/// Only for the mini programs that the operator noted with the agent. A code is good once.
pub(crate) async fn run(
    inner: &Inner,
    agent: &AgentProfile,
    app_id: &str,
    code: &str,
) -> Result<Reply, TradeError> {
    let account_id = agent.agent.mini_programs.get(app_id).ok_or_else(|| {
        let problem = "this mini program is not noted with the agent";
        TradeError::advised(ErrorCode::NoContract, problem)
    })?;
    let account = inner.account(account_id).await.map_err(books_unavailable)?;
    let line = inner.line(&account);
    let asked = had(account.channel.mini_programs())?.mini_program_session(
        &line,
        &account.account,
        app_id,
        code,
    );
    let session = asked.await.map_err(refused)?;
    Ok(Reply::MiniProgramSession(Box::new(session)))
}
