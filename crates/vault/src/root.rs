//! The root key: 32 bytes from outside the books, and the keys derived from it.

use std::fmt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use crate::hex::{lower_hex, parse_hex};
use crate::request_ids::RequestIds;

/// Bytes of a root key.
const ROOT_BYTES: usize = 32;
/// Separates this use of HKDF from every other one.
const SALT: &[u8] = b"heliu vault 1";
/// Bytes of the check value that are shown: enough to tell keys apart, useless to find one.
const CHECK_BYTES: usize = 8;

/// Why a root key cannot be used. Never holds key material.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// The text is neither of the two forms.
    #[error("a root key is 32 bytes: 64 hexadecimal digits, or their Base64")]
    Malformed,
    /// The file cannot be read.
    #[error("the root key file {path} cannot be read")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Others than its owner may read the file.
    #[error("the root key file {path} has mode {mode:o}: others may read it; chmod 600 it")]
    Exposed {
        /// Which file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
}

/// The key above all others. Zeroed when dropped, never printed.
pub struct RootKey(SecretBox<[u8; ROOT_BYTES]>);

impl RootKey {
    /// A root key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; ROOT_BYTES]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// From 64 hexadecimal digits or the Base64 of 32 bytes; white space around it is ignored, as a
    /// file ends in a line break.
    ///
    /// # Errors
    /// [`RootKeyError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, RootKeyError> {
        let text = text.trim();
        let decoded = if text.len() == 2 * ROOT_BYTES {
            parse_hex(text)
        } else {
            decode_base64(text)
        };
        let bytes = Zeroizing::new(decoded.ok_or(RootKeyError::Malformed)?);
        let bytes: [u8; ROOT_BYTES] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| RootKeyError::Malformed)?;
        Ok(Self::from_bytes(bytes))
    }

    /// From a file that only its owner may read (mode 0600 or stricter).
    ///
    /// # Errors
    /// Any [`RootKeyError`].
    pub fn read(path: &Path) -> Result<Self, RootKeyError> {
        let name = || path.display().to_string();
        let unreadable = |source| RootKeyError::Unreadable {
            path: name(),
            source,
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(path)
                .map_err(unreadable)?
                .permissions()
                .mode()
                & 0o777;
            if mode & 0o077 != 0 {
                return Err(RootKeyError::Exposed { path: name(), mode });
            }
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
        Self::parse(&text)
    }

    /// A new one, from the operating system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; ROOT_BYTES];
        fill_random(&mut bytes);
        Self::from_bytes(bytes)
    }

    /// Its 64 hexadecimal digits, to be written to its file.
    #[must_use]
    pub fn to_hex(&self) -> SecretString {
        SecretString::from(lower_hex(self.0.expose_secret()))
    }

    /// Sixteen hexadecimal digits that name this key without revealing it.
    #[must_use]
    pub fn check_value(&self) -> String {
        check_value(&self.extract())
    }

    pub(crate) fn derive(&self) -> Derived {
        let prk = self.extract();
        Derived {
            check: check_value(&prk),
            wrap: gcm_key(&prk, b"key wrap"),
            texts: gcm_key(&prk, b"book texts"),
            digest: hmac::Key::new(hmac::HMAC_SHA256, expand(&prk, b"digest").as_slice()),
            request_ids: RequestIds::new(&expand(&prk, b"request ids")),
        }
    }

    fn extract(&self) -> Prk {
        Salt::new(HKDF_SHA256, SALT).extract(self.0.expose_secret())
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(***)")
    }
}

/// What one root key gives.
pub(crate) struct Derived {
    /// Names the root key.
    pub(crate) check: String,
    pub(crate) wrap: LessSafeKey,
    pub(crate) texts: LessSafeKey,
    pub(crate) digest: hmac::Key,
    pub(crate) request_ids: RequestIds,
}

/// A length for HKDF.
struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        ROOT_BYTES
    }
}

fn expand(prk: &Prk, label: &[u8]) -> Zeroizing<[u8; ROOT_BYTES]> {
    let mut key = Zeroizing::new([0; ROOT_BYTES]);
    prk.expand(&[label], Bytes32)
        .and_then(|okm| okm.fill(key.as_mut_slice()))
        .expect("HKDF-SHA256 gives up to 8160 bytes");
    key
}

fn gcm_key(prk: &Prk, label: &[u8]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, expand(prk, label).as_slice());
    LessSafeKey::new(key.expect("AES-256 takes 32 bytes"))
}

fn check_value(prk: &Prk) -> String {
    let check = expand(prk, b"check");
    lower_hex(check.get(..CHECK_BYTES).unwrap_or_default())
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD
        .decode(text)
        .or_else(|_| STANDARD_NO_PAD.decode(text))
        .ok()
}

/// Fills `buffer` from the operating system.
pub(crate) fn fill_random(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the operating system gives randomness once it has started");
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    #[test]
    fn a_root_key_is_read_from_hex_and_from_base64() {
        let key = RootKey::parse(&format!(" {HEX}\n")).expect("hex");
        let same = RootKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").expect("Base64");
        assert_eq!(key.check_value(), same.check_value());
        assert_eq!(key.to_hex().expose_secret(), HEX);
        for text in [
            "",
            "00",
            &HEX[1..],
            &HEX.replace('0', "g"),
            "AAECAwQFBgcICQoLDA0ODw==",
        ] {
            assert!(RootKey::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_differ_in_their_check_value_and_print_nothing() {
        let key = RootKey::generate();
        assert_ne!(key.check_value(), RootKey::generate().check_value());
        assert_eq!(key.check_value().len(), 16);
        assert_eq!(format!("{key:?}"), "RootKey(***)");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = std::env::temp_dir().join(format!("heliu-root-{}", std::process::id()));
        std::fs::write(&path, format!("{HEX}\n")).expect("written");
        let mode = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            RootKey::read(&path)
        };
        assert!(matches!(
            mode(0o644),
            Err(RootKeyError::Exposed { mode: 0o644, .. })
        ));
        assert!(mode(0o600).is_ok());
        std::fs::remove_file(&path).expect("removed");
        assert!(matches!(
            RootKey::read(&path),
            Err(RootKeyError::Unreadable { .. })
        ));
    }
}
