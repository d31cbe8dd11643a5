//! A vault without keys: nothing here is secret, and what it makes is the same for the same seed.

use std::sync::Arc;

use heliu_ports::keys::{KeyError, KeyOwner, KeyVersion, Keys, NamedCheck, SealedKey, Vault};
use heliu_ports::signature::{KeyRole, SignatureSpec};
use heliu_trade::id::PlatformNo;
use heliu_trade::time::Timestamp;

use super::stage::Stage;

/// The vault.
pub(super) struct SimVault(pub(super) Arc<Stage>);

struct NoKeys;

impl Keys for NoKeys {
    fn verify(&self, _spec: &SignatureSpec, _presented: &str) -> Option<KeyVersion> {
        None
    }

    fn verify_by(
        &self,
        _serial: &str,
        _spec: &SignatureSpec,
        _presented: &str,
        _now: Timestamp,
    ) -> NamedCheck {
        NamedCheck::UnknownKey
    }

    fn sign(
        &self,
        _spec: &SignatureSpec,
        _version: Option<KeyVersion>,
    ) -> Result<String, KeyError> {
        Err(KeyError::Missing("any"))
    }

    fn newly_proved(&self, _spec: &SignatureSpec, _version: KeyVersion) -> Option<KeyRole> {
        None
    }

    fn open_gcm(
        &self,
        _role: KeyRole,
        _nonce: &[u8],
        _associated: &[u8],
        _boxed: &[u8],
    ) -> Option<Vec<u8>> {
        None
    }

    fn reveal(&self, role: KeyRole) -> Result<String, KeyError> {
        Err(KeyError::Missing(role.0))
    }
}

impl Vault for SimVault {
    fn open_keys(
        &self,
        _owner: &KeyOwner,
        _sealed: &[SealedKey],
    ) -> Result<Arc<dyn Keys>, KeyError> {
        Ok(Arc::new(NoKeys))
    }

    fn dummy_keys(&self) -> Arc<dyn Keys> {
        Arc::new(NoKeys)
    }

    fn seal_key(
        &self,
        owner: &KeyOwner,
        role: &str,
        version: u32,
        secret: &str,
    ) -> Result<SealedKey, KeyError> {
        Ok(SealedKey {
            owner: owner.name(),
            role: role.to_owned(),
            version,
            sealed: secret.to_owned(),
            fingerprint: self.digest("key", secret),
            is_proved: false,
        })
    }

    fn verify_by_certificate(
        &self,
        _pem: &str,
        _serial: &str,
        _spec: &SignatureSpec,
        _presented: &str,
        _now: Timestamp,
    ) -> bool {
        false
    }

    fn seal(&self, context: &str, text: &str) -> String {
        format!("{}{text}", self.digest("seal", context))
    }

    fn open(&self, context: &str, sealed: &str) -> Option<String> {
        let text = sealed.strip_prefix(&self.digest("seal", context))?;
        Some(text.to_owned())
    }

    fn hash_password(&self, password: &str) -> String {
        self.0.turn.take();
        self.digest("password", password)
    }

    fn verify_password(&self, password: &str, hash: &str) -> bool {
        self.hash_password(password) == hash
    }

    /// Four times FNV-1a, which keeps apart what a simulation writes.
    fn digest(&self, context: &str, text: &str) -> String {
        let bytes = || context.bytes().chain([0]).chain(text.bytes());
        let part = |salt: u64| {
            let start = 0xcbf2_9ce4_8422_2325 ^ salt;
            bytes().fold(start, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        };
        (1..=4).map(|salt| format!("{:016x}", part(salt))).collect()
    }

    fn request_id(&self, exchange_no: PlatformNo) -> String {
        format!("{:032x}", exchange_no.as_u64())
    }

    fn exchange_of(&self, request_id: &str) -> Option<PlatformNo> {
        let number = u64::from_str_radix(request_id, 16).ok()?;
        Some(PlatformNo::from_u64(number))
    }

    /// Beside the runtime nobody throws dice: which of both comes first is not the seed's. What
    /// nobody's password is made of may be the same each time.
    fn nonce(&self, length: usize) -> String {
        if self.0.turn.is_beside() {
            return "n".repeat(length);
        }
        self.0.dice.text(length)
    }
}
