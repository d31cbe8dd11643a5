//! Computing a described signature, and the forms in which one is written.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};
use md5::{Digest as _, Md5};
use secrecy::zeroize::Zeroizing;
use subtle::ConstantTimeEq as _;

use crate::hex::{lower_hex, parse_hex};
use crate::material::Material;

/// The role whose key decides: the one the algorithm names, else the first among the pieces.
/// `None`: the text holds no key at all, so anybody could have signed it.
pub(crate) fn deciding_role(spec: &SignatureSpec) -> Option<KeyRole> {
    match spec.algorithm {
        Algorithm::HmacSha256(role)
        | Algorithm::RsaSha256(role)
        | Algorithm::RsaSha256OfHex(role) => Some(role),
        Algorithm::Md5 => spec.pieces.iter().find_map(|piece| match piece {
            Piece::Key(role) => Some(*role),
            Piece::Text(_) => None,
        }),
    }
}

/// The signature's bytes, by the keys that `find` gives; the error is the role that has no such
/// key.
pub(crate) fn compute<'a>(
    spec: &SignatureSpec,
    find: impl Fn(KeyRole) -> Option<&'a Material>,
) -> Result<Vec<u8>, KeyRole> {
    match spec.algorithm {
        Algorithm::Md5 => {
            let mut digest = Md5::new();
            feed(spec, &find, |bytes| digest.update(bytes))?;
            Ok(digest.finalize().to_vec())
        }
        Algorithm::HmacSha256(role) => {
            let Some(Material::Shared { hmac, .. }) = find(role) else {
                return Err(role);
            };
            let mut context = hmac::Context::with_key(hmac);
            feed(spec, &find, |bytes| context.update(bytes))?;
            Ok(context.sign().as_ref().to_vec())
        }
        Algorithm::RsaSha256(role) | Algorithm::RsaSha256OfHex(role) => {
            let Some(Material::Private(pair)) = find(role) else {
                return Err(role);
            };
            let text = rsa_text(spec, &find)?;
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                &text,
                &mut signature,
            )
            .map_err(|_| role)?;
            Ok(signature)
        }
    }
}

/// Whether `presented` is the signature under these keys. Its time does not depend on where they
/// differ.
pub(crate) fn matches<'a>(
    spec: &SignatureSpec,
    presented: &[u8],
    find: impl Fn(KeyRole) -> Option<&'a Material>,
) -> bool {
    if let Algorithm::RsaSha256(role) | Algorithm::RsaSha256OfHex(role) = spec.algorithm {
        let Some(Material::Public(key)) = find(role) else {
            return false;
        };
        return rsa_text(spec, &find).is_ok_and(|text| key.verifies(&text, presented));
    }
    compute(spec, find).is_ok_and(|computed| bool::from(computed.ct_eq(presented)))
}

fn feed<'a>(
    spec: &SignatureSpec,
    find: &impl Fn(KeyRole) -> Option<&'a Material>,
    mut take: impl FnMut(&[u8]),
) -> Result<(), KeyRole> {
    for piece in &spec.pieces {
        match piece {
            Piece::Text(bytes) => take(bytes),
            Piece::Key(role) => {
                let text = find(*role).and_then(Material::text).ok_or(*role)?;
                take(text.as_bytes());
            }
        }
    }
    Ok(())
}

fn joined<'a>(
    spec: &SignatureSpec,
    find: &impl Fn(KeyRole) -> Option<&'a Material>,
) -> Result<Zeroizing<Vec<u8>>, KeyRole> {
    let mut text = Zeroizing::new(Vec::new());
    feed(spec, find, |bytes| text.extend_from_slice(bytes))?;
    Ok(text)
}

/// What RSA signs: the pieces, or the digits of their digest.
fn rsa_text<'a>(
    spec: &SignatureSpec,
    find: &impl Fn(KeyRole) -> Option<&'a Material>,
) -> Result<Zeroizing<Vec<u8>>, KeyRole> {
    let text = joined(spec, find)?;
    Ok(match spec.algorithm {
        Algorithm::RsaSha256OfHex(_) => {
            let digest = digest::digest(&digest::SHA256, &text);
            Zeroizing::new(lower_hex(digest.as_ref()).into_bytes())
        }
        _ => text,
    })
}

/// Writes a signature.
pub(crate) fn render(rendering: Rendering, signature: &[u8]) -> String {
    match rendering {
        Rendering::LowerHex => lower_hex(signature),
        Rendering::UpperHex => lower_hex(signature).to_ascii_uppercase(),
        Rendering::Base64 => STANDARD.encode(signature),
        Rendering::Base64OfHex => STANDARD.encode(lower_hex(signature)),
    }
}

/// Reads a signature; `None` if it has not this form.
pub(crate) fn parse(rendering: Rendering, text: &str) -> Option<Vec<u8>> {
    match rendering {
        Rendering::LowerHex | Rendering::UpperHex => parse_hex(text),
        Rendering::Base64 => STANDARD.decode(text).ok(),
        Rendering::Base64OfHex => {
            let hex = STANDARD.decode(text).ok()?;
            let hex = std::str::from_utf8(&hex).ok()?;
            let is_lower = !hex.bytes().any(|sign| sign.is_ascii_uppercase());
            is_lower.then(|| parse_hex(hex)).flatten()
        }
    }
}
