//! RSA-2048 key pairs: PKCS#1 v1.5 with SHA-256, as all channels sign.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::SandboxError;

/// One key pair, ready to sign and to verify.
pub(crate) struct RsaKey {
    pair: KeyPair,
    pkcs8: Vec<u8>,
    spki: Vec<u8>,
}

impl RsaKey {
    /// A new key as PKCS#8 DER.
    pub(crate) fn generate() -> Result<Vec<u8>, SandboxError> {
        let pair = KeyPair::generate(KeySize::Rsa2048)
            .map_err(|_| SandboxError::Key("no RSA key could be made"))?;
        let der = pair
            .as_der()
            .map_err(|_| SandboxError::Key("an RSA key has no DER form"))?;
        Ok(der.as_ref().to_vec())
    }

    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, SandboxError> {
        let pair = KeyPair::from_pkcs8(der)
            .map_err(|_| SandboxError::Key("a stored key is not PKCS#8"))?;
        let public: PublicKeyX509Der<'_> = pair
            .public_key()
            .as_der()
            .map_err(|_| SandboxError::Key("a public key has no SPKI form"))?;
        let spki = public.as_ref().to_vec();
        Ok(Self {
            pair,
            pkcs8: der.to_vec(),
            spki,
        })
    }

    /// Base64 of the signature over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String, SandboxError> {
        let mut signature = vec![0_u8; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .map_err(|_| SandboxError::Key("an RSA key does not sign"))?;
        Ok(STANDARD.encode(signature))
    }

    /// Whether `signature` (standard Base64 without line breaks) is this key's over `message`.
    pub(crate) fn verify(&self, message: &[u8], signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|bytes| {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.spki)
                .verify(message, &bytes)
                .is_ok()
        })
    }

    /// The key as it was made, for the store.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub(crate) fn private_pem(&self) -> String {
        pem("PRIVATE KEY", &self.pkcs8)
    }

    pub(crate) fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &self.spki)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        lines.push_str(line);
        lines.push('\n');
        rest = tail;
    }
    lines.push_str(&format!("-----END {label}-----\n"));
    lines
}
