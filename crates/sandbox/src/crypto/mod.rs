//! The primitives of the wires: RSA signatures, the old digests, sealed resources, randomness.

mod digest;
mod rsa;
mod seal;

pub(crate) use digest::{
    hmac_sha256_hex_upper, md5_hex_lower, md5_hex_upper, same_text, sha256_hex, stable_hash,
};
pub(crate) use rsa::RsaKey;
pub(crate) use seal::{aes_ecb_base64, aes_gcm_base64};

use crate::error::SandboxError;

/// `bytes` random bytes as lower-case hex.
pub(crate) fn random_hex(bytes: usize) -> Result<String, SandboxError> {
    let mut buffer = vec![0_u8; bytes];
    getrandom::fill(&mut buffer).map_err(|_| SandboxError::Randomness)?;
    Ok(hex(&buffer))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
