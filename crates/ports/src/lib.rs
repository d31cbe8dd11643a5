//! What the engine needs of the world, as traits and plain data.
//!
//! Wire messages and signatures described as data, the shape of a dialect and of a channel, the
//! store, the keys, the way out, the clock; and the conformance suites that every implementer must
//! pass.
//!
//! Deliberately absent: HTTP servers and clients, SQL, cryptography, and the name of any dialect or
//! channel.

pub mod books;
pub mod channel;
pub mod clock;
pub mod conformance;
pub mod crash;
pub mod dialect;
pub mod exchange;
pub mod exchange_shares;
pub mod journal;
pub mod keys;
pub mod lists;
pub mod setting;
pub mod signature;
pub mod sms;
pub mod store;
pub mod store_error;
pub mod transport;
pub mod wire;

pub use futures::future::BoxFuture;
