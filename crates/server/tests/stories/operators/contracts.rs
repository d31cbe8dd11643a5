//! Story: a merchant has several contracts for one wallet, each through another account; the lowest
//! priority number is taken, and one that is in use does not go.

use super::entered_accounts::put_second_wechat;
use crate::harness::{Demo, Json, Setup, Till, Wallet, done, eventually, fresh, spoken};

const FACTOR: u64 = 20;
/// So slow that a payment that nobody confirms stays open for as long as a story looks at it.
const SLOW: u64 = 3;
const MERCHANT: &str = "M880010000000001";
const APP_ID: &str = "880010000000601";
const KEY: &str = "0123456789abcdef0123456789abcdef";
const SECOND: &str = "wechat=second:1%:1900007109";

fn edit(setup: &Setup, more: &[&str]) -> String {
    done(setup, &[&["merchants", "edit", MERCHANT], more].concat())
}

/// Changes nothing, and says each of these.
fn refused(setup: &Setup, more: &[&str], words: &[&str]) {
    let show = ["merchants", "show", MERCHANT];
    let before = done(setup, &show);
    let output = setup.run(&[&["merchants", "edit", MERCHANT], more].concat());
    let said = spoken(&output);
    assert!(!output.status.success(), "{more:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    assert_eq!(done(setup, &show), before, "{more:?}");
}

/// What the merchant's page says, fact by fact.
fn facts(setup: &Setup) -> Vec<String> {
    let words = ["merchants", "show", MERCHANT, "--output", "csv"];
    let text = done(setup, &words);
    text.trim_start_matches('\u{feff}')
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Sells for 10 yuan, and says the fee of it.
async fn fee_of_a_sale(setup: &Setup, demo: &Demo) -> &'static str {
    let base = format!("{}/gateway/pay", demo.about.str("platform"));
    let number = fresh("sale");
    let paid = Till::new(&base, APP_ID, KEY)
        .order(&number, 1_000, &Wallet::Wechat.code("00"))
        .await;
    assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
    let story = setup.story(&number);
    let fees = ["fee ¥0.04", "fee ¥0.10", "fee ¥0.20"];
    let found = fees.into_iter().find(|fee| story.contains(fee));
    found.expect("a fee that some contract has")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_contracts_the_lowest_priority_number_is_taken() {
    let setup = Setup::new("contracts-priority", FACTOR);
    let demo = setup.start().await;
    put_second_wechat(&setup, &demo).await;
    let key = format!("trade={KEY}");
    let app = ["--dialect", "fufu", "--app-id", APP_ID, "--key", &key];
    done(
        &setup,
        &[&["merchants", "add-app", MERCHANT], &app[..]].concat(),
    );
    assert_eq!(fee_of_a_sale(&setup, &demo).await, "fee ¥0.04");

    let equal = [
        "contract wechat: priority",
        "is 0 through wechat-sandbox and through second",
        "--priority wechat:second=NUMBER",
        "--drop-contract wechat:wechat-sandbox",
    ];
    refused(&setup, &["--contract", SECOND], &equal);
    edit(
        &setup,
        &["--contract", SECOND, "--priority", "wechat:second=7"],
    );
    assert_eq!(fee_of_a_sale(&setup, &demo).await, "fee ¥0.04");
    for fact in [
        "wechat_account,wechat-sandbox",
        "wechat_priority,0",
        "wechat_2_account,second",
        "wechat_2_priority,7",
        "wechat_2_fee,1%",
    ] {
        let facts = facts(&setup);
        assert!(facts.iter().any(|line| line == fact), "{fact}: {facts:?}");
    }

    // A name that means several, or none, or is no number.
    let several = ["several contracts", "wechat:wechat-sandbox, wechat:second"];
    refused(&setup, &["--fee", "wechat=2%"], &several);
    refused(&setup, &["--priority", "wechat=3"], &several);
    refused(&setup, &["--drop-contract", "wechat"], &several);
    let nobody = ["there is no wechat:third contract"];
    refused(&setup, &["--drop-contract", "wechat:third"], &nobody);
    refused(&setup, &["--priority", "wechat:third=1"], &nobody);
    let word = ["priority wechat:second must be a number"];
    refused(&setup, &["--priority", "wechat:second=-1"], &word);

    // One that is written over keeps its priority.
    edit(&setup, &["--contract", "wechat=second:2%:1900007109"]);
    assert_eq!(fee_of_a_sale(&setup, &demo).await, "fee ¥0.04");
    edit(&setup, &["--priority", "wechat:wechat-sandbox=8"]);
    assert_eq!(fee_of_a_sale(&setup, &demo).await, "fee ¥0.20");
    edit(&setup, &["--fee", "wechat:second=1%"]);
    assert_eq!(fee_of_a_sale(&setup, &demo).await, "fee ¥0.10");
    // What it was asked for before stays known.
    for (version, fee) in [(1, "1%"), (2, "2%"), (3, "1%")] {
        let fact = format!("wechat_second_fee_version_{version},{fee}");
        let facts = facts(&setup);
        assert!(facts.contains(&fact), "{fact}: {facts:?}");
    }
    let shown = done(&setup, &["merchants", "show", MERCHANT]);
    assert!(shown.contains("fee_version"), "{shown}");
    // Both change places in one edit.
    edit(
        &setup,
        &[
            "--priority",
            "wechat:wechat-sandbox=7",
            "--priority",
            "wechat:second=8",
        ],
    );
    assert_eq!(fee_of_a_sale(&setup, &demo).await, "fee ¥0.04");
    let said = edit(&setup, &["--drop-contract", "wechat:wechat-sandbox"]);
    assert!(
        said.contains("no wechat through wechat-sandbox any more"),
        "{said}"
    );
    assert_eq!(fee_of_a_sale(&setup, &demo).await, "fee ¥0.10");
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_contract_is_written_down_with_what_it_was() {
    let setup = Setup::on_postgres("contracts-audit", FACTOR);
    let demo = setup.start().await;
    put_second_wechat(&setup, &demo).await;
    // The old one's priority is free in the same edit.
    let drop = ["--drop-contract", "wechat:wechat-sandbox"];
    edit(&setup, &[&drop[..], &["--contract", SECOND]].concat());
    let words = ["audit", "list", "--action", "merchants.edit"];
    let text = done(&setup, &[&words[..], &["--output", "json"]].concat());
    let acts = Json::parse(&text).unwrap();
    let mut acts = acts.list().iter();
    let act = acts.find(|act| act.str("after").contains("second"));
    let act = act.expect("the edit");
    assert!(act.str("before").contains("wechat-sandbox"), "{act:?}");
    assert!(!act.str("after").contains("wechat-sandbox"), "{act:?}");
}

/// Sells through the second account by a code that nobody confirms: neither the contract nor the
/// account goes before that has ended, and both do afterwards.
async fn what_is_under_way_keeps_its_way(setup: &Setup) {
    let demo = setup.start().await;
    put_second_wechat(setup, &demo).await;
    let key = format!("trade={KEY}");
    let app = ["--dialect", "fufu", "--app-id", APP_ID, "--key", &key];
    done(
        setup,
        &[&["merchants", "add-app", MERCHANT], &app[..]].concat(),
    );
    let first = ["--contract", SECOND, "--priority", "wechat:second=0"];
    let others = ["--priority", "wechat:wechat-sandbox=9"];
    edit(setup, &[&first[..], &others].concat());
    let number = fresh("open");
    let code = Wallet::Wechat.code("91");
    // Its till waits for the answer all the time.
    let base = format!("{}/gateway/pay", demo.about.str("platform"));
    let sold = number.clone();
    let selling = tokio::spawn(async move {
        let till = Till::new(&base, APP_ID, KEY);
        till.try_order(&sold, 1_000, &code).await
    });
    eventually("it is under way", async || {
        let output = setup.run(&["orders", "show", &number]);
        output.status.success().then_some(())
    })
    .await;

    let drop = ["--drop-contract", "wechat:second"];
    let stays = ["the wechat contract through second stays", "has not ended"];
    refused(setup, &drop, &stays);
    let remove = ["channels", "remove", "second"];
    let stays = |why: &str| {
        let output = setup.run(&remove);
        let said = spoken(&output);
        assert!(
            !output.status.success() && said.contains(why),
            "{why}: {said}"
        );
        done(setup, &["channels", "show", "second"]);
    };
    stays("second stays: the wechat contract of merchant");
    if setup.is_on_postgres() {
        // Also if the contract is gone by another way.
        let aside =
            "CREATE TABLE aside AS SELECT * FROM contract WHERE channel_account_id = 'second';
            DELETE FROM contract WHERE channel_account_id = 'second'";
        setup.change_database(aside);
        stays("was sent through it and has not ended");
        setup.change_database("INSERT INTO contract SELECT * FROM aside; DROP TABLE aside");
    }

    let sold = selling.await.expect("no panic");
    sold.expect("answered");
    eventually("it has ended", async || {
        let output = setup.run(&[&["merchants", "edit", MERCHANT], &drop[..]].concat());
        output.status.success().then_some(())
    })
    .await;
    done(setup, &remove);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contract_and_an_account_stay_while_something_sent_by_them_is_open() {
    what_is_under_way_keeps_its_way(&Setup::new("contracts-open", SLOW)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_stay_in_a_postgresql_too() {
    what_is_under_way_keeps_its_way(&Setup::on_postgres("contracts-open-postgres", SLOW)).await;
}
