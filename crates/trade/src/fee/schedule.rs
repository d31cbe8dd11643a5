//! 费率表: who pays which tariff from when on. Versions never change; what changes is a further
//! one.

use super::{BelowAt, Tariff};
use crate::followup::subject::Owner;
use crate::id::ChannelAccountId;
use crate::time::Timestamp;
use crate::wallet::WalletKind;

/// One version of what an owner pays for a wallet's payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeVersion {
    /// Who pays it: a merchant, or an agent to whom it is a cost.
    pub owner: Owner,
    /// For which wallet.
    pub wallet: WalletKind,
    /// Through which channel account; `None`, for agents only: through every one that has no
    /// schedule of its own.
    pub channel_account_id: Option<ChannelAccountId>,
    /// From 1 on. The highest version that has begun is in force, so that a later version takes the
    /// place of an earlier one that is yet to begin.
    pub version: u32,
    /// When it begins (UTC); [`FeeVersion::AT_ONCE`] if it always had.
    pub from: Timestamp,
    /// What is paid.
    pub tariff: Tariff,
}

impl FeeVersion {
    /// Begins before all time.
    pub const AT_ONCE: Timestamp = Timestamp::from_ms(0);

    /// Whether it is about just this wallet and this account, or about just every account.
    #[must_use]
    pub fn is_of(&self, wallet: WalletKind, account: Option<&ChannelAccountId>) -> bool {
        self.wallet == wallet && self.channel_account_id.as_ref() == account
    }
}

/// The version by which a wallet's payments through an account are charged at an instant; one for
/// the account goes before one for every account.
#[must_use]
pub fn in_force<'v>(
    versions: &'v [FeeVersion],
    wallet: WalletKind,
    account: &ChannelAccountId,
    at: Timestamp,
) -> Option<&'v FeeVersion> {
    let begun = versions
        .iter()
        .filter(|it| it.wallet == wallet && it.from <= at);
    let fitting = begun.filter(|it| {
        it.channel_account_id
            .as_ref()
            .is_none_or(|of| of == account)
    });
    fitting.max_by_key(|it| (it.channel_account_id.is_some(), it.version))
}

/// The instants after `at` at which another version may begin, in order.
#[must_use]
pub fn begins_after<'v>(
    versions: impl IntoIterator<Item = &'v FeeVersion>,
    at: Timestamp,
) -> Vec<Timestamp> {
    let begins = versions.into_iter().map(|version| version.from);
    let mut begins: Vec<_> = begins.filter(|from| *from > at).collect();
    begins.sort_unstable();
    begins.dedup();
    begins
}

/// The place at which a child's schedule is below its parent's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Below {
    /// Whose is too low.
    pub child: Owner,
    /// Below whose.
    pub parent: Owner,
    /// For which wallet.
    pub wallet: WalletKind,
    /// Through which channel account; `None`: any that has no schedule of its own.
    pub channel_account_id: Option<ChannelAccountId>,
    /// From when on, or at once.
    pub from: Timestamp,
    /// For which payments.
    pub at: BelowAt,
}

/// Where a child's schedule is first found to be below its parent's, at `now` or at any later
/// instant. Where either says nothing there is nothing to compare.
#[must_use]
pub fn first_below(child: &[FeeVersion], parent: &[FeeVersion], now: Timestamp) -> Option<Below> {
    let both = || child.iter().chain(parent);
    let mut places: Vec<_> = both()
        .map(|version| (version.wallet, version.channel_account_id.clone()))
        .collect();
    places.sort_unstable();
    places.dedup();
    let instants = std::iter::once(now).chain(begins_after(both(), now));
    let instants: Vec<_> = instants.collect();
    places.into_iter().find_map(|(wallet, account)| {
        // Through every account that has no schedule of its own: no account has an empty id.
        let through = account
            .clone()
            .unwrap_or_else(|| ChannelAccountId::from(""));
        instants.iter().find_map(|at| {
            let child = in_force(child, wallet, &through, *at)?;
            let parent = in_force(parent, wallet, &through, *at)?;
            let below = child.tariff.below(&parent.tariff)?;
            Some(Below {
                child: child.owner.clone(),
                parent: parent.owner.clone(),
                wallet,
                channel_account_id: account.clone(),
                from: *at,
                at: below,
            })
        })
    })
}

/// A version was written meanwhile, or the one before it is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("version {0} of these fees does not follow the newest: somebody else changed them")]
pub struct NotNext(pub u32);

/// Whether a version is to be written beside those that stand: `false` if it stands already.
///
/// # Errors
/// Another stands in its place, or it does not follow the newest of its wallet and account.
pub fn is_next(standing: &[FeeVersion], new: &FeeVersion) -> Result<bool, NotNext> {
    let account = new.channel_account_id.as_ref();
    let same = standing.iter().filter(|it| it.owner == new.owner);
    let newest = same.filter(|it| it.is_of(new.wallet, account));
    match newest.clone().find(|it| it.version == new.version) {
        Some(known) if known == new => return Ok(false),
        Some(_) => return Err(NotNext(new.version)),
        None => {}
    }
    let newest = newest.map(|it| it.version).max().unwrap_or(0);
    (newest.checked_add(1) == Some(new.version))
        .then_some(true)
        .ok_or(NotNext(new.version))
}
