//! Story: accounts with channels, rates and the platform's own address are looked at before they
//! are written or served. An account keeps what is not named; a broken one is told by name.

use std::process::{Child, Stdio};

use crate::harness::{Demo, Live, Setup, Till, Wallet, done, eventually, fresh, refused, spoken};

const FACTOR: u64 = 20;
const KEY: &str = "0123456789abcdef0123456789abcdef";
const APP_ID: &str = "880010000000511";

fn put<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["channels", "put", "alipay-sandbox"], more].concat()
}

/// A child that does not outlive the test.
struct Served(Option<Child>);

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What `heliu serve` says that ends by itself.
async fn ends_with_1(setup: &Setup, public_url: &str) -> String {
    let mut command = setup.command();
    command.arg("serve").env("HELIU_PUBLIC_URL", public_url);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut served = Served(Some(command.spawn().unwrap()));
    let ended = async || served.0.as_mut().unwrap().try_wait().unwrap();
    eventually("it is refused", ended).await;
    let output = served.0.take().unwrap().wait_with_output().unwrap();
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{public_url}: {said}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_keeps_what_is_not_named_and_takes_no_nonsense() {
    let setup = Setup::new("enrol-accounts", FACTOR);
    let demo = setup.start().await;
    let pays = async |state: &str| {
        let paid = demo
            .till
            .order(&fresh("sale"), 100, &Wallet::Alipay.code("00"))
            .await;
        assert_eq!(paid.outcome(), state, "{}", paid.text);
    };
    std::fs::write(
        setup.file("garbage.pem"),
        "-----BEGIN PRIVATE KEY-----\nc2VjcmV0bHkgbm90aGluZw==\n",
    )
    .unwrap();
    for (more, told) in [
        (
            &["--setting", "gateway=http://a"][..],
            "setting gateway is none of gateway_url, oauth_url, app_id",
        ),
        (&["--setting", "app_id="], "setting app_id is missing"),
        (
            &["--setting", "app_id=x"],
            "setting app_id must be 8 to 32 digits",
        ),
        (
            &["--setting", "gateway_url=openapi.alipay.com"],
            "setting gateway_url must be an address",
        ),
        (
            &["--key", "app_privat=@garbage.pem"],
            "key app_privat is none of app_private, alipay_public",
        ),
        (
            &["--key", "app_private=@garbage.pem"],
            "key app_private cannot be used",
        ),
        (
            &["--key", "alipay_public=@garbage.pem"],
            "key alipay_public cannot be used",
        ),
        (
            &["--channel", "wechat_partner"],
            "channel of alipay-sandbox is alipay_isv",
        ),
        (
            &["--channel", "paypal"],
            "channel of alipay-sandbox is alipay_isv",
        ),
    ] {
        let said = refused(&setup, &put(more), &[told]);
        assert!(!said.contains("c2VjcmV0"), "{said}");
    }
    let many = [
        "--setting",
        "gateway=x",
        "--setting",
        "app_id=x",
        "--setting",
        "gateway_url=",
        "--key",
        "app_private=x",
    ];
    let told = [
        "setting gateway is",
        "setting app_id must",
        "setting gateway_url is missing",
        "key app_private cannot",
    ];
    refused(&setup, &put(&many), &told);
    let empty = ["channels", "put", "new account", "--channel", "alipay_isv"];
    let told = [
        "channel account must be",
        "gateway_url is missing",
        "app_id is missing",
        "key app_private is missing",
        "key alipay_public is missing",
    ];
    refused(&setup, &empty, &told);
    refused(
        &setup,
        &["channels", "put", "new"],
        &["channel is missing", "alipay_isv", "--channel"],
    );
    refused(
        &setup,
        &["channels", "put", "new", "--channel", "paypal"],
        &["channel is none of"],
    );
    pays("SUCCESS").await;

    // One setting alone; then back, and the key as a portal shows it, without its first and last
    // line.
    let sandbox = demo.about.str("sandbox");
    let address = |scheme: &str| {
        format!(
            "gateway_url={}/alipay/gateway.do",
            sandbox.replacen("http:", scheme, 1)
        )
    };
    done(&setup, &put(&["--setting", &address("https:")]));
    pays("CREATE_SECURITY_CONNECTION_ERROR").await;
    done(
        &setup,
        &put(&["--setting", &address("http:"), "--channel", "alipay_isv"]),
    );
    pays("SUCCESS").await;
    let keys = demo.sandbox.portal_keys().await;
    let pem = keys
        .get("alipay")
        .unwrap()
        .str("app_private_key_pem")
        .to_owned();
    let bare: String = pem.lines().filter(|line| !line.contains("-----")).collect();
    std::fs::write(setup.file("bare"), bare).unwrap();
    let old = concat!(
        "app_private=@",
        env!("CARGO_MANIFEST_DIR"),
        "/../vault/tests/data/test-private-pkcs1.pem"
    );
    let count = || {
        done(&setup, &["keys", "list", "channel_account:alipay-sandbox"])
            .lines()
            .skip(1)
            .count()
    };
    assert_eq!(count(), 2);
    done(&setup, &put(&["--key", old]));
    done(&setup, &put(&["--key", "app_private=@bare"]));
    assert_eq!(count(), 2, "a new key takes the place of the old one");
    pays("SUCCESS").await;
    setup.assert_books_balance();
}

/// Writes `second`, another account with WeChat at the sandbox.
pub(super) async fn put_second_wechat(setup: &Setup, demo: &Demo) {
    let keys = demo.sandbox.portal_keys().await;
    let of = keys.get("wechat").unwrap();
    let base = format!("base_url={}/wechat", demo.about.str("sandbox"));
    let mut words: Vec<String> = [
        "channels",
        "put",
        "second",
        "--channel",
        "wechat_partner",
        "--setting",
        &base,
    ]
    .map(str::to_owned)
    .into();
    for name in [
        "sp_mchid",
        "sp_appid",
        "merchant_serial_no",
        "wechatpay_public_key_id",
    ] {
        words.extend(["--setting".to_owned(), format!("{name}={}", of.str(name))]);
    }
    for (role, name) in [
        ("api_v2", "api_v2_key"),
        ("api_v3", "api_v3_key"),
        ("app_secret", "sp_app_secret"),
        ("merchant_private", "merchant_private_key_pem"),
        ("wechatpay_public", "wechatpay_public_key_pem"),
    ] {
        words.extend(["--key".to_owned(), format!("{role}={}", of.str(name))]);
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    done(setup, &words);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_account_is_a_warning_that_names_account_and_setting() {
    let setup = Setup::on_postgres("enrol-broken", FACTOR);
    let demo = setup.start().await;
    put_second_wechat(&setup, &demo).await;
    let keys = demo.sandbox.portal_keys().await;
    let of = keys.get("wechat").unwrap();
    let key = format!("trade={KEY}");
    let contract = "wechat=second:0.38%:1900007109@wxce38685bc0500001";
    let merchant = [
        "merchants",
        "add",
        "A1",
        "--name",
        "茶店",
        "--dialect",
        "fufu",
    ];
    let app = ["--app-id", APP_ID, "--key", &key, "--contract", contract];
    done(&setup, &[&merchant[..], &app].concat());
    let sells = async |demo: &Demo| {
        let base = format!("{}/gateway/pay", demo.about.str("platform"));
        let till = Till::new(&base, APP_ID, KEY);
        till.order(&fresh("sale"), 100, &Wallet::Wechat.code("00"))
            .await
    };
    let paid = sells(&demo).await;
    assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
    assert!(!demo.log().contains("is broken"), "{}", demo.log());
    assert!(demo.stop().await.success());

    // As a program wrote it that looked at nothing.
    let named = format!(r#""sp_mchid":"{}""#, of.str("sp_mchid"));
    let sql = format!(
        "UPDATE channel_account SET settings = replace(replace(settings, '{named}', '\"sp_mchd\":\"1\"'), '{}', 'x')
         WHERE channel_account_id = 'second'",
        of.str("merchant_serial_no")
    );
    setup.change_database(&sql);
    let demo = setup.start().await;
    let declined = sells(&demo).await;
    assert_ne!(declined.outcome(), "SUCCESS", "{}", declined.text);
    let log = demo.log();
    let line = log
        .lines()
        .find(|line| line.contains("a channel account is broken"));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    for word in [
        "WARN",
        "second",
        "setting sp_mchid is missing",
        "setting merchant_serial_no must be",
        "setting sp_mchd is none of",
    ] {
        assert!(line.contains(word), "{word:?} in {line}");
    }
    // The other account of the channel serves on.
    let paid = demo
        .till
        .order(&fresh("sale"), 100, &Wallet::Wechat.code("00"))
        .await;
    assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_currency_has_a_rate_if_it_can_have_one() {
    let setup = Setup::new("enrol-rates", FACTOR);
    let demo = setup.start().await;
    for (arguments, told) in [
        (
            &["set", "XYZ", "1"][..],
            "XYZ can have no rate: there is no currency of that code",
        ),
        (&["set", "泰铢", "1"], "there is no currency of that code"),
        (&["set", "JPY", "0.05"], "do not have two decimal places"),
        (&["set", "CNY", "1"], "everything is charged in it"),
        (&["set", "THB", "0"], "0 is not a rate above zero"),
        (&["remove", "USD"], "USD has no rate; nothing was changed"),
        (&["remove", "XYZ"], "XYZ has no rate; nothing was changed"),
    ] {
        refused(&setup, &[&["rates"][..], arguments].concat(), &[told]);
    }
    done(&setup, &["rates", "set", "usd", "7.1"]);
    assert!(done(&setup, &["rates", "list"]).contains("USD"));
    done(&setup, &["rates", "remove", "usd"]);
    assert!(!done(&setup, &["rates", "list"]).contains("USD"));
    demo.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_platform_does_not_start_under_an_address_that_leads_nowhere() {
    let setup = Live::setup("enrol-address");
    for (address, told) in [
        ("pay.example.com", "must be an address with its scheme"),
        ("pay.example.com:8080", "must be an address with its scheme"),
        (
            "ftp://pay.example.com",
            "must be an address with its scheme",
        ),
        (
            "https://u:p4ss@pay.example.com",
            "must be an address with its scheme",
        ),
        ("http://127.0.0.1:8080", "leads to 127.0.0.1"),
        ("http://localhost", "leads to localhost"),
        ("https://[::1]", "leads to [::1]"),
        ("http://0.0.0.0:8080", "leads to 0.0.0.0"),
    ] {
        let said = ends_with_1(&setup, address).await;
        for word in [
            "public_url (HELIU_PUBLIC_URL)",
            told,
            "https://pay.example.com",
        ] {
            assert!(said.contains(word), "{address}: {word:?} in {said}");
        }
        assert!(!said.contains("p4ss"), "{said}");
    }
    // A sandbox is on this machine.
    let sandbox =
        Setup::new("enrol-address-demo", FACTOR).with("HELIU_PUBLIC_URL", "http://127.0.0.1:8080");
    let demo = sandbox.start().await;
    demo.kill();
}
