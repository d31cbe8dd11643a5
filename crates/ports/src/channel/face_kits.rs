//! Terminals that recognise faces.

use futures::future::BoxFuture;
use heliu_trade::command::{FaceCredential, FaceCredentialReply};
use heliu_trade::directory::{ChannelAccount, Contract};

use super::lookup::LookupRefused;
use super::upstream::Upstream;

/// Terminals that recognise faces. A channel may have them.
pub trait FaceKits: Send + Sync {
    /// A credential for a terminal's face-pay kit.
    fn face_credential<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        contract: &'a Contract,
        request: &'a FaceCredential,
    ) -> BoxFuture<'a, Result<FaceCredentialReply, LookupRefused>>;
}
