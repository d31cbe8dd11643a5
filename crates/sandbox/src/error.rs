//! What can go wrong inside the sandbox itself (not what a channel refuses).

/// A fault of the sandbox's own: its disk, its keys, its client.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// SQLite refused; see the source.
    #[error("the sandbox's database failed")]
    Database(#[from] rusqlite::Error),
    /// A stored record cannot be read or written as JSON.
    #[error("a record of the sandbox is not readable")]
    Record(#[from] serde_json::Error),
    /// A key could not be made, read or used.
    #[error("key trouble in the sandbox: {0}")]
    Key(&'static str),
    /// What should be an app id is none.
    #[error("{0:?} is no app id of that upstream")]
    AppId(String),
    /// An order or a notification of an upstream that the sandbox does not play any more.
    #[error("the sandbox plays no upstream {0:?}")]
    Upstream(String),
    /// The operating system gave no randomness.
    #[error("no randomness")]
    Randomness,
    /// The HTTP client could not be built.
    #[error("the sandbox's HTTP client cannot be built: {0}")]
    Client(String),
}
