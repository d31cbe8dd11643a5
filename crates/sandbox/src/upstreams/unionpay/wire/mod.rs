//! UnionPay's shapes and signatures (channels.md 3.2, 3.8).

mod body;
mod facts;
mod sign;

pub(crate) use body::{read, write};
pub(crate) use facts::{order, put, refund};
pub(crate) use sign::signed_text;

/// The members of a body by name; numbers as they are written, nulls left out.
pub(crate) type Fields = std::collections::BTreeMap<String, String>;
