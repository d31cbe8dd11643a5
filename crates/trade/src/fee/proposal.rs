//! What somebody wants an owner to pay, checked, in one form: it is what an approval is about, and
//! what is written once it may be.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Tariff;
use super::schedule::FeeVersion;
use crate::followup::subject::Owner;
use crate::id::ChannelAccountId;
use crate::time::Timestamp;
use crate::wallet::WalletKind;

/// The next version of a schedule, before it is one. Equal proposals have equal texts, so that a
/// digest of the text names what was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeProposal {
    /// Who is to pay it.
    #[serde(serialize_with = "write_owner", deserialize_with = "read_owner")]
    pub owner: Owner,
    /// For which wallet.
    pub wallet: WalletKind,
    /// Through which channel account; `None`, for agents only: through every one that has no
    /// schedule of its own.
    pub channel_account_id: Option<ChannelAccountId>,
    /// The version that it follows, 0 if it is the first. If another has followed meanwhile, the
    /// proposal is void: nobody looked at what it would change.
    pub follows: u32,
    /// When it is to begin (UTC); `None`: when it is written.
    pub from: Option<Timestamp>,
    /// What is to be paid.
    pub tariff: Tariff,
}

impl FeeProposal {
    /// The version that it becomes when it is written at `now`, which may be after its day.
    #[must_use]
    pub fn version(&self, now: Timestamp) -> FeeVersion {
        FeeVersion {
            owner: self.owner.clone(),
            wallet: self.wallet,
            channel_account_id: self.channel_account_id.clone(),
            version: self.follows.saturating_add(1),
            from: self.from.unwrap_or(now).max(now),
            tariff: self.tariff.clone(),
        }
    }
}

fn write_owner<S: Serializer>(owner: &Owner, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(owner)
}

fn read_owner<'d, D: Deserializer<'d>>(from: D) -> Result<Owner, D::Error> {
    let text = String::deserialize(from)?;
    Owner::parse(&text).ok_or_else(|| de::Error::custom(format_args!("{text} is no owner")))
}
