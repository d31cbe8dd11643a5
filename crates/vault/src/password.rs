//! Passwords: digests that are slow and take memory, so that a stolen one is not guessed.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Argon2, PasswordHash};

use crate::root::fill_random;

const SALT_BYTES: usize = 16;

/// A digest with its salt and its costs: the library's, which follow the OWASP recommendation
/// (argon2id, 19 MiB, two passes).
pub(crate) fn hash(password: &str) -> String {
    let mut salt = [0; SALT_BYTES];
    fill_random(&mut salt);
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.expect("the library's own costs and a salt of 16 bytes are valid")
        .to_string()
}

/// Whether the password belongs to the digest. The time depends on the digest's costs alone.
pub(crate) fn verify(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok()
}
