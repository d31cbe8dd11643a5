//! What strangers see of an exchange tells nothing of its number, and leads back to it.

use std::collections::BTreeSet;

use heliu_ports::keys::Vault as _;
use heliu_trade::id::PlatformNo;
use heliu_vault::{RootKey, SealingVault};

fn vault(byte: u8) -> SealingVault {
    SealingVault::new(RootKey::from_bytes([byte; 32]))
}

#[test]
fn an_id_leads_back_to_its_number_under_the_same_root_key() {
    let numbers = [0, 1, 2, 1_586_000_000_000_000, u64::MAX].map(PlatformNo::from_u64);
    let (ours, another) = (vault(1), vault(2));
    for number in numbers {
        let id = ours.request_id(number);
        assert_eq!(ours.exchange_of(&id), Some(number));
        assert_eq!(vault(1).exchange_of(&id), Some(number), "after a restart");
        assert_eq!(another.exchange_of(&id), None);
        let rotated = vault(2).with_retired(&RootKey::from_bytes([1; 32]));
        assert_eq!(rotated.exchange_of(&id), Some(number));
    }
}

#[test]
fn ids_of_neighbours_share_nothing() {
    let ids: BTreeSet<String> = (0..1000)
        .map(|number| vault(1).request_id(PlatformNo::from_u64(1 << 40 | number)))
        .collect();
    assert_eq!(ids.len(), 1000);
    for id in &ids {
        assert!(
            id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
    }
    // In each place all sixteen digits occur, as they do in random texts.
    for place in 0..32 {
        let digits: BTreeSet<&str> = ids.iter().map(|id| &id[place..=place]).collect();
        assert_eq!(digits.len(), 16, "in place {place}");
    }
}

#[test]
fn other_texts_lead_nowhere() {
    let ours = vault(1);
    let id = ours.request_id(PlatformNo::from_u64(7));
    let mut wrong: Vec<String> = vec![
        String::new(),
        "0".repeat(32),
        id[..31].to_owned(),
        format!("{id}0"),
        format!("{id}{id}"),
        "0000000000000007".to_owned(),
        "测".repeat(8),
    ];
    for place in 0..32 {
        let other = if &id[place..=place] == "0" { "1" } else { "0" };
        wrong.push(format!("{}{other}{}", &id[..place], &id[place + 1..]));
    }
    for text in wrong {
        assert_eq!(ours.exchange_of(&text), None, "{text}");
    }
}
