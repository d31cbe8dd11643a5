//! Why a channel does not tell something about a payer, a terminal or itself.

use heliu_trade::verdict::Unknown;

/// Why a channel gave no credential, session or payer. No money is involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupRefused {
    /// This channel has no such thing.
    Unsupported,
    /// The channel says no, in its own word: the code is wrong or used, a field is wrong.
    Refused(String),
    /// The channel gave no usable answer.
    Unknown(Unknown),
}
