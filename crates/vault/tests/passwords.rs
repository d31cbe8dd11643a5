//! Passwords are kept as argon2id digests.

use heliu_ports::keys::Vault as _;
use heliu_vault::{RootKey, SealingVault};

#[test]
fn a_password_belongs_to_its_digest_and_no_other_does() {
    let vault = SealingVault::new(RootKey::generate());
    let hash = vault.hash_password("12345678");
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    assert_ne!(hash, vault.hash_password("12345678"), "each has its salt");
    assert!(vault.verify_password("12345678", &hash));
    for wrong in ["", "1234567", "123456789", "12345678 ", "密码"] {
        assert!(!vault.verify_password(wrong, &hash), "{wrong}");
    }
    for damaged in ["", "12345678", "$argon2id$", &hash[..hash.len() - 1]] {
        assert!(!vault.verify_password("12345678", damaged), "{damaged}");
    }
    let other = SealingVault::new(RootKey::generate());
    assert!(
        other.verify_password("12345678", &hash),
        "no root key in it"
    );
}

#[test]
fn any_text_is_a_password() {
    let vault = SealingVault::new(RootKey::generate());
    for password in ["", "密码🔑", &"x".repeat(4096)] {
        assert!(vault.verify_password(password, &vault.hash_password(password)));
    }
}
