//! Keys, held by the vault only: others ask it to sign, verify, seal or open.

use std::sync::Arc;

use heliu_trade::id::PlatformNo;
use heliu_trade::time::Timestamp;

use crate::signature::{KeyRole, SignatureSpec};

/// Which of several live keys of one role matched, or is to sign. Rises with each rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyVersion(pub u32);

/// Why a key could not do what was asked. Never holds key material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The owner has no key of this role.
    #[error("no {0} key")]
    Missing(&'static str),
    /// The stored key cannot be opened or read: another root key, or damage.
    #[error("the {role} key of {owner} cannot be used: {why}")]
    Unusable {
        /// Whose.
        owner: String,
        /// Which.
        role: String,
        /// Why.
        why: String,
    },
}

/// What came of a check against the key that the other side names by its serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedCheck {
    /// That key made the signature.
    Holds,
    /// That key did not make it.
    Fails,
    /// There is no key of that serial, or its time is over.
    UnknownKey,
}

/// The role of a key that is one of several, told apart by serial: how it is entered and kept.
#[must_use]
pub fn named_role(role: KeyRole, serial: &str) -> String {
    format!("{}/{serial}", role.0)
}

/// The opened keys of one signer.
pub trait Keys: Send + Sync {
    /// Compares in constant time; which key matched, if one did. An answer is signed with the key
    /// that verified (ruling 30).
    fn verify(&self, spec: &SignatureSpec, presented: &str) -> Option<KeyVersion>;

    /// Compares in constant time with the key of the deciding role that has this serial, and with
    /// no other.
    fn verify_by(
        &self,
        serial: &str,
        spec: &SignatureSpec,
        presented: &str,
        now: Timestamp,
    ) -> NamedCheck;

    /// Signs with the key of `version`; without one, with the newest that a request was verified
    /// by, or with the oldest if there is none (ruling 30).
    ///
    /// # Errors
    /// [`KeyError::Missing`] if the owner has no key of a role that the description names.
    fn sign(&self, spec: &SignatureSpec, version: Option<KeyVersion>) -> Result<String, KeyError>;

    /// After [`Keys::verify`] gave `version`: the role of that key, if the books do not know yet
    /// that a request was verified by it and it is newer than the one that [`Keys::sign`] takes by
    /// itself.
    fn newly_proved(&self, spec: &SignatureSpec, version: KeyVersion) -> Option<KeyRole>;

    /// Opens an AES-256-GCM box under the key of `role`; `None` if it does not open.
    fn open_gcm(
        &self,
        role: KeyRole,
        nonce: &[u8],
        associated: &[u8],
        boxed: &[u8],
    ) -> Option<Vec<u8>>;

    /// A key's text, for the few wires that send an application secret itself.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    fn reveal(&self, role: KeyRole) -> Result<String, KeyError>;
}

/// Whose keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyOwner {
    /// An app's: dialect and app id.
    App(heliu_trade::id::DialectId, heliu_trade::id::AppId),
    /// An agent's: dialect and agent number.
    Agent(heliu_trade::id::DialectId, heliu_trade::id::AgentId),
    /// A channel account's.
    ChannelAccount(heliu_trade::id::ChannelAccountId),
    /// A contract's: what lets us act for a merchant at a channel. Named by what an attempt's route
    /// has, so that attempts go on under their own contract when the merchant gets another one.
    Contract {
        /// The merchant.
        merchant_id: heliu_trade::id::MerchantId,
        /// Through which account.
        channel_account_id: heliu_trade::id::ChannelAccountId,
        /// As whom: the merchant's number at the channel, empty if it is not known.
        sub_merchant_id: String,
    },
}

impl KeyOwner {
    /// The owner of a contract's keys.
    #[must_use]
    pub fn of_contract(contract: &heliu_trade::directory::Contract) -> Self {
        Self::Contract {
            merchant_id: contract.merchant_id.clone(),
            channel_account_id: contract.channel_account_id.clone(),
            sub_merchant_id: contract.sub_merchant_id.clone(),
        }
    }

    /// Its name in tables; also bound into each ciphertext, so that one cannot be moved.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::App(dialect, app) => format!("app:{dialect}:{app}"),
            Self::Agent(dialect, agent) => format!("agent:{dialect}:{agent}"),
            Self::ChannelAccount(account) => format!("channel_account:{account}"),
            Self::Contract {
                merchant_id,
                channel_account_id,
                sub_merchant_id,
            } => format!("contract:{channel_account_id}:{sub_merchant_id}:{merchant_id}"),
        }
    }
}

/// A key as the books keep it: encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedKey {
    /// Whose, by [`KeyOwner::name`].
    pub owner: String,
    /// Which role.
    pub role: String,
    /// Rises with each rotation.
    pub version: u32,
    /// The ciphertext.
    pub sealed: String,
    /// A digest that identifies the key without revealing it.
    pub fingerprint: String,
    /// Whether a request was verified by it: the other side has it.
    pub is_proved: bool,
}

/// What the vault offers.
pub trait Vault: Send + Sync {
    /// Opens the keys of `owner`.
    ///
    /// # Errors
    /// [`KeyError::Unusable`].
    fn open_keys(&self, owner: &KeyOwner, sealed: &[SealedKey]) -> Result<Arc<dyn Keys>, KeyError>;

    /// Keys that match nothing, so that an unknown signer costs the same time as a wrong key.
    fn dummy_keys(&self) -> Arc<dyn Keys>;

    /// Encrypts a key of `owner` for the books.
    ///
    /// # Errors [`KeyError::Unusable`] if it is not a key of the form its role needs, or, of a role
    /// by [`named_role`], a certificate with another serial.
    fn seal_key(
        &self,
        owner: &KeyOwner,
        role: &str,
        version: u32,
        secret: &str,
    ) -> Result<SealedKey, KeyError>;

    /// Whether a certificate (PEM), which need not be one that the books keep, has this serial
    /// number (hexadecimal), its time is not over, and its key made a signature.
    fn verify_by_certificate(
        &self,
        pem: &str,
        serial: &str,
        spec: &SignatureSpec,
        presented: &str,
        now: Timestamp,
    ) -> bool;

    /// Encrypts a text of the books; `context` names table, row and field, and must be given again.
    fn seal(&self, context: &str, text: &str) -> String;

    /// Opens what [`Vault::seal`] made; `None` if it was moved or damaged.
    fn open(&self, context: &str, sealed: &str) -> Option<String>;

    /// A slow, salted digest of a password (argon2id), for the books.
    fn hash_password(&self, password: &str) -> String;

    /// Whether a password belongs to a digest of [`Vault::hash_password`]; the same time for a
    /// wrong one.
    fn verify_password(&self, password: &str, hash: &str) -> bool;

    /// A keyed digest, lower-case hexadecimal, 64 digits.
    fn digest(&self, context: &str, text: &str) -> String;

    /// What stands for an exchange's number where others see it: 32 hexadecimal digits that tell
    /// nothing of the number and so of nobody's trade. The same for the same number.
    fn request_id(&self, exchange_no: PlatformNo) -> String;

    /// The number behind what [`Vault::request_id`] made; `None` for any other text.
    fn exchange_of(&self, request_id: &str) -> Option<PlatformNo>;

    /// A fresh random text of `length` lower-case letters and digits.
    fn nonce(&self, length: usize) -> String;
}
