//! Keys of one role that are told apart by serial: a signature is checked with the one that is
//! named and with no other, and a certificate's key serves as long as the certificate.

use heliu_ports::keys::{KeyOwner, Keys, NamedCheck, Vault as _};
use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};
use heliu_trade::id::ChannelAccountId;
use heliu_trade::time::Timestamp;
use heliu_vault::{RootKey, SealingVault};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SerialNumber, date_time_ymd};
use std::sync::{Arc, OnceLock};

/// 2026-01-15 10:00:00 Beijing time.
const NOW: Timestamp = Timestamp::from_ms(1_768_442_400_000);
/// 2031-01-01 UTC: when the certificates end.
const END: Timestamp = Timestamp::from_ms(1_924_992_000_000);
const SIGNS: KeyRole = KeyRole("their_private");
const VERIFIES: KeyRole = KeyRole("their_public");
const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const ANOTHER: &str = "00775B6A45ACD588826D15E583A95F5DD00000AB";

/// A pair of the far side's.
fn pair(of: usize) -> &'static KeyPair {
    static PAIRS: [OnceLock<KeyPair>; 2] = [const { OnceLock::new() }; 2];
    PAIRS[of].get_or_init(|| {
        KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("randomness")
    })
}

/// A pair's certificate with this serial number.
fn certificate(of: usize, serial: &str) -> String {
    let digits = serial.as_bytes().chunks(2);
    let bytes = digits.map(|two| {
        let two = std::str::from_utf8(two).expect("ASCII");
        u8::from_str_radix(two, 16).expect("hexadecimal")
    });
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from(bytes.collect::<Vec<u8>>()));
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2031, 1, 1);
    params.self_signed(pair(of)).expect("signs").pem()
}

fn spec(role: KeyRole, text: &str) -> SignatureSpec {
    SignatureSpec {
        algorithm: Algorithm::RsaSha256(role),
        pieces: vec![Piece::text(text.to_owned())],
        rendering: Rendering::Base64,
    }
}

fn vault() -> SealingVault {
    SealingVault::new(RootKey::generate())
}

fn owner() -> KeyOwner {
    KeyOwner::ChannelAccount(ChannelAccountId::from("main"))
}

fn opened(vault: &SealingVault, keys: &[(&str, String)]) -> Arc<dyn Keys> {
    let seal =
        |(role, text): &(&str, String)| vault.seal_key(&owner(), role, 1, text).expect("valid");
    let sealed: Vec<_> = keys.iter().map(seal).collect();
    vault.open_keys(&owner(), &sealed).expect("opens")
}

/// What the far side's pair makes of a text.
fn signature(of: usize, text: &str) -> String {
    let keys = opened(&vault(), &[(SIGNS.0, pair(of).serialize_pem())]);
    keys.sign(&spec(SIGNS, text), None).expect("signs")
}

#[test]
fn the_named_key_verifies_and_no_other() {
    let vault = vault();
    let (first, second) = (
        format!("{}/{SERIAL}", VERIFIES.0),
        format!("{}/PUB_KEY_ID_1", VERIFIES.0),
    );
    let keys = opened(
        &vault,
        &[
            (&first, certificate(0, SERIAL)),
            (&second, pair(1).public_key_pem()),
        ],
    );
    let spec = spec(VERIFIES, "text");
    for (serial, signer, check) in [
        (SERIAL, 0, NamedCheck::Holds),
        (SERIAL, 1, NamedCheck::Fails),
        ("PUB_KEY_ID_1", 1, NamedCheck::Holds),
        ("PUB_KEY_ID_1", 0, NamedCheck::Fails),
        ("PUB_KEY_ID_2", 1, NamedCheck::UnknownKey),
        (ANOTHER, 0, NamedCheck::UnknownKey),
        ("", 0, NamedCheck::UnknownKey),
    ] {
        let made = signature(signer, "text");
        assert_eq!(
            keys.verify_by(serial, &spec, &made, NOW),
            check,
            "{serial} {signer}"
        );
        assert_eq!(keys.verify(&spec, &made), None, "who names no key has none");
    }
    let other = signature(0, "another text");
    assert_eq!(
        keys.verify_by(SERIAL, &spec, &other, NOW),
        NamedCheck::Fails
    );
    let none = vault.dummy_keys().verify_by(SERIAL, &spec, &other, NOW);
    assert_eq!(none, NamedCheck::UnknownKey);
}

#[test]
fn a_certificates_key_ends_with_it() {
    let vault = vault();
    let role = format!("{}/{SERIAL}", VERIFIES.0);
    let keys = opened(&vault, &[(&role, certificate(0, SERIAL))]);
    let (spec, made) = (spec(VERIFIES, "text"), signature(0, "text"));
    let last = END.plus_ms(-1);
    assert_eq!(
        keys.verify_by(SERIAL, &spec, &made, last),
        NamedCheck::Holds
    );
    assert_eq!(
        keys.verify_by(SERIAL, &spec, &made, END),
        NamedCheck::UnknownKey
    );
}

#[test]
fn a_certificate_is_kept_under_its_own_serial_only() {
    let vault = vault();
    let seal = |serial: &str, text: &str| {
        let role = format!("{}/{serial}", VERIFIES.0);
        vault.seal_key(&owner(), &role, 1, text).map(|key| key.role)
    };
    let pem = certificate(0, ANOTHER);
    let high = "F157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    // Serials are numbers, which some write with the zeros at their beginning, and in either case.
    for (serial, pem) in [
        (ANOTHER, &pem),
        (&ANOTHER[2..], &pem),
        (high, &certificate(0, high)),
        (&*SERIAL.to_lowercase(), &certificate(0, SERIAL)),
    ] {
        assert!(seal(serial, pem).is_ok(), "{serial}");
    }
    for (serial, text) in [
        (SERIAL, &*pem),
        ("", &pem),
        ("a/b", &pem),
        ("a b", &pem),
        (&"A".repeat(65), &pem),
        (
            SERIAL,
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        ),
        (SERIAL, "5157"),
    ] {
        let refused = seal(serial, text).expect_err(serial).to_string();
        assert!(!refused.contains("MII"), "{refused}");
    }
}

#[test]
fn a_certificate_that_was_just_told_proves_who_signed() {
    let vault = vault();
    let (spec, made, pem) = (
        spec(VERIFIES, "text"),
        signature(0, "text"),
        certificate(0, SERIAL),
    );
    let proves = |pem: &str, serial: &str, made: &str, now| {
        vault.verify_by_certificate(pem, serial, &spec, made, now)
    };
    assert!(proves(&pem, SERIAL, &made, NOW));
    for (what, is_proved) in [
        ("over", proves(&pem, SERIAL, &made, END)),
        ("another serial", proves(&pem, ANOTHER, &made, NOW)),
        (
            "another's",
            proves(&certificate(1, SERIAL), SERIAL, &made, NOW),
        ),
        (
            "another text",
            proves(&pem, SERIAL, &signature(0, "x"), NOW),
        ),
        ("no signature", proves(&pem, SERIAL, "", NOW)),
        (
            "no certificate",
            proves(&pair(0).public_key_pem(), SERIAL, &made, NOW),
        ),
        ("nothing", proves("", SERIAL, &made, NOW)),
    ] {
        assert!(!is_proved, "{what}");
    }
}
