//! A merchant as it is registered.

use heliu_trade::command::{MerchantReply, Reply};
use heliu_trade::error::TradeError;

use crate::Inner;
use crate::verbs::Caller;

impl Inner {
    /// Served whatever the merchant's state; its trade code is told only to whoever proves to be it.
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "one shape for all services"
    )]
    pub(crate) fn describe_merchant(&self, caller: &Caller) -> Result<Reply, TradeError> {
        let (app, merchant) = (&caller.profile.app, &caller.profile.merchant);
        Ok(Reply::Merchant(Box::new(MerchantReply {
            app_id: app.app_id.clone(),
            full_name: merchant.name.clone(),
            short_name: merchant.display_name().to_owned(),
            state: merchant.state,
            trade_code: String::new(),
            partners: app.partners.clone(),
        })))
    }
}
