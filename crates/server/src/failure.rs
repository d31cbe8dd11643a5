//! What an operator is told when something cannot be done: the thing, the cause, the cure.

/// A failure of a command, for the terminal.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    message: String,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// A failure with what to do about it.
    pub(crate) fn with_cure(message: impl std::fmt::Display, cure: &str) -> Self {
        Self::new(format!("{message}\n  cure  {cure}"))
    }
}

macro_rules! from_displayed {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(cause: $error) -> Self {
                Self::new(cause.to_string())
            }
        })*
    };
}

from_displayed!(
    std::io::Error,
    serde_json::Error,
    heliu_ports::store::StoreError,
    heliu_ports::store::CommitError,
    heliu_ports::keys::KeyError,
    heliu_office::error::OfficeError,
    heliu_engine::enrolment::Faults,
    heliu_sandbox::SandboxError,
    heliu_vault::RootKeyError,
    heliu_vault::WrongRootKey,
);
