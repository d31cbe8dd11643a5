//! AES-256-GCM boxes: nonce, ciphertext and tag in one text.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::root::fill_random;

const TAG_BYTES: usize = 16;
const PREFIX_BYTES: usize = 8;

/// Nonces that never repeat under one key: a random prefix of this vault and a counter, and a fresh
/// prefix when the counter is used up. (Plain random 96-bit nonces would bound a key to 2^32 boxes,
/// which a busy platform reaches.)
pub(crate) struct Nonces(Mutex<([u8; PREFIX_BYTES], u32)>);

impl Nonces {
    pub(crate) fn new() -> Self {
        Self(Mutex::new((random_prefix(), 0)))
    }

    fn next(&self) -> [u8; NONCE_LEN] {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (prefix, counter) = *state;
        *state = match counter.checked_add(1) {
            Some(next) => (prefix, next),
            None => (random_prefix(), 0),
        };
        drop(state);
        let mut nonce = [0; NONCE_LEN];
        let (head, tail) = nonce.split_at_mut(PREFIX_BYTES);
        head.copy_from_slice(&prefix);
        tail.copy_from_slice(&counter.to_be_bytes());
        nonce
    }
}

fn random_prefix() -> [u8; PREFIX_BYTES] {
    let mut prefix = [0; PREFIX_BYTES];
    fill_random(&mut prefix);
    prefix
}

/// A key of 32 bytes; `None` if it has another length.
pub(crate) fn key(bytes: &[u8]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .ok()
        .map(LessSafeKey::new)
}

/// Seals `plain`; the box is URL-safe Base64 without padding.
pub(crate) fn seal(key: &LessSafeKey, nonces: &Nonces, associated: &[u8], plain: &[u8]) -> String {
    let nonce = nonces.next();
    let mut boxed = Vec::with_capacity(NONCE_LEN + plain.len() + TAG_BYTES);
    boxed.extend_from_slice(&nonce);
    boxed.extend_from_slice(plain);
    let body = boxed.get_mut(NONCE_LEN..).unwrap_or_default();
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated),
            body,
        )
        .expect("AES-GCM seals up to 64 GiB");
    boxed.extend_from_slice(tag.as_ref());
    URL_SAFE_NO_PAD.encode(boxed)
}

/// Opens what [`seal`] made; `None` if it was moved, changed or sealed under another key.
pub(crate) fn open(key: &LessSafeKey, associated: &[u8], boxed: &str) -> Option<Vec<u8>> {
    let boxed = URL_SAFE_NO_PAD.decode(boxed).ok()?;
    let (nonce, body) = boxed.split_at_checked(NONCE_LEN)?;
    open_parts(key, nonce, associated, body)
}

/// Opens ciphertext and tag that come with their nonce apart.
pub(crate) fn open_parts(
    key: &LessSafeKey,
    nonce: &[u8],
    associated: &[u8],
    boxed: &[u8],
) -> Option<Vec<u8>> {
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = boxed.to_vec();
    let length = key
        .open_in_place(nonce, Aad::from(associated), &mut body)
        .ok()?
        .len();
    body.truncate(length);
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_do_not_repeat_when_the_counter_is_used_up() {
        let nonces = Nonces(Mutex::new(([7; PREFIX_BYTES], u32::MAX)));
        let last = nonces.next();
        let first = nonces.next();
        assert!(last.starts_with(&[7; PREFIX_BYTES]) && last.ends_with(&[255; 4]));
        assert!(!first.starts_with(&[7; PREFIX_BYTES]) && first.ends_with(&[0; 4]));
    }

    #[test]
    fn a_box_opens_only_where_it_belongs_and_whole() {
        let key = key(&[1; 32]).expect("32 bytes");
        let nonces = Nonces::new();
        let boxed = seal(&key, &nonces, b"here", b"text");
        assert_ne!(boxed, seal(&key, &nonces, b"here", b"text"));
        assert_eq!(
            open(&key, b"here", &boxed).as_deref(),
            Some(b"text".as_slice())
        );
        assert_eq!(open(&key, b"there", &boxed), None);
        assert_eq!(open(&key, b"here", &boxed[..boxed.len() - 2]), None);
        assert_eq!(open(&key, b"here", ""), None);
        assert!(super::key(&[1; 31]).is_none());
    }
}
