//! Texts that we give away and recognise when they come back: callback tokens, page states and the
//! proofs in pages' addresses.
//!
//! A token carries what it leads to and a keyed digest, so nothing is looked up and nothing can be
//! forged. It is the same each time, since a channel demands identical content from a repeat.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use heliu_ports::keys::Vault;
use subtle::ConstantTimeEq;

use heliu_trade::id::{AppId, AttemptNo, MerchantId, OrderNo};

use crate::{Engine, Inner};

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
    is_same(&seal(vault, context, text), token).then(|| text.to_owned())
}

/// Whether a text that came is the one that we would make. The time that it takes tells nothing of
/// how far they are alike, so that nobody finds the right one letter by letter.
pub(crate) fn is_same(ours: &str, presented: &str) -> bool {
    ours.as_bytes().ct_eq(presented.as_bytes()).into()
}

const CALLBACK: &str = "callback";
const PAGE: &str = "page";

impl Engine {
    /// What shows in the address of an order's page that we gave it; the same each time.
    #[must_use]
    pub fn page_proof(&self, app: &AppId, order_no: OrderNo) -> String {
        self.inner.page_proof(app, order_no)
    }

    /// Whether a callback's address is one that we gave, so that a stranger's body need not be
    /// read.
    #[must_use]
    pub fn is_callback_token(&self, token: &str) -> bool {
        self.inner.open_callback_token(token).is_some()
    }
}

impl Inner {
    pub(crate) fn page_proof(&self, app: &AppId, order_no: OrderNo) -> String {
        let mut digest = self.vault.digest(PAGE, &format!("{app}.{order_no}"));
        digest.truncate(DIGEST_DIGITS);
        digest
    }

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
