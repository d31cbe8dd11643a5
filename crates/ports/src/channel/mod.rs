//! A channel: a pure translator to one upstream protocol.
//!
//! It has no client, no key, no clock, no retry and no log; what it needs of these it asks of
//! [`Upstream`]. Each verb is a small machine (send, sign, verify, open, done) that the compiler
//! makes of an `async` function whose only pauses are calls of `Upstream`.
//!
//! Facets are traits, one file each. What every channel has, [`Channel`] is made of; what a channel
//! may have, it hands out, so that it cannot state what it does not do.

pub mod callbacks;
pub mod descriptor;
pub mod face_kits;
pub mod key_publisher;
pub mod logins;
pub mod lookup;
pub mod mini_programs;
pub mod order;
pub mod payer_codes;
pub mod payments;
pub mod payout_files;
pub mod payouts;
pub mod plan;
pub mod refunds;
pub mod upstream;

use heliu_trade::directory::ChannelAccount;
use heliu_trade::wallet::WalletKind;

pub use self::callbacks::{CallbackNews, CallbackRefused, Callbacks};
pub use self::descriptor::ChannelDescriptor;
pub use self::face_kits::FaceKits;
pub use self::key_publisher::{KeyPublisher, PublishedKey};
pub use self::logins::Logins;
pub use self::lookup::LookupRefused;
pub use self::mini_programs::MiniPrograms;
pub use self::order::{ChannelOrder, ChannelRefund};
pub use self::payer_codes::PayerCodes;
pub use self::payments::{Payments, PrepayResult};
pub use self::payout_files::{
    BillResult, FileFault, PayoutBatchFile, PayoutFiles, PayoutLine, SentFile, SentLine,
    WrittenFile,
};
pub use self::payouts::{Payee, PayoutOrder, Payouts, SentPayout};
pub use self::plan::{Plan, ProviderNames, UpstreamScene};
pub use self::refunds::Refunds;
pub use self::upstream::Upstream;

/// A channel.
pub trait Channel: Payments + Refunds + Callbacks {
    /// What it states about itself.
    fn descriptor(&self) -> &'static ChannelDescriptor;

    /// What it can do for a wallet in a scene; `None` if it cannot.
    fn plan(
        &self,
        account: &ChannelAccount,
        wallet: WalletKind,
        scene: UpstreamScene,
    ) -> Option<Plan>;

    /// The service provider's names that go with a scene.
    fn provider_names(&self, _account: &ChannelAccount, _scene: UpstreamScene) -> ProviderNames {
        ProviderNames::default()
    }

    /// Payers who say who they are, on a page of the wallet, if it has such a thing.
    fn logins(&self) -> Option<&dyn Logins> {
        None
    }

    /// Terminals that recognise faces, if it has such a thing.
    fn face_kits(&self) -> Option<&dyn FaceKits> {
        None
    }

    /// Logins of mini programs, if it has such a thing.
    fn mini_programs(&self) -> Option<&dyn MiniPrograms> {
        None
    }

    /// Who a payer is whose code a merchant has, if it has such a thing.
    fn payer_codes(&self) -> Option<&dyn PayerCodes> {
        None
    }

    /// The keys by which a channel signs, told by itself, if it has such a thing.
    fn key_publisher(&self) -> Option<&dyn KeyPublisher> {
        None
    }

    /// Payouts to cards and accounts, if it has such a thing.
    fn payouts(&self) -> Option<&dyn Payouts> {
        None
    }

    /// Payouts by files that people hand over, if it has such a thing.
    fn payout_files(&self) -> Option<&dyn PayoutFiles> {
        None
    }
}
