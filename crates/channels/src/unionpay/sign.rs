//! The texts that UnionPay and we sign, described as data. Sources: channel notes 3.2, 3.8.
//!
//! What RSA signs is not the text but the hexadecimal digits of its SHA-256.

use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};

/// The key that signs our requests.
const PROVIDER_PRIVATE: KeyRole = KeyRole("provider_private");
/// The key that verifies UnionPay's messages.
const UNIONPAY_PUBLIC: KeyRole = KeyRole("unionpay_public");

/// The member that carries the signature; it is not signed itself.
pub(super) const SIGNATURE: &str = "signature";

/// A member and the text that stands for it.
pub(super) type Member<'a> = (&'a str, &'a str);

/// Our request.
pub(super) fn request<'a>(members: impl Iterator<Item = Member<'a>>) -> SignatureSpec {
    spec(Algorithm::RsaSha256OfHex(PROVIDER_PRIVATE), members)
}

/// UnionPay's answer or notification.
pub(super) fn message<'a>(members: impl Iterator<Item = Member<'a>>) -> SignatureSpec {
    spec(Algorithm::RsaSha256OfHex(UNIONPAY_PUBLIC), members)
}

/// All members but the signature, in byte order of their names, values as they are, empty ones too.
fn spec<'a>(algorithm: Algorithm, members: impl Iterator<Item = Member<'a>>) -> SignatureSpec {
    let mut signed: Vec<_> = members.filter(|(name, _)| *name != SIGNATURE).collect();
    signed.sort_unstable();
    let parts: Vec<_> = signed
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    SignatureSpec {
        algorithm,
        pieces: vec![Piece::text(parts.join("&"))],
        rendering: Rendering::Base64,
    }
}

#[cfg(test)]
#[path = "tests/sign.rs"]
mod tests;
