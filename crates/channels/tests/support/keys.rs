//! Keys of both sides, and the cryptography that a vault would do.

use std::sync::OnceLock;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

/// A pair of RSA keys.
pub(crate) struct Pair(KeyPair);

impl Pair {
    pub(crate) fn sign(&self, text: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text,
                &mut signature,
            )
            .expect("signs");
        STANDARD.encode(signature)
    }

    pub(crate) fn verify(&self, text: &[u8], presented: &str) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.0.public_key().as_ref());
        STANDARD
            .decode(presented)
            .is_ok_and(|signature| key.verify(text, &signature).is_ok())
    }
}

fn generate() -> Pair {
    Pair(KeyPair::generate(KeySize::Rsa2048).expect("randomness"))
}

/// Our pair: the channel verifies with its public half.
pub(crate) fn ours() -> &'static Pair {
    static PAIR: OnceLock<Pair> = OnceLock::new();
    PAIR.get_or_init(generate)
}

/// The channel's pair.
pub(crate) fn theirs() -> &'static Pair {
    static PAIR: OnceLock<Pair> = OnceLock::new();
    PAIR.get_or_init(generate)
}

/// The serial of a platform certificate whose key the account has beside the public key.
pub(crate) const KNOWN_SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
/// The serial of a platform certificate that the channel has only just begun to use.
pub(crate) const FRESH_SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD00000000";

/// The account's key of a serial.
pub(crate) fn named(serial: &str) -> Option<&'static Pair> {
    static PAIR: OnceLock<Pair> = OnceLock::new();
    (serial == KNOWN_SERIAL).then(|| PAIR.get_or_init(generate))
}

/// The channel's key of a certificate, whether or not the account has it.
pub(crate) fn certified(serial: &str) -> Option<&'static Pair> {
    static PAIR: OnceLock<Pair> = OnceLock::new();
    match serial {
        FRESH_SERIAL => Some(PAIR.get_or_init(generate)),
        known => named(known),
    }
}

/// What stands for a certificate here: the vault reads real ones.
pub(crate) fn certificate(serial: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{serial}\n-----END CERTIFICATE-----\n")
}

pub(crate) fn serial_of_certificate(pem: &str) -> Option<&str> {
    pem.lines().nth(1)
}

/// The keys that are texts.
pub(crate) fn secret(role: &str) -> &'static str {
    match role {
        "api_v2" => "192006250b4c09247ec02edce69f6a2d",
        "api_v3" => "0123456789abcdef0123456789abcdef",
        "bank_hmac" => "fedcba9876543210fedcba9876543210",
        "app_secret" => "s3cret/&=",
        other => panic!("{other} is no text"),
    }
}

/// The secrets of a contract.
pub(crate) fn secret_of_contract(role: &str) -> &'static str {
    match role {
        "app_auth_token" => "202601BBtoken",
        other => panic!("{other} is no secret of a contract"),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn md5_hex(text: &[u8]) -> String {
    hex(&Md5::digest(text))
}

pub(crate) fn sha256_hex(text: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, text).as_ref())
}

pub(crate) fn hmac_hex(key: &str, text: &[u8]) -> String {
    hex(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), text).as_ref())
}

fn gcm(key: &str) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).expect("32 bytes"))
}

pub(crate) fn open_gcm(
    key: &str,
    nonce: &[u8],
    associated: &[u8],
    boxed: &[u8],
) -> Option<Vec<u8>> {
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = boxed.to_vec();
    Some(
        gcm(key)
            .open_in_place(nonce, Aad::from(associated), &mut text)
            .ok()?
            .to_vec(),
    )
}

pub(crate) fn seal_gcm(key: &str, nonce: &[u8], associated: &[u8], text: &[u8]) -> String {
    let nonce = Nonce::try_assume_unique_for_key(nonce).expect("12 bytes");
    let mut boxed = text.to_vec();
    gcm(key)
        .seal_in_place_append_tag(nonce, Aad::from(associated), &mut boxed)
        .expect("seals");
    STANDARD.encode(boxed)
}
