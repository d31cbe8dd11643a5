//! How a process is meant: for money, for a demonstration, or for one command.

use crate::folder::OwnRootKey;

/// How a process is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Real money.
    Live,
    /// A demonstration with its own upstreams.
    Sandbox,
    /// A command on books that stand already, live or not, while nobody serves them.
    Command,
}

impl Mode {
    /// What books must be for; a command takes either.
    pub(crate) const fn purpose(self) -> Option<Purpose> {
        match self {
            Self::Live => Some(Purpose::Live),
            Self::Sandbox => Some(Purpose::Sandbox),
            Self::Command => None,
        }
    }

    /// Where the root key may come from when none is configured.
    pub(crate) const fn own_key(self) -> OwnRootKey {
        match self {
            Self::Live => OwnRootKey::Never,
            Self::Sandbox => OwnRootKey::Made,
            Self::Command => OwnRootKey::Found,
        }
    }
}

/// What books are for, as long as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Real money.
    Live,
    /// Demonstrations.
    Sandbox,
}

impl Purpose {
    /// The word that marks them.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Sandbox => "sandbox",
        }
    }

    /// By the mark that stands. Books without one are treated as those with money.
    pub(crate) fn of_mark(mark: Option<&str>) -> Self {
        match mark {
            Some(word) if word == Self::Sandbox.word() => Self::Sandbox,
            _ => Self::Live,
        }
    }
}
