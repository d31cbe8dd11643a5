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
    /// The word that marks books of it; a command takes either.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Live => Some("live"),
            Self::Sandbox => Some("sandbox"),
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
