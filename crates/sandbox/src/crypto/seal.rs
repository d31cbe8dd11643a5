//! Sealing what notifications carry: AES-256-GCM, and AES-256-ECB for the older ones.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_256, PaddedBlockEncryptingKey, UnboundCipherKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::md5_hex_lower;
use crate::error::SandboxError;

/// Base64 of ciphertext and tag (channels.md 1.3); `nonce` has 12 ASCII bytes.
pub(crate) fn aes_gcm_base64(
    key: &str,
    nonce: &str,
    associated: &str,
    plain: &str,
) -> Result<String, SandboxError> {
    let broken = || SandboxError::Key("a notification could not be sealed");
    let key =
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).map_err(|_| broken())?);
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).map_err(|_| broken())?;
    let mut buffer = plain.as_bytes().to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(associated.as_bytes()), &mut buffer)
        .map_err(|_| broken())?;
    Ok(STANDARD.encode(buffer))
}

/// Base64 of AES-256-ECB/PKCS#7 under the lower-case hex MD5 of the v2 key (channels.md 1.19).
pub(crate) fn aes_ecb_base64(api_v2_key: &str, plain: &str) -> Result<String, SandboxError> {
    let broken = || SandboxError::Key("a refund notification could not be sealed");
    let derived = md5_hex_lower(api_v2_key);
    let key = UnboundCipherKey::new(&AES_256, derived.as_bytes()).map_err(|_| broken())?;
    let key = PaddedBlockEncryptingKey::ecb_pkcs7(key).map_err(|_| broken())?;
    let mut buffer = plain.as_bytes().to_vec();
    key.encrypt(&mut buffer).map_err(|_| broken())?;
    Ok(STANDARD.encode(buffer))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// channels.md 8, "GCM open" and "v2 refund req_info", sealed instead of opened.
    #[test]
    fn known_answers() {
        assert_eq!(
            aes_gcm_base64(
                "0123456789abcdef0123456789abcdef",
                "abcdefghijkl",
                "transaction",
                r#"{"sp_mchid":"1900000001","sub_mchid":"1900000109","trade_state":"SUCCESS"}"#
            )
            .unwrap(),
            "Eu66z5SIDrsKeNArKKhhD2wBiy+JsF55MpxN6bADo4kEocTeFHbDmnpKoJA+orfkvHmewMk/Ep6BjDss2Miqf+6g3I65tTUeJyQ6bKAhH23Awx0XURSh9h8C"
        );
        assert_eq!(
            aes_ecb_base64(
                "192006250b4c09247ec02edce69f6a2d",
                "<root><out_refund_no>R1</out_refund_no><refund_status>SUCCESS</refund_status></root>"
            )
            .unwrap(),
            "WBzGpzQuNpcFxIlFjUUD9CdH4BF3YHmtiHaWV8j0mqDmyt1ktL6KiRuDf54lmRtRsuivy+W7GOHBqU/pCYFHI29h5zsVoYNuky4WwJWgve1lKN3BmGhU1XAFvvxnrPcC"
        );
    }
}
