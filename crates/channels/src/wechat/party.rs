//! Who acts for whom: the service provider of the account, the sub-merchant of the route.

use heliu_ports::channel::ChannelOrder;
use heliu_trade::directory::ChannelAccount;

use crate::account::required;
use crate::answer::Stop;

/// The service provider, as the account names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Provider<'a> {
    /// Merchant number; v2 calls it `mch_id`.
    pub(super) mchid: &'a str,
    /// App id; v2 calls it `appid`.
    pub(super) appid: &'a str,
}

impl<'a> Provider<'a> {
    /// Reads the settings.
    pub(super) fn of(account: &'a ChannelAccount) -> Result<Self, Stop> {
        Ok(Self {
            mchid: required(account, "sp_mchid")?,
            appid: required(account, "sp_appid")?,
        })
    }
}

/// The address of the interfaces, without a slash at its end; its path counts for v3 signatures.
pub(super) fn base_url(account: &ChannelAccount) -> Result<&str, Stop> {
    Ok(required(account, "base_url")?.trim_end_matches('/'))
}

/// The number that we sent upstream.
pub(super) fn order_no(order: &ChannelOrder<'_>) -> String {
    order.attempt.attempt_no.to_string()
}

/// The sub-merchant's number at WeChat.
pub(super) fn sub_mchid<'a>(order: &'a ChannelOrder<'_>) -> &'a str {
    &order.attempt.route.sub_merchant_id
}

/// The sub-merchant's own app id, if the payer is known under one.
pub(super) fn sub_appid<'a>(order: &'a ChannelOrder<'_>) -> Option<&'a str> {
    order
        .attempt
        .route
        .sub_app_id
        .as_deref()
        .filter(|id| !id.is_empty())
}
