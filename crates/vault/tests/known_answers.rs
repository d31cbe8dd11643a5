//! Signatures and boxes with answers that others computed (channel notes, section 8; OpenSSL).

use std::sync::Arc;

use bytes::Bytes;
use heliu_ports::keys::{KeyError, KeyOwner, KeyVersion, Keys, Vault as _};
use heliu_ports::signature::{Algorithm, KeyRole, Piece, Rendering, SignatureSpec};
use heliu_trade::id::{AppId, DialectId};
use heliu_vault::{RootKey, SealingVault};

const KEY: &str = "192006250b4c09247ec02edce69f6a2d";
const FIELDS: &str = "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100\
                      &nonce_str=ibuaiVcKdpRxkhJA&key=";
const MD5: &str = "9A0A8659F005D6984697E2CA0A9CF3B7";
const HMAC: &str = "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6";
const PRIVATE: KeyRole = KeyRole("private_key");
const PUBLIC: KeyRole = KeyRole("public_key");

fn keys(of: &[(&str, u32, &str)]) -> Arc<dyn Keys> {
    let vault = SealingVault::new(RootKey::generate());
    let owner = KeyOwner::App(DialectId::from("wire"), AppId::from("1"));
    let sealed: Vec<_> = of
        .iter()
        .map(|(role, version, secret)| {
            vault
                .seal_key(&owner, role, *version, secret)
                .expect("valid")
        })
        .collect();
    vault.open_keys(&owner, &sealed).expect("opens")
}

fn spec(algorithm: Algorithm, rendering: Rendering) -> SignatureSpec {
    let pieces = vec![Piece::text(FIELDS), Piece::Key(KeyRole::TRADE)];
    SignatureSpec {
        algorithm,
        pieces,
        rendering,
    }
}

#[test]
fn md5_and_hmac_give_the_published_answers() {
    let keys = keys(&[("trade", 1, KEY)]);
    for (algorithm, answer) in [
        (Algorithm::Md5, MD5),
        (Algorithm::HmacSha256(KeyRole::TRADE), HMAC),
    ] {
        let upper = spec(algorithm, Rendering::UpperHex);
        assert_eq!(keys.sign(&upper, None).as_deref(), Ok(answer));
        let lower = spec(algorithm, Rendering::LowerHex);
        assert_eq!(keys.sign(&lower, None), Ok(answer.to_lowercase()));
        for presented in [answer.to_owned(), answer.to_lowercase()] {
            assert_eq!(keys.verify(&upper, &presented), Some(KeyVersion(1)));
            assert_eq!(keys.verify(&lower, &presented), Some(KeyVersion(1)));
        }
        for wrong in [
            "",
            "9A",
            &answer[1..],
            &answer.replace('9', "8"),
            "é",
            &format!("{answer}00"),
        ] {
            assert_eq!(keys.verify(&upper, wrong), None, "{wrong}");
        }
        let base64 = spec(algorithm, Rendering::Base64);
        let signature = keys.sign(&base64, None).expect("signs");
        assert_eq!(keys.verify(&base64, &signature), Some(KeyVersion(1)));
    }
}

#[test]
fn rsa_verifies_what_openssl_signed_and_the_other_way() {
    let keys = keys(&[
        (PRIVATE.0, 1, include_str!("data/test-private.pem")),
        (PUBLIC.0, 1, include_str!("data/test-public.pem")),
    ]);
    let spec = |role, text: &'static str| SignatureSpec {
        algorithm: Algorithm::RsaSha256(role),
        pieces: vec![Piece::Text(Bytes::from_static(text.as_bytes()))],
        rendering: Rendering::Base64,
    };
    let text = "POST\n/v3/pay\n1700000000\nnonce\n{}\n";
    let signature = include_str!("data/test-signature.b64");
    assert_eq!(
        keys.sign(&spec(PRIVATE, text), None).as_deref(),
        Ok(signature)
    );
    assert_eq!(
        keys.verify(&spec(PUBLIC, text), signature),
        Some(KeyVersion(1))
    );
    assert_eq!(keys.verify(&spec(PUBLIC, "GET\n"), signature), None);
    assert_eq!(
        keys.verify(&spec(PRIVATE, text), signature),
        None,
        "a private key does not verify"
    );
    assert_eq!(
        keys.sign(&spec(PUBLIC, text), None),
        Err(KeyError::Missing(PUBLIC.0))
    );
    assert_eq!(
        keys.reveal(PRIVATE),
        Err(KeyError::Missing(PRIVATE.0)),
        "no wire takes it"
    );
}

/// Portals hand keys over in each of these forms.
#[test]
fn the_same_key_in_each_of_its_forms_signs_and_verifies_alike() {
    let bare =
        |pem: &str| -> String { pem.lines().filter(|line| !line.starts_with('-')).collect() };
    let wrapped = |pem: &str| {
        format!(
            "\r\n{}\r\n",
            bare(pem)
                .as_bytes()
                .chunks(40)
                .map(|line| { String::from_utf8(line.to_vec()).expect("ASCII") })
                .collect::<Vec<_>>()
                .join("\r\n")
        )
    };
    let forms = |pem: &str| {
        [
            pem.to_owned(),
            bare(pem),
            wrapped(pem),
            pem.replace('\n', "\r\n"),
        ]
    };
    let private = [
        include_str!("data/test-private.pem"),
        include_str!("data/test-private-pkcs1.pem"),
    ];
    let public = [
        include_str!("data/test-public.pem"),
        include_str!("data/test-public-pkcs1.pem"),
    ];
    let text = "POST\n/v3/pay\n1700000000\nnonce\n{}\n";
    let spec = |role| SignatureSpec {
        algorithm: Algorithm::RsaSha256(role),
        pieces: vec![Piece::Text(Bytes::from_static(text.as_bytes()))],
        rendering: Rendering::Base64,
    };
    let signature = include_str!("data/test-signature.b64");
    for form in private.into_iter().flat_map(forms) {
        let keys = keys(&[(PRIVATE.0, 1, &form)]);
        assert_eq!(
            keys.sign(&spec(PRIVATE), None).as_deref(),
            Ok(signature),
            "{form}"
        );
    }
    for form in public.into_iter().flat_map(forms) {
        let keys = keys(&[(PUBLIC.0, 1, &form)]);
        assert_eq!(
            keys.verify(&spec(PUBLIC), signature),
            Some(KeyVersion(1)),
            "{form}"
        );
    }
}

/// Known answer: channel notes 8, "ACP inner hex".
#[test]
fn rsa_over_a_digest_signs_its_hexadecimal_digits() {
    let keys = keys(&[
        (PRIVATE.0, 1, include_str!("data/test-private.pem")),
        (PUBLIC.0, 1, include_str!("data/test-public.pem")),
    ]);
    let spec = |algorithm, text: &'static str| SignatureSpec {
        algorithm,
        pieces: vec![Piece::Text(Bytes::from_static(text.as_bytes()))],
        rendering: Rendering::Base64,
    };
    let text = "accessType=0&bizType=000000&certId=69026276696&channelType=08&currencyCode=156\
                &encoding=UTF-8&merId=777290058110048&orderId=20260101100000001\
                &qrNo=6220485073630469936&signMethod=01&termId=00000001&txnAmt=1&txnSubType=06\
                &txnTime=20260101100000&txnType=01&version=5.1.0";
    let digits = "32e4ad4422089b4397bbae3698be3cd035943e8b8efd63fa65af9b5c11a8c4a5";
    let twice = spec(Algorithm::RsaSha256OfHex(PRIVATE), text);
    let signature = keys.sign(&twice, None).expect("signs");
    assert_eq!(
        keys.sign(&spec(Algorithm::RsaSha256(PRIVATE), digits), None)
            .as_ref(),
        Ok(&signature)
    );
    let verify = |algorithm, text| keys.verify(&spec(algorithm, text), &signature);
    let (once, of_hex) = (
        Algorithm::RsaSha256(PUBLIC),
        Algorithm::RsaSha256OfHex(PUBLIC),
    );
    assert_eq!(verify(of_hex, text), Some(KeyVersion(1)));
    assert_eq!(verify(once, digits), Some(KeyVersion(1)));
    assert_eq!(verify(once, text), None);
    assert_eq!(verify(of_hex, digits), None);
}

#[test]
fn a_gcm_box_of_the_channel_opens() {
    let role = KeyRole("api_v3");
    let keys = keys(&[
        (role.0, 1, KEY),
        (role.0, 2, "0123456789abcdef0123456789abcdef"),
    ]);
    let boxed = "Eu66z5SIDrsKeNArKKhhD2wBiy+JsF55MpxN6bADo4kEocTeFHbDmnpKoJA+orfkvHmewMk/Ep6BjDss2M\
                 iqf+6g3I65tTUeJyQ6bKAhH23Awx0XURSh9h8C";
    let boxed = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, boxed);
    let boxed = boxed.expect("Base64");
    let open = |nonce: &[u8], associated: &[u8]| keys.open_gcm(role, nonce, associated, &boxed);
    let plain = open(b"abcdefghijkl", b"transaction").expect("opens");
    let answer = r#"{"sp_mchid":"1900000001","sub_mchid":"1900000109","trade_state":"SUCCESS"}"#;
    assert_eq!(plain, answer.as_bytes());
    assert_eq!(open(b"abcdefghijkl", b"refund"), None);
    assert_eq!(open(b"abcdefghijk", b"transaction"), None);
    assert_eq!(
        keys.open_gcm(KeyRole::TRADE, b"abcdefghijkl", b"transaction", &boxed),
        None
    );
}

#[test]
fn two_versions_live_side_by_side() {
    let both = keys(&[("trade", 8, "the new key"), ("trade", 7, KEY)]);
    let spec = spec(Algorithm::Md5, Rendering::UpperHex);
    assert_eq!(both.verify(&spec, MD5), Some(KeyVersion(7)));
    assert_eq!(
        both.sign(&spec, None).as_deref(),
        Ok(MD5),
        "the oldest live one signs"
    );
    let new = both.sign(&spec, Some(KeyVersion(8))).expect("signs");
    assert_ne!(new, MD5);
    assert_eq!(both.verify(&spec, &new), Some(KeyVersion(8)));
    assert_eq!(
        both.sign(&spec, Some(KeyVersion(99))).as_deref(),
        Ok(MD5),
        "a dropped version"
    );
    assert_eq!(both.reveal(KeyRole::TRADE).as_deref(), Ok(KEY));
}

#[test]
fn without_a_key_nothing_holds() {
    let keys = keys(&[("trade", 1, KEY)]);
    let foreign = SignatureSpec {
        pieces: vec![Piece::text("a"), Piece::Key(KeyRole::NOTIFY)],
        ..spec(Algorithm::Md5, Rendering::LowerHex)
    };
    assert_eq!(keys.sign(&foreign, None), Err(KeyError::Missing("notify")));
    assert_eq!(
        keys.verify(&foreign, "0cc175b9c0f1b6a831c399e269772661"),
        None
    );
    let unkeyed = SignatureSpec {
        pieces: vec![Piece::text("a")],
        ..foreign
    };
    assert_eq!(
        keys.verify(&unkeyed, "0cc175b9c0f1b6a831c399e269772661"),
        None,
        "MD5 of a"
    );
}

#[test]
fn dummy_keys_match_nothing() {
    let dummy = SealingVault::new(RootKey::generate()).dummy_keys();
    for algorithm in [
        Algorithm::Md5,
        Algorithm::HmacSha256(KeyRole::TRADE),
        Algorithm::RsaSha256(PUBLIC),
        Algorithm::RsaSha256OfHex(PUBLIC),
    ] {
        let spec = spec(algorithm, Rendering::UpperHex);
        assert_eq!(dummy.verify(&spec, MD5), None);
        assert!(dummy.sign(&spec, None).is_err());
    }
}
