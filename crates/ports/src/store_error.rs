//! Why the books did not do what was asked.

use std::fmt;

use futures::future::BoxFuture;

/// What a facet of the books answers.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// What kind of failure it is, which is what a caller decides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreErrorKind {
    /// They are away, busy, full or closed, which passes by itself. A read may be repeated; whether
    /// a commit was written is not known unless the text says it.
    Unavailable,
    /// What they hold is not what any version of this program writes. No repeat helps.
    Damaged,
    /// What must be there is not: an order that a job is about, a channel account of a contract.
    Missing,
    /// They do not do this, however often it is asked: another schema, a setting, a value that does
    /// not go into a row.
    Refused,
    /// What was asked contradicts what they hold.
    Conflict,
}

impl StoreErrorKind {
    /// The word in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Damaged => "damaged",
            Self::Missing => "missing",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
        }
    }
}

/// Why the books did not do what was asked: its kind for programs; what is wrong, and what an
/// operator can do about it, in words. Merchants hear none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    kind: StoreErrorKind,
    text: String,
}

impl StoreError {
    /// A failure of a kind; `what` says what is wrong, with the text of its cause.
    pub fn new(kind: StoreErrorKind, what: impl fmt::Display) -> Self {
        Self {
            kind,
            text: what.to_string(),
        }
    }

    /// [`StoreErrorKind::Unavailable`].
    pub fn unavailable(what: impl fmt::Display) -> Self {
        Self::new(StoreErrorKind::Unavailable, what)
    }

    /// [`StoreErrorKind::Damaged`].
    pub fn damaged(what: impl fmt::Display) -> Self {
        Self::new(StoreErrorKind::Damaged, what)
    }

    /// [`StoreErrorKind::Missing`].
    pub fn missing(what: impl fmt::Display) -> Self {
        Self::new(StoreErrorKind::Missing, what)
    }

    /// [`StoreErrorKind::Refused`].
    pub fn refused(what: impl fmt::Display) -> Self {
        Self::new(StoreErrorKind::Refused, what)
    }

    /// [`StoreErrorKind::Conflict`].
    pub fn conflict(what: impl fmt::Display) -> Self {
        Self::new(StoreErrorKind::Conflict, what)
    }

    /// The same failure, with what was being done in front of its text.
    #[must_use]
    pub fn within(self, context: impl fmt::Display) -> Self {
        Self::new(self.kind, format_args!("{context}: {}", self.text))
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether it passes by itself, so that a read may be repeated; a commit too, if it is safe to
    /// do twice.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Unavailable)
    }

    /// What is wrong and what to do about it, without a word on the books as a whole.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl std::error::Error for StoreError {}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            StoreErrorKind::Unavailable | StoreErrorKind::Damaged | StoreErrorKind::Refused => {
                write!(f, "the books cannot be used: {}", self.text)
            }
            // The books are well: it is about one thing in them.
            StoreErrorKind::Missing | StoreErrorKind::Conflict => f.write_str(&self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_by_itself_is_temporary_and_context_keeps_the_kind() {
        for (error, is_temporary, text) in [
            (
                StoreError::unavailable("away"),
                true,
                "the books cannot be used: opening: away",
            ),
            (
                StoreError::damaged("a row"),
                false,
                "the books cannot be used: opening: a row",
            ),
            (
                StoreError::refused("schema 9"),
                false,
                "the books cannot be used: opening: schema 9",
            ),
            (
                StoreError::missing("no refund"),
                false,
                "opening: no refund",
            ),
            (StoreError::conflict("7 fen"), false, "opening: 7 fen"),
        ] {
            let kind = error.kind();
            let error = error.within("opening");
            assert_eq!(error.kind(), kind);
            assert_eq!(error.is_temporary(), is_temporary, "{kind:?}");
            assert_eq!(error.to_string(), text);
        }
    }
}
