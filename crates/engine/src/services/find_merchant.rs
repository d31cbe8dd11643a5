//! 登录: being written.

use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};

use crate::Inner;
use crate::directory::AgentProfile;

impl Inner {
    pub(crate) async fn find_merchant(
        &self,
        _agent: &AgentProfile,
        _credentials: heliu_trade::command::Credentials,
    ) -> Result<Reply, TradeError> {
        Err(TradeError::new(ErrorCode::ServiceUnavailable, "not there yet"))
    }
}
