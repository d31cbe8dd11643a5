//! A stored key: sealed under a random data key of its own, which the root key wraps.
//!
//! Text form: `1.<check value of the root>.<wrapped data key>.<sealed key>`. Owner, role and
//! version are associated data of both boxes.

use aws_lc_rs::aead::LessSafeKey;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::gcm::{self, Nonces};
use crate::root::{Derived, fill_random};

const FORM: &str = "1";
const DATA_KEY_BYTES: usize = 32;

/// Where a sealed key belongs.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) owner: &'a str,
    pub(crate) role: &'a str,
    pub(crate) version: u32,
}

impl Place<'_> {
    /// Owner, role and version, each behind its length, so that no two places read alike.
    fn associated(self) -> Vec<u8> {
        let version = self.version.to_string();
        let mut bytes = Vec::with_capacity(self.owner.len() + self.role.len() + 32);
        for part in [self.owner, self.role, &version] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

pub(crate) fn seal(root: &Derived, nonces: &Nonces, place: Place<'_>, secret: &str) -> String {
    let mut data_key = Zeroizing::new([0; DATA_KEY_BYTES]);
    fill_random(data_key.as_mut_slice());
    let associated = place.associated();
    let wrapped = gcm::seal(&root.wrap, nonces, &associated, data_key.as_slice());
    let sealed = gcm::seal(
        &cipher(data_key.as_slice()),
        nonces,
        &associated,
        secret.as_bytes(),
    );
    format!("{FORM}.{}.{wrapped}.{sealed}", root.check)
}

/// Opens a sealed key with whichever of `roots` wrapped it; else says why not.
pub(crate) fn open(
    roots: &[Derived],
    place: Place<'_>,
    text: &str,
) -> Result<SecretString, String> {
    let parts = Parts::read(text)?;
    let data_key = parts.unwrap(roots, place)?;
    let secret = gcm::open(&cipher(&data_key), &place.associated(), parts.sealed);
    let secret = Zeroizing::new(secret.ok_or("it is damaged")?);
    let text = std::str::from_utf8(&secret).map_err(|_| "it is not text")?;
    Ok(SecretString::from(text))
}

/// Wraps the data key anew under `root`; the sealed key stays byte for byte.
pub(crate) fn rewrap(
    root: &Derived,
    nonces: &Nonces,
    roots: &[Derived],
    place: Place<'_>,
    text: &str,
) -> Result<String, String> {
    let parts = Parts::read(text)?;
    let data_key = parts.unwrap(roots, place)?;
    let wrapped = gcm::seal(&root.wrap, nonces, &place.associated(), &data_key);
    Ok(format!("{FORM}.{}.{wrapped}.{}", root.check, parts.sealed))
}

fn cipher(data_key: &[u8]) -> LessSafeKey {
    gcm::key(data_key).expect("a data key has 32 bytes")
}

struct Parts<'a> {
    check: &'a str,
    wrapped: &'a str,
    sealed: &'a str,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let mut parts = text.split('.');
        match (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) {
            (Some(FORM), Some(check), Some(wrapped), Some(sealed), None) => Ok(Self {
                check,
                wrapped,
                sealed,
            }),
            _ => Err("it has not the form of a sealed key".to_owned()),
        }
    }

    fn unwrap(&self, roots: &[Derived], place: Place<'_>) -> Result<Zeroizing<Vec<u8>>, String> {
        let root = roots
            .iter()
            .find(|root| root.check == self.check)
            .ok_or_else(|| {
                let known: Vec<&str> = roots.iter().map(|root| root.check.as_str()).collect();
                let known = known.join(", ");
                format!(
                    "it is sealed under the root key {}, this one is {known}",
                    self.check
                )
            })?;
        let data_key = gcm::open(&root.wrap, &place.associated(), self.wrapped)
            .filter(|data_key| data_key.len() == DATA_KEY_BYTES);
        let moved = "it is damaged, or was moved from another owner, role or version";
        Ok(Zeroizing::new(data_key.ok_or(moved)?))
    }
}
