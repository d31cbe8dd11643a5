//! What the tests of several dialects share.

pub(crate) mod shared;
