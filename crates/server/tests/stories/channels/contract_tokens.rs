//! Story: by its token a merchant lets the platform act for it at a wallet. Whatever is told, kept,
//! logged or exported tells the merchant's number there, and the token never; contracts that had it
//! where the number stands are mended.

use std::fs::File;
use std::path::Path;

use crate::harness::{
    ALIPAY_PRE_ORDER, Demo, PayWay, Receiver, SIX_ZEROS, Setup, Wallet, XmlTill, fresh,
    order_number, random, spoken, xml_number,
};

const FACTOR: u64 = 20;
/// What the sandbox makes for its own use, and what `heliu demo` tells programs.
const OF_THE_SANDBOX: [&str; 4] = [
    "sandbox.db",
    "sandbox.db-wal",
    "sandbox.db-shm",
    "demo.json",
];

/// What the wallets gave, which must not be told.
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    async fn of(demo: &Demo) -> Secrets {
        let keys = demo.sandbox.portal_keys().await;
        let of = |wallet: &str, name: &str| keys.get(wallet).unwrap().str(name).to_owned();
        // The second line of a key stands for it: where it is, the key is.
        let line = |wallet: &str, name: &str| of(wallet, name).lines().nth(1).unwrap().to_owned();
        Secrets(vec![
            ("app_auth_token", of("alipay", "app_auth_token")),
            ("app_private", line("alipay", "app_private_key_pem")),
            ("api_v2", of("wechat", "api_v2_key")),
            ("api_v3", of("wechat", "api_v3_key")),
            ("app_secret", of("wechat", "sp_app_secret")),
            (
                "merchant_private",
                line("wechat", "merchant_private_key_pem"),
            ),
            (
                "provider_private",
                line("unionpay", "provider_private_key_pem"),
            ),
        ])
    }

    /// Which of them stand in a text.
    fn found_in(&self, text: &[u8]) -> Vec<&'static str> {
        let stands = |secret: &str| text.windows(secret.len()).any(|at| at == secret.as_bytes());
        let found = self.0.iter().filter(|(_, secret)| stands(secret));
        found.map(|(name, _)| *name).collect()
    }

    fn assert_not_in(&self, place: &str, text: &[u8]) {
        assert!(!text.is_empty(), "{place} was read");
        assert_eq!(self.found_in(text), [""; 0], "{place}");
    }
}

/// What merchants hear, one text each.
type Told = Vec<(String, String)>;

/// Trades at Alipay in every dialect, with answers that do not come, lie or are refused among them.
async fn trade(demo: &Demo) -> Told {
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    let (xml, json, agent) = (XmlTill::of(demo), &demo.till, demo.agent());
    let mut told = Told::new();
    let mut tell = |what: &str, text: &str| told.push((what.to_owned(), text.to_owned()));
    for digits in ["00", "93", "98", "99"] {
        let (number, path) = (xml_number("token"), format!("/{digits}"));
        let url = receiver.url(&path);
        let code = PayWay::Alipay.code(digits);
        let paid = xml.pay(&number, 500, &code, &[("notify_url", &*url)]).await;
        tell("a payment", &paid.text);
        tell("its query", &xml.query(&number).await.text);
        let refund = xml_number("back");
        let url = receiver.url(&format!("/back{digits}"));
        let given_back = xml
            .refund(&number, &refund, 100, &[("notify_url", &*url)])
            .await;
        tell("a refund", &given_back.text);
        let references = [("merchant_refund_id", &*refund)];
        tell("its query", &xml.refund_query(&references).await.text);
        let number = fresh("token");
        tell(
            "a payment",
            &json
                .order(&number, 500, &Wallet::Alipay.code(digits))
                .await
                .text,
        );
        tell("its query", &json.query(&number).await.text);
        let number = order_number("token");
        tell(
            "a payment",
            &agent
                .pay(&number, 500, &Wallet::Alipay.code(digits))
                .await
                .text,
        );
        tell("its query", &agent.query(&number).await.text);
    }
    for fault in ["http_500", "cut_answer", "wrong_signature"] {
        demo.sandbox
            .set_fault_for("alipay", "query", fault, Some(1), None)
            .await;
        let (number, code) = (xml_number("token"), PayWay::Alipay.code("90"));
        tell("a payment", &xml.pay(&number, 500, &code, &[]).await.text);
        tell("its query", &xml.query(&number).await.text);
    }
    let (number, url) = (xml_number("token"), receiver.url("/scanned"));
    let more = [("notify_url", &*url)];
    let scanned = xml.unified(PayWay::Alipay, "0", &number, 500, &more).await;
    tell("a code", &scanned.text);
    demo.sandbox.pay(scanned.str("td_code")).await;
    let number = order_number("token");
    let made = agent
        .native(ALIPAY_PRE_ORDER, &number, 500, &receiver.url("/agent"))
        .await;
    tell("a code", &made.text);
    for (path, what) in [
        ("/00", "payment"),
        ("/back00", "refund"),
        ("/scanned", "code"),
    ] {
        let heard = receiver.wait(path, 1).await;
        tell(&format!("the notice of a {what}"), heard[0].text());
    }
    told
}

/// What operators read.
fn shown(setup: &Setup, numbers: &[String]) -> Told {
    let mut commands = vec![
        vec!["merchants", "list"],
        vec!["notifications", "list"],
        vec!["channels", "kinds"],
        vec!["keys", "list", "channel_account:alipay-sandbox"],
        vec!["merchants", "show", "M880010000000001"],
        vec!["merchants", "show", "M9605000011"],
    ];
    commands.extend(
        numbers
            .iter()
            .map(|number| vec!["orders", "show", &**number]),
    );
    let run = |arguments: Vec<&str>| {
        let output = setup.run(&arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            spoken(&output)
        );
        (arguments.join(" "), spoken(&output))
    };
    commands.into_iter().map(run).collect()
}

/// Every file of the data folder but the sandbox's own.
fn files(setup: &Setup) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(setup.data()).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let named = files.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    named
        .filter(|(name, _)| !OF_THE_SANDBOX.contains(&&**name))
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}

fn unpacked(path: &Path) -> Vec<u8> {
    zstd::decode_all(File::open(path).unwrap()).unwrap()
}

/// All tables of the database.
fn dump(setup: &Setup) -> Vec<u8> {
    let server = setup.postgres.as_ref().unwrap();
    let mut dump = server.program("pg_dump");
    let output = dump.arg(server.url("postgres")).output().unwrap();
    assert!(output.status.success(), "{}", spoken(&output));
    output.stdout
}

fn platform_numbers(told: &Told) -> Vec<String> {
    let after = |text: &str| {
        let (_, rest) = text.split_once("<leshua_order_id><![CDATA[")?;
        rest.get(..16).map(str::to_owned)
    };
    told.iter().filter_map(|(_, text)| after(text)).collect()
}

async fn nothing_tells(setup: Setup) {
    let setup = setup.with("RUST_LOG", "debug,heliu=trace,heliu_engine=trace");
    let demo = setup.start().await;
    let secrets = Secrets::of(&demo).await;
    let told = trade(&demo).await;
    let number = "<sub_merchant_id><![CDATA[2088000000007109]]></sub_merchant_id>";
    assert!(
        told.iter().any(|(_, text)| text.contains(number)),
        "merchants hear their number"
    );
    for (place, text) in told.iter().chain(&shown(&setup, &platform_numbers(&told))) {
        secrets.assert_not_in(place, text.as_bytes());
    }
    let exported = setup.run(&["export", "books.heliu"]);
    assert!(exported.status.success(), "{}", spoken(&exported));
    secrets.assert_not_in("the export", &unpacked(&setup.file("books.heliu")));
    if setup.postgres.is_some() {
        secrets.assert_not_in("the database", &dump(&setup));
    }
    demo.kill();
    for (place, text) in files(&setup) {
        if !text.is_empty() {
            secrets.assert_not_in(&place, &text);
        }
    }
    let sandbox: Vec<u8> = ["sandbox.db", "sandbox.db-wal"]
        .iter()
        .flat_map(|name| std::fs::read(setup.file(name)).unwrap_or_default())
        .collect();
    let found = secrets.found_in(&sandbox);
    assert!(
        found.contains(&"app_auth_token"),
        "where it stands it is found"
    );
    assert!(found.contains(&"api_v2"), "where it stands it is found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_notice_log_file_or_export_tells_a_wallets_secrets() {
    nothing_tells(Setup::new("token", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_table_of_a_database_tells_a_wallets_secrets() {
    nothing_tells(Setup::on_postgres("token-pg", FACTOR)).await;
}

fn refused(setup: &Setup, arguments: &[&str], words: &[&str]) {
    let output = setup.run(arguments);
    let spoken = spoken(&output);
    assert!(!output.status.success(), "{arguments:?}: {spoken}");
    for word in words {
        assert!(spoken.contains(word), "{arguments:?}: {spoken}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_entered_as_a_token_only() {
    let setup = Setup::new("token-add", FACTOR);
    let demo = setup.start().await;
    let given = demo.sandbox.enrol("alipay").await;
    let (number, token) = (given.number, given.token.unwrap());
    let merchant = format!("{:010}", random() % 10_000_000_000);
    let file = setup.file("token.txt");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let from_file = format!("alipay=@{}", file.display());
    let of = |number: &str| format!("alipay=alipay-sandbox:0.6%:{number}");
    let (right, wrong) = (of(&number), of(&token));
    let add = |contract: &str, token: &[&str]| -> Vec<String> {
        let mut words = vec!["merchants", "add", &merchant, "--name", "茶店"];
        words.extend(["--dialect", "leshua", "--app-id", &merchant]);
        words.extend(["--contract", contract]);
        words.extend(token);
        words.into_iter().map(str::to_owned).collect()
    };
    let refused = |words: &[String], what: &[&str]| {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        refused(&setup, &words, what);
    };
    refused(&add(&wrong, &[]), &["16 digits", "--token WALLET=@FILE"]);
    refused(
        &add(&right, &[]),
        &["app_auth_token", "--token alipay=@FILE"],
    );
    let wechat = "wechat=wechat-sandbox:0.6%:1900007109";
    let more = ["--token", &*from_file];
    refused(&add(wechat, &more), &["no alipay contract"]);
    let of_wechat = ["--token", "wechat=x"];
    refused(&add(wechat, &of_wechat), &["have no token"]);
    let nowhere = ["merchants", "show", &*merchant];
    refused(&nowhere.map(str::to_owned), &["no merchant"]);

    let words = add(&right, &more);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let output = setup.run(&words);
    assert!(output.status.success(), "{}", spoken(&output));
    let key = |role: &str| {
        let words = spoken(&output);
        let at = words
            .split_once(&format!("{role} key, shown only now: "))
            .unwrap()
            .1;
        at[..32].to_owned()
    };
    let till = XmlTill::of(&demo).of_merchant(&merchant);
    let till = till.with_keys(&key("trade"), &key("notify"));
    let code = PayWay::Alipay.code("00");
    let paid = till.pay(&xml_number("own"), 500, &code, &[]).await;
    assert_eq!(paid.get("sub_merchant_id"), Some(&*number), "{}", paid.text);
    let shown = spoken(&setup.run(&["merchants", "show", &merchant]));
    assert!(
        shown.contains(&number) && !shown.contains(&token),
        "{shown}"
    );

    // A token that no longer holds, and the one that takes its place.
    let spoilt = ["merchants", "edit", &*merchant, "--token", "alipay=nobody"];
    assert!(setup.run(&spoilt).status.success());
    let code = PayWay::Alipay.code("00");
    let declined = till.pay(&xml_number("own"), 500, &code, &[]).await;
    assert_eq!(declined.get("status"), Some("8"), "{}", declined.text);
    let renewed = ["merchants", "edit", &*merchant, "--token", &*from_file];
    assert!(setup.run(&renewed).status.success());
    let code = PayWay::Alipay.code("00");
    let paid = till.pay(&xml_number("own"), 500, &code, &[]).await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
}
