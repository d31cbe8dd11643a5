//! Payers who say who they are, on a page of the wallet.

use futures::future::BoxFuture;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::Unknown;

use super::upstream::Upstream;

/// Payers who say who they are, on a page of the wallet. A channel may have them.
pub trait Logins: Send + Sync {
    /// Where a payer's browser is sent so that it comes back to `return_url` with a code.
    fn authorize_url(
        &self,
        account: &ChannelAccount,
        return_url: &str,
        state: &str,
    ) -> Option<String>;

    /// Which query parameter of the return carries that code.
    fn authorize_parameter(&self) -> &'static str;

    /// Exchanges the code of the return for the payer's id at the channel.
    fn payer_id<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        code: &'a str,
    ) -> BoxFuture<'a, Result<String, Unknown>>;
}
