//! Who a payer is whose code a merchant has.

use futures::future::BoxFuture;
use heliu_trade::command::{PayerFound, PayerLookup};
use heliu_trade::directory::{ChannelAccount, Contract};

use super::lookup::LookupRefused;
use super::upstream::Upstream;

/// Who a payer is whose code a merchant has. A channel may tell it.
pub trait PayerCodes: Send + Sync {
    /// Who a payer is whose code a merchant of the contract has. It takes no money.
    fn payer_of_code<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        contract: &'a Contract,
        request: &'a PayerLookup,
    ) -> BoxFuture<'a, Result<PayerFound, LookupRefused>>;
}
