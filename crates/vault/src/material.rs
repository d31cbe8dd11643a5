//! A key in the clear, parsed once: a shared secret, or one half of an RSA pair.

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

/// Longest shared secret, in bytes.
const SECRET_BYTES_MAX: usize = 1024;
/// Longest PEM text, in bytes: RSA-8192 fits.
const PEM_BYTES_MAX: usize = 16 * 1024;

/// A key, ready for use.
pub(crate) enum Material {
    /// Text that is hashed, or keys an HMAC or a cipher.
    Shared {
        text: SecretString,
        hmac: Box<hmac::Key>,
    },
    /// Signs.
    Private(Box<KeyPair>),
    /// Verifies.
    Public(ParsedPublicKey),
    /// A certificate chain with its private key, PEM: proves who we are while a connection is made.
    Certificate(SecretString),
}

impl Material {
    /// Reads the key of `role`: PEM if the role's name says `private`, `public` or `certificate`, else text.
    ///
    /// The error says what is wrong, without the key.
    pub(crate) fn read(role: &str, secret: &SecretString) -> Result<Self, &'static str> {
        let text = secret.expose_secret();
        if role.contains("private") {
            let der = pem(text, "PRIVATE KEY")
                .ok_or("it is not a PEM text of PKCS#8 (BEGIN PRIVATE KEY)")?;
            let pair = KeyPair::from_pkcs8(&der).map_err(|_| "it is not an RSA key in PKCS#8")?;
            return Ok(Self::Private(Box::new(pair)));
        }
        if role.contains("public") {
            let der = pem(text, "PUBLIC KEY").ok_or("it is not a PEM text (BEGIN PUBLIC KEY)")?;
            let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_slice())
                .map_err(|_| "it is not an RSA key of 2048 to 8192 bits")?;
            return Ok(Self::Public(key));
        }
        if role.contains("certificate") {
            check_certificate(text)?;
            return Ok(Self::Certificate(secret.clone()));
        }
        check_text(text)?;
        let hmac = Box::new(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()));
        Ok(Self::Shared {
            text: secret.clone(),
            hmac,
        })
    }

    /// The text of a shared secret, or of a certificate with its key.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Shared { text, .. } | Self::Certificate(text) => Some(text.expose_secret()),
            Self::Private(_) | Self::Public(_) => None,
        }
    }
}

fn check_certificate(text: &str) -> Result<(), &'static str> {
    if text.len() > PEM_BYTES_MAX {
        return Err("it is longer than 16 KiB");
    }
    let has = |label: &str| {
        text.contains(&format!("-----BEGIN {label}")) && text.contains(&format!("{label}-----"))
    };
    if !has("CERTIFICATE") {
        return Err("it holds no certificate (BEGIN CERTIFICATE)");
    }
    if !(has("PRIVATE KEY") || has("RSA PRIVATE KEY") || has("EC PRIVATE KEY")) {
        return Err("it holds no private key (BEGIN PRIVATE KEY): put both files into one");
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > SECRET_BYTES_MAX {
        return Err("it is longer than 1024 bytes");
    }
    if text.trim() != text {
        return Err("it has white space before or after it");
    }
    if text.chars().any(char::is_control) {
        return Err("it holds control characters");
    }
    Ok(())
}

/// The bytes between the lines of a PEM text of this label.
fn pem(text: &str, label: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() > PEM_BYTES_MAX {
        return None;
    }
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let body = text.trim().strip_prefix(&begin)?.strip_suffix(&end)?;
    let body: Zeroizing<String> = Zeroizing::new(
        body.chars()
            .filter(|character| !character.is_ascii_whitespace())
            .collect(),
    );
    STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new)
}
