//! What a caller should do about an error, as a value.

use std::fmt::Display;

/// What a caller should do about an error. Its text is what people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Advice {
    /// Correct what the error names; the same request again gets the same answer.
    FixRequest,
    /// Check key, clock and the string to sign, and sign anew.
    SignAgain,
    /// A code serves once and for minutes: take the next one.
    TakeNewCode,
    /// Query; money may have moved, so nothing is tried under a new number before that.
    QueryFirst,
    /// The same, and what a query does not find may be sent again, unchanged.
    QueryThenRepeat,
    /// Send the same request again at once: nothing was done.
    RepeatSame,
    /// Send the same request again later: nothing was done.
    Wait,
    /// Try again under a new number: no money moves under this one.
    NewNumber,
    /// The money is taken: give it back by a refund.
    RefundInstead,
    /// Nothing that a caller can send helps; the operator sets it right.
    AskOperator,
}

impl Advice {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::FixRequest,
        Self::SignAgain,
        Self::TakeNewCode,
        Self::QueryFirst,
        Self::QueryThenRepeat,
        Self::RepeatSame,
        Self::Wait,
        Self::NewNumber,
        Self::RefundInstead,
        Self::AskOperator,
    ];

    /// What to do, to stand at the end of a sentence.
    #[must_use]
    pub const fn as_text(self) -> &'static str {
        match self {
            Self::FixRequest => "correct the request",
            Self::SignAgain => "check key, clock and string to sign, then sign again",
            Self::TakeNewCode => "take a new code",
            Self::QueryFirst => "query first; never pay again under a new number",
            Self::QueryThenRepeat => "query first, then send the same request again",
            Self::RepeatSame => "send the same request again",
            Self::Wait => "wait, then send the same request again",
            Self::NewNumber => "try again under a new number",
            Self::RefundInstead => "refund it instead",
            Self::AskOperator => "ask the operator",
        }
    }

    /// Whether money may have moved, so that a query comes before anything else.
    #[must_use]
    pub const fn asks_for_a_query(self) -> bool {
        matches!(self, Self::QueryFirst | Self::QueryThenRepeat)
    }

    /// A problem, and behind it what to do about it.
    #[must_use]
    pub fn after(self, problem: impl Display) -> String {
        format!("{problem}; {}", self.as_text())
    }
}
