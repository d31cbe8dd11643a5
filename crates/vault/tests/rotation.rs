//! Two keys of one owner take turns (ruling 30): both verify; answers are signed with the one that
//! verified, the rest with the newest that the other side has shown to have.

use std::sync::Arc;

use heliu_ports::keys::{KeyOwner, KeyVersion, Keys, Vault as _};
use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};
use heliu_trade::id::{AgentId, DialectId};
use heliu_vault::{RootKey, SealingVault};

fn keys(of: &[(u32, bool)]) -> Arc<dyn Keys> {
    let vault = SealingVault::new(RootKey::generate());
    let owner = KeyOwner::Agent(DialectId::from("wire"), AgentId::from("1"));
    let sealed: Vec<_> = of
        .iter()
        .map(|(version, is_proved)| {
            let secret = format!("secret {version}");
            let mut key = vault
                .seal_key(&owner, "trade", *version, &secret)
                .expect("valid");
            assert!(!key.is_proved, "a new key is known here only");
            key.is_proved = *is_proved;
            key
        })
        .collect();
    vault.open_keys(&owner, &sealed).expect("opens")
}

fn spec() -> SignatureSpec {
    SignatureSpec {
        algorithm: Algorithm::Md5,
        pieces: vec![Piece::text("a=1&key="), Piece::Key(KeyRole::TRADE)],
        rendering: Rendering::UpperHex,
    }
}

/// Which version signs what nobody asked for.
fn usual(keys: &Arc<dyn Keys>) -> Option<KeyVersion> {
    let signature = keys.sign(&spec(), None).expect("signs");
    keys.verify(&spec(), &signature)
}

#[test]
fn the_old_key_signs_until_a_request_verifies_with_the_new() {
    for (of, signer) in [
        (vec![(1, false)], 1),
        (vec![(1, true)], 1),
        (vec![(2, false), (1, false)], 1),
        (vec![(1, true), (2, false)], 1),
        (vec![(1, true), (2, true)], 2),
        (vec![(1, false), (2, true)], 2),
        (vec![(1, true), (2, true), (3, false)], 2),
        (vec![(2, false), (3, false)], 2),
    ] {
        let keys = keys(&of);
        assert_eq!(usual(&keys), Some(KeyVersion(signer)), "{of:?}");
        for (version, _) in &of {
            let version = KeyVersion(*version);
            let signature = keys.sign(&spec(), Some(version)).expect("signs");
            assert_eq!(keys.verify(&spec(), &signature), Some(version), "{of:?}");
            let is_news = version.0 > signer;
            let role = keys.newly_proved(&spec(), version);
            assert_eq!(role, is_news.then_some(KeyRole::TRADE), "{of:?}");
        }
    }
}
