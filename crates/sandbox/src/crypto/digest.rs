//! MD5, HMAC-SHA-256 and a stable hash for choices that only have to look varied.

use aws_lc_rs::{constant_time, digest, hmac};
use md5::{Digest as _, Md5};

use super::hex;

/// Lower-case hex MD5.
pub(crate) fn md5_hex_lower(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

/// Upper-case hex MD5, as v2 signs (channels.md 1.14).
pub(crate) fn md5_hex_upper(text: &str) -> String {
    md5_hex_lower(text).to_uppercase()
}

/// Upper-case hex HMAC-SHA-256, as v2 signs with `sign_type` HMAC-SHA256.
pub(crate) fn hmac_sha256_hex_upper(key: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    hex(hmac::sign(&key, text.as_bytes()).as_ref()).to_uppercase()
}

/// Lower-case hex SHA-256, over which a wire signs (channels.md 3.2).
pub(crate) fn sha256_hex(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Whether two secrets are the same, without telling by the time it takes where they differ.
pub(crate) fn same_text(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// The same number for the same text on every machine and start.
pub(crate) fn stable_hash(text: &str) -> u64 {
    u64::from_str_radix(&sha256_hex(text)[..15], 16).unwrap_or(0)
}
