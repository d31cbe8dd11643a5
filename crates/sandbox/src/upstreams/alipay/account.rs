//! The software vendor that is enrolled at Alipay, and the keys that both sides hold.

use serde::{Deserialize, Serialize};

use super::ID;
use crate::accounts::{Opened, PortalAccount};
use crate::book::Book;
use crate::crypto::{RsaKey, random_hex};
use crate::error::SandboxError;
use crate::store::Store;

/// The application.
pub(super) const APP_ID: &str = "2021000000007001";
/// The software vendor's own partner id.
const ISV_PID: &str = "2088000000007001";
/// The seller that exists from the first start.
const SELLER_ID: &str = "2088000000007109";

/// What Alipay's open platform would hand to the vendor in key mode (channels.md 2).
#[derive(Clone, Serialize, Deserialize)]
pub struct AlipayAccount {
    /// The application's id.
    pub app_id: String,
    /// PKCS#8 PEM; signs requests.
    pub app_private_key_pem: String,
    /// SPKI PEM; verifies answers and notifications.
    pub alipay_public_key_pem: String,
    /// The first merchant's authorisation; more come from `POST /control/sub_merchants`.
    pub app_auth_token: String,
    /// The first merchant's partner id.
    pub seller_id: String,
    /// The vendor's partner id.
    pub isv_pid: String,
}

impl PortalAccount for AlipayAccount {
    const UPSTREAM: &'static str = ID;
}

/// The keys of both sides.
pub(super) struct Keys {
    /// Signs requests.
    pub(super) app: RsaKey,
    /// Signs answers and notifications.
    pub(super) own: RsaKey,
}

/// Makes or finds the account.
pub(super) fn open(store: &Store) -> Result<Opened, SandboxError> {
    let first_token = store.kept("app_auth_token", &fresh_token)?;
    store.add_sub_merchant(ID, &first_token, SELLER_ID)?;
    let keys = Keys {
        app: store.kept_key("app_key")?,
        own: store.kept_key("alipay_key")?,
    };
    let account = AlipayAccount {
        app_id: APP_ID.to_owned(),
        app_private_key_pem: keys.app.private_pem(),
        alipay_public_key_pem: keys.own.public_pem(),
        app_auth_token: first_token,
        seller_id: SELLER_ID.to_owned(),
        isv_pid: ISV_PID.to_owned(),
    };
    Opened::new(keys, &account)
}

fn fresh_token() -> Result<String, SandboxError> {
    Ok(format!("202601BB{}", random_hex(16)?))
}

/// Enrols one more seller; the token is its authorisation.
pub(super) fn enrol(book: &Book<'_>) -> Result<serde_json::Value, SandboxError> {
    let token = fresh_token()?;
    let seller = format!("20881{:011}", book.next_sequence()? % 100_000_000_000);
    book.add_sub_merchant(ID, &token, &seller)?;
    Ok(serde_json::json!({"app_auth_token": token, "seller_id": seller}))
}
