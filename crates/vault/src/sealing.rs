//! The vault itself: opens and seals under the root key.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use heliu_ports::keys::{KeyError, KeyOwner, Keys, SealedKey, Vault};
use heliu_ports::signature::SignatureSpec;
use heliu_trade::id::PlatformNo;
use heliu_trade::time::Timestamp;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::envelope::{self, Place};
use crate::gcm::{self, Nonces};
use crate::hex::lower_hex;
use crate::keyring::{DummyKeys, KeyRing};
use crate::material::Material;
use crate::password;
use crate::root::{Derived, RootKey, fill_random};
use crate::signing::{matches, parse};

/// Form of a sealed text of the books: `1.<check value of the root>.<box>`.
const TEXT_FORM: &str = "1";
/// Hexadecimal digits of a fingerprint.
const FINGERPRINT_DIGITS: usize = 16;
/// Length of the dummy secret: that of most keys.
const DUMMY_LENGTH: usize = 32;

/// The root key is not the one under which the books were sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the books are sealed under the root key {stored}, this one is {given}: give the right root key"
)]
pub struct WrongRootKey {
    /// Check value that the books hold.
    pub stored: String,
    /// Check value of the key that was given.
    pub given: String,
}

/// Seals and opens under a root key. Cheap to share, never printed.
pub struct SealingVault {
    /// The current root key, then retired ones, which only open.
    roots: Vec<Derived>,
    nonces: Nonces,
    dummy: Arc<DummyKeys>,
}

impl SealingVault {
    /// A vault under `root`.
    #[must_use]
    pub fn new(root: RootKey) -> Self {
        let nonces = Nonces::new();
        let secret = SecretString::from(random_text(DUMMY_LENGTH));
        let dummy = DummyKeys::new(&secret).expect("letters and digits are a valid secret");
        Self {
            roots: vec![root.derive()],
            nonces,
            dummy: Arc::new(dummy),
        }
    }

    /// The same vault that also opens what an earlier root key sealed. Keyed digests made under it
    /// are not found again: an old order's repeat then counts as differing, which refuses it.
    #[must_use]
    pub fn with_retired(mut self, root: &RootKey) -> Self {
        self.roots.push(root.derive());
        self
    }

    /// Names the current root key without revealing it; the books keep it.
    #[must_use]
    pub fn check_value(&self) -> &str {
        &self.current().check
    }

    /// Compares with the check value that the books keep, so that a wrong key is told before
    /// anything is served.
    ///
    /// # Errors
    /// [`WrongRootKey`].
    pub fn confirm(&self, stored: &str) -> Result<(), WrongRootKey> {
        let given = self.check_value();
        if stored == given {
            return Ok(());
        }
        Err(WrongRootKey {
            stored: stored.to_owned(),
            given: given.to_owned(),
        })
    }

    /// Wraps the data key of `key` under the current root key; the sealed key stays as it is.
    ///
    /// # Errors
    /// [`KeyError::Unusable`] if no root key of this vault opens it.
    pub fn rewrap(&self, key: &SealedKey) -> Result<SealedKey, KeyError> {
        let place = Place {
            owner: &key.owner,
            role: &key.role,
            version: key.version,
        };
        let sealed = envelope::rewrap(
            self.current(),
            &self.nonces,
            &self.roots,
            place,
            &key.sealed,
        )
        .map_err(|why| unusable(&key.owner, &key.role, why))?;
        Ok(SealedKey {
            sealed,
            ..key.clone()
        })
    }

    fn current(&self) -> &Derived {
        self.roots.first().expect("a vault is made with a root key")
    }

    fn hmac(&self, parts: [&str; 2]) -> String {
        let mut context = hmac::Context::with_key(&self.current().digest);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        lower_hex(context.sign().as_ref())
    }
}

impl fmt::Debug for SealingVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingVault(***)")
    }
}

impl Vault for SealingVault {
    fn open_keys(&self, owner: &KeyOwner, sealed: &[SealedKey]) -> Result<Arc<dyn Keys>, KeyError> {
        let owner = owner.name();
        let mut ring = KeyRing::default();
        for key in sealed {
            let refuse = |why: String| unusable(&owner, &key.role, why);
            let place = Place {
                owner: &owner,
                role: &key.role,
                version: key.version,
            };
            let secret = envelope::open(&self.roots, place, &key.sealed).map_err(refuse)?;
            let material =
                Material::read(&key.role, &secret).map_err(|why| refuse(why.to_owned()))?;
            ring.add(&key.role, key.version, material, key.is_proved);
        }
        Ok(Arc::new(ring))
    }

    fn dummy_keys(&self) -> Arc<dyn Keys> {
        Arc::clone(&self.dummy) as Arc<dyn Keys>
    }

    fn seal_key(
        &self,
        owner: &KeyOwner,
        role: &str,
        version: u32,
        secret: &str,
    ) -> Result<SealedKey, KeyError> {
        let owner = owner.name();
        Material::read(role, &SecretString::from(secret))
            .map_err(|why| unusable(&owner, role, why.to_owned()))?;
        let place = Place {
            owner: &owner,
            role,
            version,
        };
        let sealed = envelope::seal(self.current(), &self.nonces, place, secret);
        let mut fingerprint = self.hmac(["fingerprint", secret]);
        fingerprint.truncate(FINGERPRINT_DIGITS);
        Ok(SealedKey {
            owner,
            role: role.to_owned(),
            version,
            sealed,
            fingerprint,
            is_proved: false,
        })
    }

    fn verify_by_certificate(
        &self,
        pem: &str,
        serial: &str,
        spec: &SignatureSpec,
        presented: &str,
        now: Timestamp,
    ) -> bool {
        let Ok(material) = Material::read("public", &SecretString::from(pem)) else {
            return false;
        };
        let is_meant =
            matches!(&material, Material::Public(key) if key.is_certified_at(serial, now));
        let presented = parse(spec.rendering, presented);
        is_meant
            && presented.is_some_and(|presented| matches(spec, &presented, |_| Some(&material)))
    }

    fn seal(&self, context: &str, text: &str) -> String {
        let root = self.current();
        let boxed = gcm::seal(
            &root.texts,
            &self.nonces,
            context.as_bytes(),
            text.as_bytes(),
        );
        format!("{TEXT_FORM}.{}.{boxed}", root.check)
    }

    fn open(&self, context: &str, sealed: &str) -> Option<String> {
        let (check, boxed) = sealed
            .strip_prefix(TEXT_FORM)?
            .strip_prefix('.')?
            .split_once('.')?;
        let root = self.roots.iter().find(|root| root.check == check)?;
        String::from_utf8(gcm::open(&root.texts, context.as_bytes(), boxed)?).ok()
    }

    fn hash_password(&self, password: &str) -> String {
        password::hash(password)
    }

    fn verify_password(&self, password: &str, hash: &str) -> bool {
        password::verify(password, hash)
    }

    fn digest(&self, context: &str, text: &str) -> String {
        self.hmac([context, text])
    }

    fn request_id(&self, exchange_no: PlatformNo) -> String {
        self.current().request_ids.hidden(exchange_no)
    }

    fn exchange_of(&self, request_id: &str) -> Option<PlatformNo> {
        let numbers = self
            .roots
            .iter()
            .map(|root| root.request_ids.number(request_id));
        numbers.flatten().next()
    }

    fn nonce(&self, length: usize) -> String {
        random_text(length)
    }
}

fn unusable(owner: &str, role: &str, why: String) -> KeyError {
    KeyError::Unusable {
        owner: owner.to_owned(),
        role: role.to_owned(),
        why,
    }
}

/// Lower-case letters and digits, each equally likely.
fn random_text(length: usize) -> String {
    const SYMBOLS: [u8; 36] = *b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while text.len() < length {
        fill_random(bytes.as_mut_slice());
        // 252 is the highest multiple of 36 that a byte reaches: what lies above would favour some.
        let fair = bytes.iter().filter(|byte| **byte < 252);
        let symbols = fair.filter_map(|byte| SYMBOLS.get(usize::from(byte % 36)));
        text.extend(
            symbols
                .take(length - text.len())
                .map(|symbol| char::from(*symbol)),
        );
    }
    text
}
