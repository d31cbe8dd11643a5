//! What is sealed opens in its own place, under its own root key, and nowhere else.

use heliu_ports::keys::{KeyError, KeyOwner, SealedKey, Vault as _};
use heliu_ports::signature::KeyRole;
use heliu_trade::id::{AppId, ChannelAccountId, DialectId};
use heliu_vault::{RootKey, SealingVault, WrongRootKey};

fn owner(app: &str) -> KeyOwner {
    KeyOwner::App(DialectId::from("wire"), AppId::from(app))
}

fn root(byte: u8) -> RootKey {
    RootKey::from_bytes([byte; 32])
}

fn reveal(vault: &SealingVault, owner: &KeyOwner, key: &SealedKey) -> Result<String, KeyError> {
    vault
        .open_keys(owner, std::slice::from_ref(key))?
        .reveal(KeyRole::TRADE)
}

#[test]
fn a_sealed_key_does_not_open_in_another_place() {
    let vault = SealingVault::new(root(1));
    let key = vault
        .seal_key(&owner("a"), "trade", 1, "secret of a")
        .expect("valid");
    assert!(!key.sealed.contains("secret"));
    assert_eq!(
        reveal(&vault, &owner("a"), &key).as_deref(),
        Ok("secret of a")
    );
    assert!(reveal(&vault, &owner("b"), &key).is_err());
    let account = KeyOwner::ChannelAccount(ChannelAccountId::from("a"));
    assert!(reveal(&vault, &account, &key).is_err());
    for moved in [
        SealedKey {
            role: "notify".to_owned(),
            ..key.clone()
        },
        SealedKey {
            version: 2,
            ..key.clone()
        },
        SealedKey {
            sealed: key.sealed.replace('.', ""),
            ..key.clone()
        },
        SealedKey {
            sealed: format!("{}A", key.sealed),
            ..key.clone()
        },
        SealedKey {
            sealed: String::new(),
            ..key.clone()
        },
    ] {
        assert!(matches!(
            reveal(&vault, &owner("a"), &moved),
            Err(KeyError::Unusable { .. })
        ));
    }
}

#[test]
fn a_wrong_root_key_is_told_at_once_and_named() {
    let (vault, other) = (SealingVault::new(root(1)), SealingVault::new(root(2)));
    assert_eq!(vault.confirm(root(1).check_value().as_str()), Ok(()));
    let stored = vault.check_value().to_owned();
    let given = other.check_value().to_owned();
    assert_eq!(
        other.confirm(&stored),
        Err(WrongRootKey {
            stored: stored.clone(),
            given
        })
    );
    let key = vault
        .seal_key(&owner("a"), "trade", 1, "secret")
        .expect("valid");
    let error = reveal(&other, &owner("a"), &key)
        .expect_err("another root key")
        .to_string();
    assert!(
        error.contains(&stored) && error.contains(other.check_value()),
        "{error}"
    );
    assert!(!error.contains("secret"));
}

#[test]
fn a_root_key_is_rotated_by_wrapping_data_keys_anew() {
    let old = SealingVault::new(root(1));
    let key = old
        .seal_key(&owner("a"), "trade", 1, "secret")
        .expect("valid");
    let text = old.seal("orders/1/auth_code", "284214903060794755");
    let both = SealingVault::new(root(2)).with_retired(&root(1));
    assert_eq!(
        both.open("orders/1/auth_code", &text).as_deref(),
        Some("284214903060794755")
    );
    let rewrapped = both.rewrap(&key).expect("opens");
    assert_eq!(
        key.sealed.rsplit('.').next(),
        rewrapped.sealed.rsplit('.').next()
    );
    assert_eq!(key.fingerprint, rewrapped.fingerprint);
    let new = SealingVault::new(root(2));
    assert_eq!(
        reveal(&new, &owner("a"), &rewrapped).as_deref(),
        Ok("secret")
    );
    assert!(reveal(&new, &owner("a"), &key).is_err());
}

#[test]
fn texts_of_the_books_open_in_their_row_only() {
    let vault = SealingVault::new(root(1));
    let sealed = vault.seal("orders/1/auth_code", "284214903060794755");
    assert_ne!(
        sealed,
        vault.seal("orders/1/auth_code", "284214903060794755")
    );
    assert_eq!(
        vault.open("orders/1/auth_code", &sealed).as_deref(),
        Some("284214903060794755")
    );
    assert_eq!(vault.open("orders/2/auth_code", &sealed), None);
    for damaged in ["", "1.", "1.aa.bb", &sealed[1..], &sealed.replace('.', ":")] {
        assert_eq!(vault.open("orders/1/auth_code", damaged), None, "{damaged}");
    }
    assert_eq!(
        vault.open("empty", &vault.seal("empty", "")).as_deref(),
        Some("")
    );
}

#[test]
fn digests_are_keyed_and_bound_to_their_context() {
    let vault = SealingVault::new(root(1));
    let digest = vault.digest("auth_code", "28");
    assert_eq!(
        digest,
        SealingVault::new(root(1)).digest("auth_code", "28"),
        "over restarts"
    );
    assert!(
        digest.len() == 64
            && digest
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    );
    assert_ne!(
        digest,
        vault.digest("auth_code2", "8"),
        "where context ends is part of it"
    );
    assert_ne!(digest, SealingVault::new(root(2)).digest("auth_code", "28"));
}

#[test]
fn keys_are_checked_before_they_are_sealed() {
    let vault = SealingVault::new(root(1));
    let private = include_str!("data/test-private.pem");
    let public = include_str!("data/test-public.pem");
    let seal = |role: &str, secret: &str| vault.seal_key(&owner("a"), role, 1, secret);
    for (role, secret, is_valid) in [
        ("trade", "k", true),
        ("trade", "", false),
        ("trade", " k", false),
        ("trade", "k\n", false),
        ("trade", "k\0k", false),
        ("merchant_private", private, true),
        ("merchant_private", public, false),
        ("merchant_private", "k", false),
        ("channel_public", public, true),
        ("channel_public", private, false),
        ("merchant_private", "QUJD", false),
        ("channel_public", "QUJD", false),
        (
            "merchant_private",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nQUJD\n-----END ENCRYPTED PRIVATE KEY-----",
            false,
        ),
        (
            "channel_public",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            false,
        ),
    ] {
        assert_eq!(seal(role, secret).is_ok(), is_valid, "{role}");
    }
    let error = seal("merchant_private", "hunter2")
        .expect_err("no PEM")
        .to_string();
    assert!(!error.contains("hunter2"), "{error}");
    let fingerprint = |secret| seal("trade", secret).expect("valid").fingerprint;
    assert_eq!(fingerprint("k"), fingerprint("k"));
    assert_ne!(fingerprint("k"), fingerprint("l"));
}

#[test]
fn nothing_prints_a_key() {
    let vault = SealingVault::new(root(1));
    assert_eq!(format!("{vault:?}"), "SealingVault(***)");
    assert_eq!(format!("{:?}", root(1)), "RootKey(***)");
}

#[test]
fn nonces_are_random_lower_case_letters_and_digits() {
    let vault = SealingVault::new(root(1));
    for length in [0, 1, 32, 200] {
        let nonce = vault.nonce(length);
        assert_eq!(nonce.len(), length);
        assert!(
            nonce
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        );
    }
    assert_ne!(vault.nonce(32), vault.nonce(32));
}

#[test]
fn a_client_certificate_needs_both_halves_and_is_revealed_whole() {
    let vault = SealingVault::new(RootKey::generate());
    let owner = KeyOwner::ChannelAccount("wechat-main".into());
    let certificate = "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n";
    let key = "-----BEGIN PRIVATE KEY-----\nQg==\n-----END PRIVATE KEY-----\n";
    for half in [certificate, key, "text"] {
        let refused = vault.seal_key(&owner, "client_certificate", 1, half);
        assert!(refused.is_err(), "{half}");
    }
    let whole = format!("{certificate}{key}");
    let sealed = vault
        .seal_key(&owner, "client_certificate", 1, &whole)
        .unwrap();
    let keys = vault.open_keys(&owner, &[sealed]).unwrap();
    assert_eq!(keys.reveal(KeyRole("client_certificate")), Ok(whole));
}
