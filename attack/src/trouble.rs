//! What goes wrong with an attack itself.

/// Anything, in words.
pub(crate) type Trouble = Box<dyn std::error::Error + Send + Sync>;
