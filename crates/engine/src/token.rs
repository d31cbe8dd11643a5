//! Texts that we give away and recognise when they come back: callback tokens and page states.
//!
//! A token carries what it leads to and a keyed digest, so nothing is looked up and nothing can be
//! forged. It is the same each time, since a channel demands identical content from a repeat.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use heliu_ports::keys::Vault;
use heliu_trade::id::{AttemptNo, MerchantId, OrderNo};

use crate::Inner;

/// Hexadecimal digits of the digest that are kept: 96 bits.
const DIGEST_DIGITS: usize = 24;

/// `text` with its digest, in letters that every address takes.
pub(crate) fn seal(vault: &dyn Vault, context: &str, text: &str) -> String {
    let digest = vault.digest(context, text);
    let kept = digest.get(..DIGEST_DIGITS).unwrap_or(&digest);
    URL_SAFE_NO_PAD.encode(format!("{kept}{text}"))
}

/// The text of a token that [`seal`] made, `None` for any other.
pub(crate) fn open(vault: &dyn Vault, context: &str, token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let sealed = String::from_utf8(bytes).ok()?;
    let text = sealed.get(DIGEST_DIGITS..)?;
    // The digest is keyed: whoever can make this comparison succeed already has the token.
    (seal(vault, context, text) == token).then(|| text.to_owned())
}

const CALLBACK: &str = "callback";

impl Inner {
    pub(crate) fn callback_token(
        &self,
        merchant_id: &MerchantId,
        order_no: OrderNo,
        attempt_no: AttemptNo,
    ) -> String {
        seal(
            &*self.vault,
            CALLBACK,
            &format!("{order_no}{attempt_no}{merchant_id}"),
        )
    }

    pub(crate) fn open_callback_token(
        &self,
        token: &str,
    ) -> Option<(MerchantId, OrderNo, AttemptNo)> {
        let text = open(&*self.vault, CALLBACK, token)?;
        let order_no = text.get(..16)?.parse().ok()?;
        let attempt_no = text.get(16..32)?.parse().ok()?;
        Some((MerchantId::from(text.get(32..)?), order_no, attempt_no))
    }
}
