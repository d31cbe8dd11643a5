//! The opened keys of one owner, several versions of a role side by side.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use heliu_ports::keys::{KeyError, KeyVersion, Keys, NamedCheck, named_role};
use heliu_ports::signature::{Algorithm, KeyRole, SignatureSpec};
use heliu_trade::time::Timestamp;
use secrecy::SecretString;

use crate::gcm;
use crate::material::Material;
use crate::signing::{compute, deciding_role, matches, parse, render};

/// A public key whose private half nobody has, for RSA checks that must fail in the usual time.
const NOBODYS_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAoOkofrsFSzCH8GJWe5rT
GfEFK1gdLijglDo8lreSEYk9SnYFzdmfBJIzg+SIl3N47eXbt8uBNC0rIIjWPEzr
Thl9LuKoeIWVbnS8gdt+8w+93YHDYnhMfE/VD+YpADBvSZJV0kgLXSUkg1f5DFZX
/VXeepfi3BHksWOkwIZrCytxfDxMU0OW0S90B35T2ItdrqqjjdG0oW+WUncagQhP
2sCXHla2zTJySDstRl0gw071vPC6ZM89yV01E6Esn2Mg+W8dZfJxVmncrOnZRulO
ioWSUfD4JCdY/mY05yGgzk48mZdJMp6PTV9HzSn0CBzSwPrsOntMVJBU+UctXuR1
kQIDAQAB
-----END PUBLIC KEY-----";

/// Keys by role, each oldest first. Those that are told apart by serial have a role each, by
/// [`named_role`].
#[derive(Default)]
pub(crate) struct KeyRing(BTreeMap<String, Vec<Key>>);

struct Key {
    version: KeyVersion,
    material: Material,
    is_proved: bool,
}

impl KeyRing {
    pub(crate) fn add(&mut self, role: &str, version: u32, material: Material, is_proved: bool) {
        let keys = self.0.entry(role.to_owned()).or_default();
        keys.push(Key {
            version: KeyVersion(version),
            material,
            is_proved,
        });
        keys.sort_by_key(|key| key.version);
    }

    fn of(&self, role: KeyRole) -> &[Key] {
        self.0.get(role.0).map_or(&[], Vec::as_slice)
    }

    /// The key that signs what nobody asked for: the newest that the other side has shown to have,
    /// else the oldest, which it had before the others were made (ruling 30).
    fn usual(&self, role: KeyRole) -> Option<&Key> {
        let keys = self.of(role);
        let proved = keys.iter().rev().find(|key| key.is_proved);
        proved.or_else(|| keys.first())
    }

    /// The key of this role and version, else the usual one of the role: pieces may name a second
    /// role whose versions count apart.
    fn pick(&self, role: KeyRole, version: Option<KeyVersion>) -> Option<&Material> {
        let exact = self
            .of(role)
            .iter()
            .find(|key| Some(key.version) == version);
        exact.or_else(|| self.usual(role)).map(|key| &key.material)
    }
}

impl Keys for KeyRing {
    /// Every live key of the deciding role is tried, also after one matched.
    fn verify(&self, spec: &SignatureSpec, presented: &str) -> Option<KeyVersion> {
        let role = deciding_role(spec)?;
        let form = parse(spec.rendering, presented);
        let presented = form.as_deref().unwrap_or_default();
        let mut matched = None;
        for Key { version, .. } in self.of(role) {
            let holds = matches(spec, presented, |role| self.pick(role, Some(*version)));
            matched = matched.or(holds.then_some(*version));
        }
        matched
    }

    fn verify_by(
        &self,
        serial: &str,
        spec: &SignatureSpec,
        presented: &str,
        now: Timestamp,
    ) -> NamedCheck {
        let Some(role) = deciding_role(spec) else {
            return NamedCheck::UnknownKey;
        };
        let named = self.0.get(&named_role(role, serial));
        let is_live = |key: &&Key| match &key.material {
            Material::Public(public) => !public.is_over(now),
            _ => true,
        };
        let keys: Vec<&Key> = named.into_iter().flatten().filter(is_live).collect();
        if keys.is_empty() {
            return NamedCheck::UnknownKey;
        }
        let form = parse(spec.rendering, presented);
        let presented = form.as_deref().unwrap_or_default();
        let mut holds = false;
        for key in keys {
            holds |= matches(spec, presented, |of| {
                if of == role {
                    Some(&key.material)
                } else {
                    self.pick(of, None)
                }
            });
        }
        if holds {
            NamedCheck::Holds
        } else {
            NamedCheck::Fails
        }
    }

    fn sign(&self, spec: &SignatureSpec, version: Option<KeyVersion>) -> Result<String, KeyError> {
        let signature = compute(spec, |role| self.pick(role, version))
            .map_err(|role| KeyError::Missing(role.0))?;
        Ok(render(spec.rendering, &signature))
    }

    fn newly_proved(&self, spec: &SignatureSpec, version: KeyVersion) -> Option<KeyRole> {
        let role = deciding_role(spec)?;
        let is_newer = self.usual(role).is_some_and(|key| key.version < version);
        is_newer.then_some(role)
    }

    fn open_gcm(
        &self,
        role: KeyRole,
        nonce: &[u8],
        associated: &[u8],
        boxed: &[u8],
    ) -> Option<Vec<u8>> {
        let ciphers = self.of(role).iter().filter_map(|key| {
            let text = key.material.text()?;
            gcm::key(text.as_bytes())
        });
        ciphers
            .into_iter()
            .find_map(|key| gcm::open_parts(&key, nonce, associated, boxed))
    }

    /// Shared secrets only: no wire takes a private key.
    fn reveal(&self, role: KeyRole) -> Result<String, KeyError> {
        let text = self.pick(role, None).and_then(Material::text);
        text.map(str::to_owned).ok_or(KeyError::Missing(role.0))
    }
}

/// Does the work of a key ring and matches nothing.
pub(crate) struct DummyKeys {
    shared: Material,
    public: OnceLock<Option<Material>>,
}

impl DummyKeys {
    /// `secret` should have the length of a usual key.
    pub(crate) fn new(secret: &SecretString) -> Result<Self, &'static str> {
        Ok(Self {
            shared: Material::read("dummy", secret)?,
            public: OnceLock::new(),
        })
    }

    fn public(&self) -> Option<&Material> {
        let read = || Material::read("public", &SecretString::from(NOBODYS_KEY)).ok();
        self.public.get_or_init(read).as_ref()
    }
}

impl Keys for DummyKeys {
    fn verify(&self, spec: &SignatureSpec, presented: &str) -> Option<KeyVersion> {
        let form = parse(spec.rendering, presented);
        let presented = form.as_deref().unwrap_or_default();
        let holds = matches(spec, presented, |_| match spec.algorithm {
            Algorithm::RsaSha256(_) | Algorithm::RsaSha256OfHex(_) => self.public(),
            Algorithm::Md5 | Algorithm::HmacSha256(_) => Some(&self.shared),
        });
        std::hint::black_box(holds);
        None
    }

    fn verify_by(
        &self,
        _: &str,
        spec: &SignatureSpec,
        presented: &str,
        _: Timestamp,
    ) -> NamedCheck {
        self.verify(spec, presented);
        NamedCheck::UnknownKey
    }

    fn sign(&self, spec: &SignatureSpec, _: Option<KeyVersion>) -> Result<String, KeyError> {
        Err(KeyError::Missing(
            deciding_role(spec).map_or("signing", |role| role.0),
        ))
    }

    fn newly_proved(&self, _: &SignatureSpec, _: KeyVersion) -> Option<KeyRole> {
        None
    }

    fn open_gcm(&self, _: KeyRole, _: &[u8], _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn reveal(&self, role: KeyRole) -> Result<String, KeyError> {
        Err(KeyError::Missing(role.0))
    }
}
