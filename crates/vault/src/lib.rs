//! Keys and sealed texts: the only place of the house where key material is in the clear.
//!
//! Others describe a signature as data ([`heliu_ports::signature`]) and hand over ciphertexts; the
//! vault computes, compares in constant time, seals and opens. What is derived from what:
//!
//! ```text
//! root key (32 bytes, outside the books)
//!   |- HKDF "key wrap"    wraps one random data key for each stored key; the data key seals the key
//!   |- HKDF "book texts"  seals texts of the books, such as payment codes
//!   |- HKDF "digest"      keyed digests and fingerprints
//!   |- HKDF "request ids" hides exchanges' numbers in what strangers see
//!   `- HKDF "check"       the check value, which names the root key without revealing it
//! ```
//!
//! Every box is AES-256-GCM with the place where it belongs as associated data, so a ciphertext
//! that is moved to another owner, role, version, row or field does not open. A box names its root
//! key by the check value. Rotating the root key re-wraps data keys ([`SealingVault::rewrap`]); the
//! sealed keys themselves stay as they are.
//!
//! Deliberately absent: storage of any kind but reading the root key's own file, and any way to
//! print a key. Nothing here implements `Debug` with contents.

mod envelope;
mod gcm;
mod hex;
mod keyring;
mod material;
mod password;
mod request_ids;
mod root;
mod sealing;
mod signing;

pub use root::{RootKey, RootKeyError};
pub use sealing::{SealingVault, WrongRootKey};
