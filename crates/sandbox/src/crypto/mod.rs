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

/// A random number below `limit`.
pub(crate) fn random_below(limit: u64) -> Result<u64, SandboxError> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|_| SandboxError::Randomness)?;
    Ok(u64::from_le_bytes(bytes) % limit)
}

/// The bytes of hexadecimal digits in either case.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let bytes = pairs
        .iter()
        .map(|[high, low]| Some(digit(high)? << 4 | digit(low)?));
    bytes
        .collect::<Option<Vec<u8>>>()
        .filter(|_| rest.is_empty())
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
