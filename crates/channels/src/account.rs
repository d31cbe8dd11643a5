//! Reads the settings of an operator's account.

use heliu_trade::directory::ChannelAccount;

use crate::answer::Stop;

/// A setting that must be there and not empty. Without it nothing is sent.
pub(crate) fn required<'a>(account: &'a ChannelAccount, name: &str) -> Result<&'a str, Stop> {
    optional(account, name)
        .ok_or_else(|| Stop::Unreached(format!("the channel account lacks the setting {name}")))
}

/// A setting that may be absent; empty counts as absent.
pub(crate) fn optional<'a>(account: &'a ChannelAccount, name: &str) -> Option<&'a str> {
    account
        .settings
        .get(name)
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
}
