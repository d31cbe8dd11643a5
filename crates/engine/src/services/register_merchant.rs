//! 进件: being written.

use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};

use crate::Inner;
use crate::directory::AgentProfile;

impl Inner {
    pub(crate) async fn register_merchant(
        &self,
        _agent: &AgentProfile,
        _new: heliu_trade::command::RegisterMerchant,
    ) -> Result<Reply, TradeError> {
        Err(TradeError::new(ErrorCode::ServiceUnavailable, "not there yet"))
    }
}
