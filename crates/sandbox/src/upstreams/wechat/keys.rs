//! The keys by which WeChat signs v3: its public key, and platform certificates. Which of them
//! signs what depends on how far the account is moved from one to the other (channels.md 1.2, 1.4,
//! 9).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, SerialNumber, date_time_ymd};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::crypto::{RsaKey, random_hex};
use crate::error::SandboxError;
use crate::store::Store;

/// Certificates live five years.
const LIFE_YEARS: i32 = 5;
/// Under which name the store keeps all this.
const SETTING: &str = "wechat_keys";
/// Bytes of a certificate's serial number.
const SERIAL_BYTES: usize = 20;

/// How far an account is moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// Not yet: certificates sign everything, whatever a request names.
    Certificate,
    /// On its way: an answer is signed by what its request names, notices by either in turn.
    Switching,
    /// Done: the public key signs everything, and no certificates are given any more.
    #[default]
    PublicKey,
}

/// A certificate and its key.
struct Certificate {
    serial: String,
    pem: String,
    key: Arc<RsaKey>,
    from_ms: i64,
}

/// As the store keeps one.
#[derive(Serialize, Deserialize)]
struct Kept {
    serial: String,
    pem: String,
    pkcs8: String,
    from_ms: i64,
}

#[derive(Default)]
struct State {
    phase: Phase,
    /// Oldest first.
    certificates: Vec<Arc<Certificate>>,
}

/// What signs a message, and how it is named.
pub(crate) struct Signer {
    pub(crate) serial: String,
    pub(crate) key: Arc<RsaKey>,
}

/// All of them.
pub(crate) struct WechatKeys {
    public_key: Arc<RsaKey>,
    /// Names the public key.
    pub(crate) public_key_id: String,
    state: RwLock<State>,
    /// Counts notices, so that they take turns.
    notices: AtomicUsize,
}

impl WechatKeys {
    pub(crate) fn load(
        store: &Store,
        public_key: RsaKey,
        public_key_id: String,
    ) -> Result<Self, SandboxError> {
        let state = match store.setting(SETTING)? {
            None => State::default(),
            Some(kept) => State::read(&kept)?,
        };
        Ok(Self {
            public_key: Arc::new(public_key),
            public_key_id,
            state: RwLock::new(state),
            notices: AtomicUsize::new(0),
        })
    }

    /// SPKI PEM of the public key.
    pub(crate) fn public_pem(&self) -> String {
        self.public_key.public_pem()
    }

    /// Moves the account, with a further certificate if one is wanted or none is there where one
    /// must sign.
    pub(crate) fn change(
        &self,
        store: &Store,
        phase: Option<Phase>,
        wants_certificate: bool,
        now_ms: i64,
    ) -> Result<(), SandboxError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.phase = phase.unwrap_or(state.phase);
        let lacks = state.phase != Phase::PublicKey && state.certificates.is_empty();
        if wants_certificate || lacks {
            state.certificates.push(Arc::new(make(now_ms)?));
        }
        store.set_setting(SETTING, &state.write()?)
    }

    fn with<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// For people.
    pub(crate) fn told(&self) -> Value {
        self.with(|state| {
            let serials = state.certificates.iter().map(|one| one.serial.clone());
            json!({"phase": state.phase, "certificates": serials.collect::<Vec<_>>(),
                "public_key_id": self.public_key_id})
        })
    }

    /// Whether a request may name this key.
    pub(crate) fn knows(&self, serial: &str) -> bool {
        let is_certificate = |state: &State| {
            state.phase != Phase::PublicKey
                && state.certificates.iter().any(|one| one.serial == serial)
        };
        serial == self.public_key_id || self.with(is_certificate)
    }

    /// What signs the answer to a request that names this key, or none.
    pub(crate) fn of_answer(&self, named: Option<&str>) -> Signer {
        self.with(|state| {
            let names_public_key = named == Some(self.public_key_id.as_str());
            match state.phase {
                Phase::PublicKey => self.public_signer(),
                Phase::Switching if names_public_key => self.public_signer(),
                Phase::Switching | Phase::Certificate => {
                    let mut certificates = state.certificates.iter();
                    let meant = certificates.find(|one| Some(one.serial.as_str()) == named);
                    let signer = meant.or(state.certificates.last());
                    signer.map_or_else(|| self.public_signer(), |one| one.signer())
                }
            }
        })
    }

    /// What signs the next notice.
    pub(crate) fn of_notice(&self) -> Signer {
        self.with(|state| {
            let newest = state.certificates.last();
            let is_certificates = match state.phase {
                Phase::PublicKey => false,
                Phase::Certificate => true,
                Phase::Switching => self
                    .notices
                    .fetch_add(1, Ordering::Relaxed)
                    .is_multiple_of(2),
            };
            match newest.filter(|_| is_certificates) {
                Some(certificate) => certificate.signer(),
                None => self.public_signer(),
            }
        })
    }

    /// The certificates that are given to whoever asks: serial, PEM, from when (ms), to when (ms);
    /// `None` where the account is moved.
    pub(crate) fn published(&self) -> Option<Vec<(String, String, i64, i64)>> {
        self.with(|state| {
            let of = |one: &Arc<Certificate>| {
                let until_ms = clock::plus_years(one.from_ms, LIFE_YEARS);
                (one.serial.clone(), one.pem.clone(), one.from_ms, until_ms)
            };
            (state.phase != Phase::PublicKey).then(|| state.certificates.iter().map(of).collect())
        })
    }

    fn public_signer(&self) -> Signer {
        Signer {
            serial: self.public_key_id.clone(),
            key: Arc::clone(&self.public_key),
        }
    }
}

impl Certificate {
    fn signer(&self) -> Signer {
        Signer {
            serial: self.serial.clone(),
            key: Arc::clone(&self.key),
        }
    }
}

impl State {
    fn read(kept: &str) -> Result<Self, SandboxError> {
        let (phase, kept): (Phase, Vec<Kept>) = serde_json::from_str(kept)?;
        let open = |one: Kept| {
            let der = STANDARD.decode(&one.pkcs8);
            let der = der.map_err(|_| SandboxError::Key("a stored key is not Base64"))?;
            Ok(Arc::new(Certificate {
                key: Arc::new(RsaKey::from_pkcs8(&der)?),
                serial: one.serial,
                pem: one.pem,
                from_ms: one.from_ms,
            }))
        };
        let certificates = kept
            .into_iter()
            .map(open)
            .collect::<Result<_, SandboxError>>()?;
        Ok(Self {
            phase,
            certificates,
        })
    }

    fn write(&self) -> Result<String, SandboxError> {
        let keep = |one: &Arc<Certificate>| Kept {
            serial: one.serial.clone(),
            pem: one.pem.clone(),
            pkcs8: STANDARD.encode(one.key.pkcs8()),
            from_ms: one.from_ms,
        };
        let kept: Vec<Kept> = self.certificates.iter().map(keep).collect();
        Ok(serde_json::to_string(&(self.phase, kept))?)
    }
}

/// A fresh one; its days are those of the certificate, its instants only what is told of them.
fn make(now_ms: i64) -> Result<Certificate, SandboxError> {
    let unmade = |_| SandboxError::Key("no certificate could be made");
    let der = RsaKey::generate()?;
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der.as_slice().into(), &PKCS_RSA_SHA256);
    let pair = pair.map_err(unmade)?;
    // The first digit keeps the number positive and at its full length.
    let serial = format!("5{}", &random_hex(SERIAL_BYTES)?[1..]).to_uppercase();
    let bytes = crate::crypto::unhex(&serial).ok_or(SandboxError::Key("a serial is no number"))?;
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from(bytes));
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "Tenpay.com Root CA (sandbox)");
    let (year, month, day) = clock::date(now_ms);
    params.not_before = date_time_ymd(year, month, day.min(28));
    params.not_after = date_time_ymd(year + LIFE_YEARS, month, day.min(28));
    let pem = params.self_signed(&pair).map_err(unmade)?.pem();
    Ok(Certificate {
        serial,
        pem,
        key: Arc::new(RsaKey::from_pkcs8(&der)?),
        from_ms: now_ms,
    })
}
