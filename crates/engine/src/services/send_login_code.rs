//! 短信验证码: being written.

use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};

use crate::Inner;
use crate::directory::AgentProfile;

impl Inner {
    pub(crate) async fn send_login_code(&self, _agent: &AgentProfile, _mobile: &str) -> Result<Reply, TradeError> {
        Err(TradeError::new(ErrorCode::ServiceUnavailable, "not there yet"))
    }
}
