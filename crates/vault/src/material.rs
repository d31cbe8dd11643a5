//! A key in the clear, parsed once: a shared secret, or one half of an RSA pair.

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heliu_trade::time::Timestamp;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use crate::hex::lower_hex;

/// Longest shared secret, in bytes.
const SECRET_BYTES_MAX: usize = 1024;
/// Longest serial of a key, in characters: those of WeChat's public keys have about forty.
const SERIAL_CHARS_MAX: usize = 64;
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
    Public(PublicKey),
    /// A certificate chain with its private key, PEM: proves who we are while a connection is made.
    Certificate(SecretString),
}

/// A key that verifies, and what its certificate says of it, if it came in one.
pub(crate) struct PublicKey {
    key: ParsedPublicKey,
    certificate: Option<Certified>,
}

/// What a certificate says.
struct Certified {
    /// Hexadecimal digits.
    serial: String,
    ends_at: Timestamp,
}

impl PublicKey {
    /// From an X.509 certificate, or a key as SPKI or PKCS#1: each in PEM, or what stands between
    /// its lines alone.
    fn read(text: &str) -> Result<Self, &'static str> {
        if let Some(der) = pem(text, "CERTIFICATE") {
            return Self::of_certificate(&der);
        }
        let der = pem(text, "PUBLIC KEY").or_else(|| pem(text, "RSA PUBLIC KEY"));
        let der = der.or_else(|| base64(text)).ok_or(
            "it is no public key or certificate: a PEM text (BEGIN PUBLIC KEY, BEGIN RSA PUBLIC KEY, BEGIN CERTIFICATE), \
             or the Base64 of one alone",
        )?;
        match parsed(&der) {
            Ok(key) => Ok(Self {
                key,
                certificate: None,
            }),
            Err(why) => Self::of_certificate(&der).map_err(|_| why),
        }
    }

    fn of_certificate(der: &[u8]) -> Result<Self, &'static str> {
        const NONE: &str = "it is not an X.509 certificate";
        let certificate = Certificate::from_der(der)
            .map_err(|_| NONE)?
            .tbs_certificate;
        let key = certificate.subject_public_key_info.to_der();
        let ends_at = certificate.validity.not_after.to_unix_duration();
        Ok(Self {
            key: parsed(&key.map_err(|_| NONE)?)?,
            certificate: Some(Certified {
                serial: lower_hex(certificate.serial_number.as_bytes()),
                ends_at: i64::try_from(ends_at.as_millis())
                    .map_or(Timestamp::from_ms(i64::MAX), Timestamp::from_ms),
            }),
        })
    }

    /// Whether it made the signature.
    pub(crate) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(text, signature).is_ok()
    }

    /// Whether it came in a certificate of this serial number, whose time is not over.
    pub(crate) fn is_certified_at(&self, serial: &str, now: Timestamp) -> bool {
        let certificate = self.certificate.as_ref();
        certificate.is_some_and(|of| is_same_number(&of.serial, serial) && now < of.ends_at)
    }

    /// Whether its certificate's time is over; a key without one has no end.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.certificate
            .as_ref()
            .is_some_and(|of| of.ends_at <= now)
    }
}

fn parsed(spki: &[u8]) -> Result<ParsedPublicKey, &'static str> {
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki)
        .map_err(|_| "it is not an RSA key of 2048 to 8192 bits")
}

/// Serials are numbers: some write the zeros at their beginning, some do not.
fn is_same_number(serial: &str, other: &str) -> bool {
    let digits = |text: &str| text.trim_start_matches('0').to_ascii_uppercase();
    digits(serial) == digits(other)
}

impl Material {
    /// Reads the key of `role`: PEM, or the Base64 of it alone, if the role's name says `private`
    /// or `public`; PEM for `certificate`; else text. Behind a slash the role has the serial that
    /// tells it from others; a certificate must be of that serial.
    ///
    /// The error says what is wrong, without the key.
    pub(crate) fn read(role: &str, secret: &SecretString) -> Result<Self, &'static str> {
        let (role, serial) = match role.split_once('/') {
            Some((role, serial)) => (role, Some(serial)),
            None => (role, None),
        };
        if serial.is_some_and(|serial| !is_serial(serial)) {
            return Err("its serial is not 1 to 64 letters, digits and underscores");
        }
        let text = secret.expose_secret();
        if role.contains("private") {
            return Ok(Self::Private(Box::new(private(text)?)));
        }
        if role.contains("public") {
            let key = PublicKey::read(text)?;
            let certified = key.certificate.as_ref();
            if certified
                .is_some_and(|of| serial.is_some_and(|serial| !is_same_number(serial, &of.serial)))
            {
                return Err("it is a certificate of another serial");
            }
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

/// An RSA key that signs, as PKCS#8 or PKCS#1: in PEM, or what stands between its lines alone.
fn private(text: &str) -> Result<KeyPair, &'static str> {
    if text.contains("ENCRYPTED") {
        return Err("it is locked by a password: openssl rsa -in FILE writes it without one");
    }
    let der = pem(text, "PRIVATE KEY").or_else(|| pem(text, "RSA PRIVATE KEY"));
    let der = der.or_else(|| base64(text)).ok_or(
        "it is no private key: a PEM text of PKCS#8 (BEGIN PRIVATE KEY) or PKCS#1 (BEGIN RSA PRIVATE KEY), or the Base64 \
         of one alone",
    )?;
    let pair = KeyPair::from_pkcs8(&der).or_else(|_| KeyPair::from_der(&der));
    pair.map_err(|_| "it is not an RSA key of 2048 bits or more, in PKCS#8 or PKCS#1")
}

fn is_serial(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=SERIAL_CHARS_MAX).contains(&text.len()) && text.bytes().all(is_sign)
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
    base64(text.trim().strip_prefix(&begin)?.strip_suffix(&end)?)
}

/// The bytes of Base64 that lines may break.
fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() > PEM_BYTES_MAX {
        return None;
    }
    let text: Zeroizing<String> = Zeroizing::new(
        text.chars()
            .filter(|character| !character.is_ascii_whitespace())
            .collect(),
    );
    let bytes = STANDARD.decode(text.as_bytes()).ok()?;
    Some(bytes)
        .filter(|bytes| !bytes.is_empty())
        .map(Zeroizing::new)
}
