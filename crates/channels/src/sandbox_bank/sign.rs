//! The texts that the bank and we sign, described as data.

use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};

/// The secret that both sides have.
const BANK_HMAC: KeyRole = KeyRole("bank_hmac");

/// Our request: four lines, the last one without an end.
pub(super) fn request(method: &str, path: &str, time: &str, body: &str) -> SignatureSpec {
    hmac(format!("{method}\n{path}\n{time}\n{body}").into_bytes())
}

/// The bank's answer to the request that had this signature.
pub(super) fn answer(signature: &str, status: u16, body: &[u8]) -> SignatureSpec {
    let mut text = format!("{signature}\n{status}\n").into_bytes();
    text.extend_from_slice(body);
    hmac(text)
}

fn hmac(text: Vec<u8>) -> SignatureSpec {
    SignatureSpec {
        algorithm: Algorithm::HmacSha256(BANK_HMAC),
        pieces: vec![Piece::text(text)],
        rendering: Rendering::UpperHex,
    }
}
