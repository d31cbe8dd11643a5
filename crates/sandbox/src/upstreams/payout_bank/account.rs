//! The customer whose account it is, and the secret that both sides hold.

use serde::{Deserialize, Serialize};

use super::ID;
use crate::accounts::{Opened, PortalAccount};
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::store::Store;

/// The customer's number.
const CUSTOMER_NO: &str = "66000001";

/// What the bank would hand to its customer.
#[derive(Clone, Serialize, Deserialize)]
pub struct PayoutBankAccount {
    /// The customer's number, sent with each call.
    pub customer_no: String,
    /// Signs requests and answers, as text.
    pub hmac_key: String,
}

impl PortalAccount for PayoutBankAccount {
    const UPSTREAM: &'static str = ID;
}

/// The same, as the bank keeps it.
pub(super) struct Keys(pub(super) PayoutBankAccount);

/// Makes or finds the account.
pub(super) fn open(store: &Store) -> Result<Opened, SandboxError> {
    let account = PayoutBankAccount {
        customer_no: CUSTOMER_NO.to_owned(),
        hmac_key: store.kept("payout_bank_key", &|| random_hex(32))?,
    };
    Opened::new(Keys(account.clone()), &account)
}
