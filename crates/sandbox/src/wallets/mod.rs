//! The wallets: how each appears to a page, what it opens by itself, and what its payers are
//! called. A wallet is no upstream: an upstream says whose payers it serves.

pub(crate) mod alipay;
pub(crate) mod unionpay;
pub(crate) mod wechat;

use serde_json::Value;

/// Who pays when nobody else is named.
pub(crate) const DEFAULT_PAYER: &str = "payer-1";

/// One wallet.
pub(crate) struct Wallet {
    /// Its name in `/control` and in a page's invocation.
    pub(crate) name: &'static str,
    /// What its browser calls itself.
    pub(crate) agent: &'static str,
    /// What begins the addresses of pages that are nothing for its browser: it pays what they name.
    pub(crate) pages: Option<&'static str>,
    /// What a page invokes that sends the browser on to one of those, if a page can do that.
    pub(crate) invoked_by: Option<fn(&str) -> Value>,
}

impl Wallet {
    /// Whether an address names something to pay.
    pub(crate) fn pays(&self, address: &str) -> bool {
        self.pages.is_some_and(|pages| address.starts_with(pages))
    }

    /// What a page invokes by sending the browser to that address, if it invokes anything.
    pub(crate) fn invoked(&self, address: &str) -> Option<Value> {
        let invoked_by = self.invoked_by.filter(|_| self.pays(address));
        invoked_by.map(|of| of(address))
    }
}

/// Whether a payment code has so many digits, of which the first two are in a range.
fn is_code(code: &str, digits: std::ops::RangeInclusive<usize>, first: u8, last: u8) -> bool {
    digits.contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_digit())
        && code
            .get(..2)
            .and_then(|prefix| prefix.parse::<u8>().ok())
            .is_some_and(|prefix| (first..=last).contains(&prefix))
}
