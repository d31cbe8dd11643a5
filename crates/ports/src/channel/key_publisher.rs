//! The keys by which a channel signs, told by itself.

use futures::future::BoxFuture;
use heliu_trade::directory::ChannelAccount;

use super::lookup::LookupRefused;
use super::upstream::Upstream;
use crate::signature::KeyRole;

/// A key by which a channel signs, as the channel itself told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its role, one of the descriptor's `named_keys`.
    pub role: KeyRole,
    /// Its serial.
    pub serial: String,
    /// The certificate that holds it, PEM.
    pub certificate: String,
}

/// The keys by which a channel signs, told by itself. A channel may do so.
pub trait KeyPublisher: Send + Sync {
    /// Asks for the keys by which it signs. They are authentic: the channel sealed or signed them.
    fn published_keys<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
    ) -> BoxFuture<'a, Result<Vec<PublishedKey>, LookupRefused>>;
}
