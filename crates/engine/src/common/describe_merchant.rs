//! A merchant as it is registered.

use heliu_trade::command::{MerchantReply, Reply};

use crate::common::directory::AppProfile;

impl AppProfile {
    /// The merchant, whatever its state; its trade code is told only to whoever proves to be it,
    /// and is empty for all others.
    pub(crate) fn described(&self, trade_code: String) -> Reply {
        Reply::Merchant(Box::new(MerchantReply {
            app_id: self.app.app_id.clone(),
            full_name: self.merchant.name.clone(),
            short_name: self.merchant.display_name().to_owned(),
            state: self.merchant.state,
            trade_code,
            partners: self.app.partners.clone(),
        }))
    }
}
