//! Why a call brings no usable answer, and what is compared before an answer is believed.
//!
//! Inside a channel `?` carries a [`Stop`] or a [`Doubt`]. Neither can become "declined" on its
//! way, except that a payment of which not a byte was sent is unreachable (ruling 12).

use heliu_ports::channel::{
    CallbackRefused, ChannelOrder, LookupRefused, PrepayResult, SentPayout, Upstream,
};
use heliu_ports::keys::KeyError;
use heliu_ports::transport::CallError;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Decline, DeclineKind, PayoutResult, Unknown, Verdict};

/// A call that ended without an answer that can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Not a byte was sent: no connection, or the account lacks a key or a setting.
    Unreached(String),
    /// Not a byte was sent: the connection could not be made secure.
    NotSecured(String),
    /// Something may have been sent: nobody knows.
    Unknown(String),
}

impl Stop {
    /// Nobody knows, for this reason.
    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown(why.into())
    }

    /// As the value of a verb whose outcome does not depend on whether it was sent.
    pub(crate) fn into_unknown(self) -> Unknown {
        match self {
            Self::Unreached(why) | Self::NotSecured(why) | Self::Unknown(why) => unknown(why),
        }
    }

    /// As the end of the one call of a payment.
    pub(crate) fn into_verdict(self) -> Verdict {
        match self {
            Self::Unreached(_) => Verdict::Declined(unreachable()),
            Self::NotSecured(_) => Verdict::Declined(not_secured()),
            Self::Unknown(why) => Verdict::Unknown(unknown(why)),
        }
    }

    /// As the end of the one call of a prepay.
    pub(crate) fn into_prepay(self) -> PrepayResult {
        match self {
            Self::Unreached(_) => PrepayResult::Declined(unreachable()),
            Self::NotSecured(_) => PrepayResult::Declined(not_secured()),
            Self::Unknown(why) => PrepayResult::Unknown(unknown(why)),
        }
    }
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotSent(_) => Self::Unreached(error.to_string()),
            CallError::NotSecured(_) => Self::NotSecured(error.to_string()),
            CallError::NoAnswer(_) => Self::Unknown(error.to_string()),
        }
    }
}

impl From<KeyError> for Stop {
    /// A request that cannot be signed is not sent.
    fn from(error: KeyError) -> Self {
        Self::Unreached(error.to_string())
    }
}

impl From<Stop> for LookupRefused {
    fn from(stop: Stop) -> Self {
        Self::Unknown(stop.into_unknown())
    }
}

impl From<Doubt> for Stop {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Mismatch(what) => Self::Unknown(format!("the answer is not about this: {what}")),
            Doubt::Malformed(what) => Self::Unknown(format!("the answer cannot be read: {what}")),
        }
    }
}

fn unreachable() -> Decline {
    decline("UNREACHABLE", DeclineKind::Unreachable)
}

fn not_secured() -> Decline {
    decline("NOT_SECURED", DeclineKind::NotSecured)
}

/// A definite refusal in the channel's word.
pub(crate) fn decline(reason: impl Into<String>, kind: DeclineKind) -> Decline {
    Decline {
        reason: reason.into(),
        kind,
    }
}

/// Nobody knows.
pub(crate) fn unknown(why: impl Into<String>) -> Unknown {
    Unknown::because(why)
}

/// An order that can still be paid: one that takes at once is being confirmed by its payer, any
/// other one waits for somebody to begin.
pub(crate) fn waiting(order: &ChannelOrder<'_>) -> Verdict {
    if order.attempt.route.scene.takes_at_once() {
        Verdict::Pending
    } else {
        Verdict::Waiting
    }
}

/// Why a verified message is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It is about something else.
    Mismatch(String),
    /// It lacks what it must have, or that cannot be read.
    Malformed(String),
}

impl From<Doubt> for CallbackRefused {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Mismatch(what) => Self::Mismatch(what),
            Doubt::Malformed(what) => Self::Malformed(what),
        }
    }
}

/// The named member must be there.
pub(crate) fn present<T>(name: &str, found: Option<T>) -> Result<T, Doubt> {
    found.ok_or_else(|| Doubt::Malformed(format!("{name} is missing or malformed")))
}

/// The named member must be there and be this.
pub(crate) fn same(name: &str, expected: &str, found: Option<&str>) -> Result<(), Doubt> {
    same_if_present(name, expected, Some(present(name, found)?))
}

/// The named member must be this if it is there.
pub(crate) fn same_if_present(
    name: &str,
    expected: &str,
    found: Option<&str>,
) -> Result<(), Doubt> {
    match found {
        Some(found) if found != expected => Err(Doubt::Mismatch(format!(
            "{name} is {}, ours is {expected}",
            short(found)
        ))),
        _ => Ok(()),
    }
}

/// The named amount, in fen, must be there and be this.
pub(crate) fn same_fen(name: &str, expected: i64, found: Option<i64>) -> Result<(), Doubt> {
    let found = present(name, found)?;
    if found == expected {
        return Ok(());
    }
    Err(Doubt::Mismatch(format!(
        "{name} is {found} fen, ours is {expected} fen"
    )))
}

/// How long ago a call must have begun before "no such number" is believed of what it sent, in ms.
const ABSENT_AFTER_MS: i64 = 60_000;

/// Whether what was sent then cannot be on its way any more. A call that lies ahead was made before
/// the clock was set back.
fn has_arrived(upstream: &dyn Upstream, sent_at: Timestamp) -> bool {
    upstream.now().since_ms(sent_at).abs() >= ABSENT_AFTER_MS
}

/// "No such order" needs two askings before it is believed (ruling 43): somebody asked before, and
/// the attempt is old enough that the channel would know it.
pub(crate) fn is_absence_believed(upstream: &dyn Upstream, order: &ChannelOrder<'_>) -> bool {
    order.attempt.asked_at.is_some() && has_arrived(upstream, order.attempt.sent_at)
}

/// What "no such number" says of a payout: nothing while its last call may be on its way.
pub(crate) fn absent(upstream: &dyn Upstream, payout: &SentPayout<'_>) -> PayoutResult {
    if has_arrived(upstream, payout.sent_at) {
        PayoutResult::NotFound
    } else {
        PayoutResult::Unknown(unknown("the number is not known there yet"))
    }
}

/// A foreign word as it may stand in a reason: bounded, one line.
pub(crate) fn short(word: &str) -> String {
    /// Longest foreign word in a reason, in characters.
    const CHARS_MAX: usize = 64;
    word.chars()
        .filter(|c| !c.is_control())
        .take(CHARS_MAX)
        .collect()
}
