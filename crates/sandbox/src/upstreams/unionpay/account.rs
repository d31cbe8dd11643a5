//! The service provider that is enrolled at UnionPay, and the keys that both sides hold.

use serde::{Deserialize, Serialize};

use super::ID;
use crate::accounts::{Opened, PortalAccount};
use crate::crypto::RsaKey;
use crate::error::SandboxError;
use crate::store::Store;

/// The service provider's number; `S` and digits, as public examples have it.
pub(super) const SER_PROV_ID: &str = "S2026010110000007001";
/// The merchant that exists from the first start.
const MER_ID: &str = "777290000007109";

/// What UnionPay would hand to the service provider (channels.md 3.8).
#[derive(Clone, Serialize, Deserialize)]
pub struct UnionpayAccount {
    /// `serProvId`, the service provider's number.
    pub ser_prov_id: String,
    /// `merId` of the first merchant; more come from `POST /control/sub_merchants`.
    pub mer_id: String,
    /// PKCS#8 PEM; signs requests. In the world it comes in a `.pfx` file (channels.md 3.6).
    pub provider_private_key_pem: String,
    /// SPKI PEM; verifies answers and notifications.
    pub unionpay_public_key_pem: String,
}

impl PortalAccount for UnionpayAccount {
    const UPSTREAM: &'static str = ID;
}

/// The keys of both sides.
pub(super) struct Keys {
    /// Signs requests.
    pub(super) provider: RsaKey,
    /// Signs answers and notifications.
    pub(super) own: RsaKey,
}

/// Makes or finds the account.
pub(super) fn open(store: &Store) -> Result<Opened, SandboxError> {
    store.add_sub_merchant(ID, MER_ID, MER_ID)?;
    let keys = Keys {
        provider: store.kept_key("provider_key")?,
        own: store.kept_key("unionpay_key")?,
    };
    let account = UnionpayAccount {
        ser_prov_id: SER_PROV_ID.to_owned(),
        mer_id: MER_ID.to_owned(),
        provider_private_key_pem: keys.provider.private_pem(),
        unionpay_public_key_pem: keys.own.public_pem(),
    };
    Opened::new(keys, &account)
}
