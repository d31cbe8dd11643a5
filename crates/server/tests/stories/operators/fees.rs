//! Story: agents above a merchant share in its fee, as what each of them pays says; nobody may pay
//! less than who stands above them; what comes is told beforehand.

use heliu_trade::time::{DAY_MS, Timestamp};

use crate::harness::{
    Json, PayWay, Setup, XmlTill, by, done, eventually, newest_approval, refused, rows, spoken,
    staff, xml_number,
};

const FACTOR: u64 = 20;
const MERCHANT: &str = "merchant:M9605000011";
/// The account that the merchant's money of this wallet is held on.
const HELD: &str = "wechat-held-sandbox";

/// What stands on the merchant's accounts, in yuan, by the accounts' words.
fn balances(setup: &Setup) -> Vec<(String, String)> {
    let rows = rows(setup, &["books", "show", MERCHANT]);
    let pair = |row: &Json| {
        let account = row.str("account").to_owned();
        (account, row.str("balance_yuan").to_owned())
    };
    rows.iter().map(pair).collect()
}

fn told(accounts: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(account, yuan): &(&str, &str)| ((*account).to_owned(), (*yuan).to_owned());
    accounts.iter().map(owned).collect()
}

fn set(setup: &Setup, owner: &str, more: &[&str]) -> String {
    let words = ["fees", "set", owner, "--wallet", "wechat"];
    done(setup, &[&words[..], more].concat())
}

fn set_refused(setup: &Setup, owner: &str, more: &[&str], said: &[&str]) {
    let words = ["fees", "set", owner, "--wallet", "wechat"];
    refused(setup, &[&words[..], more].concat(), said);
}

/// The demo's agent 10 under another one, which is called `top`; 0.38 %, 0.3 %, 0.25 %.
fn place_agents(setup: &Setup) {
    let add = [
        "agents",
        "add",
        "77",
        "--dialect",
        "leshua",
        "--name",
        "总代理",
    ];
    done(setup, &[&add[..], &["--party", "top"]].concat());
    done(setup, &["agents", "edit", "10", "--parent", "top"]);
    set(setup, "agent:10", &["--rate", "0.3%"]);
    set(setup, "agent:top", &["--rate", "0.25%"]);
}

async fn agents_share(setup: &Setup) {
    let demo = setup.start().await;
    let cost = ["channels", "put", HELD, "--cost", "wechat=0.2%"];
    done(setup, &cost);
    place_agents(setup);
    let till = XmlTill::of(&demo);
    let number = xml_number("shared");
    let paid = till
        .pay(&number, 12_345, &PayWay::Wechat.code("00"), &[])
        .await;
    assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    let expected = told(&[
        ("agent_accrued:10", "-0.10"),
        ("agent_accrued:top", "-0.06"),
        ("channel_clearing:wechat-held-sandbox", "123.20"),
        ("channel_cost", "0.25"),
        ("fee_income", "-0.31"),
        ("merchant_balance", "-122.98"),
    ]);
    assert_eq!(balances(setup), expected);

    // What was frozen counts, whatever is changed since.
    set(setup, "agent:top", &["--rate", "0.3%"]);
    let refund = till.refund(&number, "R-1", 3_333, &[]).await;
    assert!(refund.outcome().starts_with("status 1"), "{}", refund.text);
    let expected = told(&[
        ("agent_accrued:10", "-0.07"),
        ("agent_accrued:top", "-0.05"),
        ("channel_clearing:wechat-held-sandbox", "89.93"),
        ("channel_cost", "0.19"),
        ("fee_income", "-0.23"),
        ("merchant_balance", "-89.77"),
    ]);
    eventually("the refund is booked", async || {
        (balances(setup) == expected).then_some(())
    })
    .await;
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_share_in_a_fee_and_give_back_with_a_refund() {
    agents_share(&Setup::new("fees-shares", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_share_in_a_postgresql_too() {
    agents_share(&Setup::on_postgres("fees-shares-postgres", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_pays_less_than_who_stands_above_them() {
    let setup = Setup::new("fees-below", FACTOR);
    let _demo = setup.start().await;
    place_agents(&setup);
    let before = rows(&setup, &["fees", "show", MERCHANT]);

    let below = [
        "merchant:M9605000011 would pay less than agent:10",
        "wechat",
    ];
    set_refused(&setup, MERCHANT, &["--rate", "0.29%"], &below);
    let edit = ["merchants", "edit", "M9605000011", "--fee", "wechat=0.2%"];
    refused(&setup, &edit, &below);
    // If only at the edge of a band: 3 yuan are 0.3 % of 1,000 yuan.
    let capped = ["--rate", "0.38%", "--max", "3.00", "--until-yuan"];
    let edge = [
        "would pay less than agent:10",
        "debit cards",
        "at 100001 fen",
    ];
    let one_more = [&capped[..], &["1000.02"]].concat();
    set_refused(&setup, MERCHANT, &one_more, &edge);
    let credit = ["--rate", "0.2%", "--card", "credit"];
    let by_credit = ["t1, credit cards"];
    set_refused(&setup, MERCHANT, &credit, &by_credit);
    assert_eq!(
        rows(&setup, &["fees", "show", MERCHANT]),
        before,
        "nothing changed"
    );
    set(&setup, MERCHANT, &[&capped[..], &["1000.01"]].concat());

    let above = ["agent:10 would pay less than agent:top"];
    set_refused(&setup, "agent:top", &["--rate", "0.31%"], &above);
    set_refused(&setup, "agent:10", &["--rate", "0.2%"], &above);
    set(&setup, "agent:20", &["--rate", "0.2%"]);
    let below = ["agent:20 would pay less than agent:top"];
    refused(&setup, &["agents", "edit", "20", "--parent", "top"], &below);
    set(&setup, "agent:20", &["--rate", "0.25%"]);
    done(&setup, &["agents", "edit", "20", "--parent", "top"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fee_that_comes_is_told_and_what_nobody_could_mean_is_refused() {
    let setup = Setup::new("fees-coming", FACTOR);
    let _demo = setup.start().await;
    set(&setup, MERCHANT, &["--rate", "0.6%", "--card", "credit"]);
    let later = ["--rate", "0.35%", "--from-date", "2099-01-01"];
    let said = set(&setup, MERCHANT, &later);
    assert!(
        said.contains("comes") && said.contains("2099-01-01 00:00:00"),
        "{said}"
    );
    let listed = rows(&setup, &["fees", "list", MERCHANT]);
    let states: Vec<_> = listed
        .iter()
        .filter(|row| row.str("wallet") == "wechat")
        .map(|row| {
            let card = row.get("card").and_then(Json::text).unwrap_or_default();
            (row.str("state"), card, row.str("fee"))
        })
        .collect();
    let expected = [
        ("in_force", "", "0.38%"),
        ("in_force", "credit", "0.6%"),
        ("comes", "", "0.35%"),
        ("comes", "credit", "0.6%"),
    ];
    assert_eq!(states, expected);
    let shown = done(&setup, &["merchants", "show", "M9605000011"]);
    assert!(shown.contains("2099-01-01"), "{shown}");
    let edit = ["merchants", "edit", "M9605000011", "--fee", "wechat=0.35%"];
    refused(
        &setup,
        &edit,
        &["version 3 of its wechat fee begins", "heliu fees set"],
    );
    // One at once takes the place of one that is yet to begin.
    set(&setup, MERCHANT, &["--rate", "0.36%"]);
    let shown = rows(&setup, &["fees", "show", MERCHANT]);
    let replaced = shown.iter().filter(|row| row.str("state") == "replaced");
    assert_eq!(replaced.count(), 2, "{shown:?}");

    for (owner, more, said) in [
        (
            "merchant:nobody",
            &["--rate", "1%"][..],
            "there is no merchant nobody",
        ),
        ("10", &["--rate", "1%"], "10 is no owner"),
        ("platform", &["--rate", "1%"], "the platform pays no fees"),
        (MERCHANT, &["--rate", "11%"], "a fee is 0% to 10%"),
        (
            MERCHANT,
            &["--rate", "0.36%"],
            "this is what stands already",
        ),
        (
            MERCHANT,
            &["--rate", "38"],
            "a fee is written as a percentage",
        ),
        (
            MERCHANT,
            &["--rate", "1%", "--from-date", "2020-01-01"],
            "from-date is over",
        ),
        (
            MERCHANT,
            &["--rate", "1%", "--from-date", "soon"],
            "soon is no day",
        ),
        (
            MERCHANT,
            &["--rate", "1%", "--speed", "t2"],
            "speed is none of t1, t0",
        ),
        (
            MERCHANT,
            &["--rate", "1%", "--card", "gold"],
            "card is none of debit, credit",
        ),
        (
            MERCHANT,
            &["--rate", "1%", "--fixed=-1"],
            "fixed must be an amount",
        ),
        (
            MERCHANT,
            &["--rate", "1%", "--min", "2", "--max", "1"],
            "max is below min",
        ),
        (
            MERCHANT,
            &["--rate", "1%", "--channel", "third"],
            "no channel account third",
        ),
        (
            "agent:10",
            &["--rate", "1%", "--channel", "third"],
            "no channel account third",
        ),
        (
            "agent:20",
            &["--rate", "1%", "--card", "credit"],
            "say first what all payments cost",
        ),
        (
            MERCHANT,
            &["--rate", "1%", "--speed", "t0", "--card", "credit"],
            "t0 has lines, but none for all",
        ),
    ] {
        set_refused(&setup, owner, more, &[said]);
    }
    let acts = rows(&setup, &["audit", "list", "--action", "fees.set"]);
    let acts = acts.iter().filter(|act| act.str("actor") != "system:demo");
    let subjects: Vec<_> = acts.map(|act| act.str("subject")).collect();
    assert_eq!(
        subjects, [MERCHANT; 3],
        "what was refused is not written down"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fee_comes_into_force_on_its_day_without_a_restart() {
    let setup = Setup::new("fees-day", FACTOR);
    let demo = setup.start().await;
    let till = XmlTill::of(&demo);
    let fee_of_a_sale = async || {
        let number = xml_number("day");
        let code = PayWay::Wechat.code("00");
        let paid = till.pay(&number, 10_000, &code, &[]).await;
        assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
        let story = setup.story(&number);
        let fees = ["fee ¥0.38", "fee ¥0.50"];
        fees.into_iter().find(|fee| story.contains(fee))
    };
    let now = Timestamp::parse_rfc3339(done(&setup, &["clock", "show"]).trim());
    let tomorrow = now.expect("an instant").plus_ms(DAY_MS).beijing_spaced();
    let tomorrow = &tomorrow[..10];
    set(
        &setup,
        MERCHANT,
        &["--rate", "0.5%", "--from-date", tomorrow],
    );
    assert_eq!(fee_of_a_sale().await, Some("fee ¥0.38"));
    done(&setup, &["clock", "move", &format!("{tomorrow} 00:00:01")]);
    assert_eq!(fee_of_a_sale().await, Some("fee ¥0.50"));
    setup.assert_books_balance();
}

/// A fee that is proposed by one person holds once another one has let it pass, in the same
/// transaction; what was changed meanwhile is proposed anew.
async fn two_people_look(setup: &Setup) {
    let _demo = setup.start().await;
    staff(setup);
    let by = |person: &str, words: &[&str]| by(setup, person, words);
    let refused_by = |person: &str, words: &[&str], said: &[&str]| {
        refused(setup, &[words, &["--as", person]].concat(), said);
    };
    let fees = |verb, rate| ["fees", verb, MERCHANT, "--wallet", "wechat", "--rate", rate];
    let in_force = || {
        let listed = rows(setup, &["fees", "list", MERCHANT]);
        let found = listed.iter().find(|row| row.str("wallet") == "wechat");
        found.unwrap().str("fee").to_owned()
    };
    refused_by("li", &fees("set", "0.36%"), &["two people look at fees"]);
    refused_by("fu", &fees("propose", "0.36%"), &["may not propose"]);
    by("ma", &fees("propose", "0.36%"));
    let first = newest_approval(setup);
    by("li", &fees("propose", "0.37%"));
    let second = newest_approval(setup);
    assert_eq!(in_force(), "0.38%", "nobody has let it pass");
    refused_by("li", &["approvals", "approve", &second], &["li"]);
    by("fu", &["approvals", "approve", &first]);
    assert_eq!(in_force(), "0.36%");
    let stale = ["fees of merchant:M9605000011 were changed since this was proposed"];
    refused_by("fu", &["approvals", "approve", &second], &stale);
    assert_eq!(in_force(), "0.36%");
    let twice = ["approvals", "approve", first.as_str()];
    refused_by("fu", &twice, &[first.as_str()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fee_holds_once_another_person_has_let_it_pass() {
    two_people_look(&Setup::new("fees-four-eyes", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_holds_in_a_postgresql_too() {
    two_people_look(&Setup::on_postgres("fees-four-eyes-postgres", FACTOR)).await;
}

/// What an owner pays for a wallet's payments now.
fn fee_of(setup: &Setup, owner: &str) -> String {
    let listed = rows(setup, &["fees", "list", owner]);
    let mut listed = listed.iter().filter(|row| row.str("wallet") == "wechat");
    listed
        .next()
        .map_or_else(String::new, |row| row.str("fee").to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchants_fee_takes_two_people_wherever_it_is_entered() {
    let setup = Setup::new("fees-of-merchants", FACTOR);
    let _demo = setup.start().await;
    staff(&setup);
    let by = |person: &str, words: &[&str]| done(&setup, &[words, &["--as", person]].concat());
    let refused_by = |person: &str, words: &[&str], said: &[&str]| {
        refused(&setup, &[words, &["--as", person]].concat(), said);
    };
    let edit = ["merchants", "edit", "M9605000011"];
    let fee = [&edit[..], &["--fee", "wechat=0.5%"]].concat();
    let cure = "heliu fees propose merchant:M9605000011 --wallet wechat \
        --channel wechat-held-sandbox --rate 0.5%";
    refused_by("li", &fee, &["two people look at fees", cure]);
    let contract = "wechat=wechat-held-sandbox:0.5%:1900007109";
    let other = [&edit[..], &["--contract", contract]].concat();
    refused_by("li", &other, &["two people look at fees"]);
    // What stands is no change.
    let contract = "wechat=wechat-held-sandbox:0.38%:1900007109";
    by("li", &[&edit[..], &["--contract", contract]].concat());

    let add = [
        "merchants",
        "add",
        "N1",
        "--name",
        "新店",
        "--dialect",
        "fufu",
        "--app-id",
        "880010000000077",
    ];
    let first = ["--contract", "wechat=wechat-sandbox:0.4%:1900007109"];
    let with_fee = [&add[..], &first].concat();
    let told = [
        "two people look at fees",
        "add the merchant without contracts",
    ];
    refused_by("li", &with_fee, &told);
    by("li", &add);
    let taken = ["--contract", "wechat=wechat-sandbox::1900007109"];
    let contract = [&["merchants", "edit", "N1"][..], &taken].concat();
    refused_by("li", &contract, &["fee is missing", "heliu fees propose"]);
    let propose = [
        "fees",
        "propose",
        "merchant:N1",
        "--wallet",
        "wechat",
        "--channel",
        "wechat-sandbox",
        "--rate",
        "0.4%",
    ];
    by("ma", &propose);
    refused_by("li", &contract, &["fee is missing"]);
    by("fu", &["approvals", "approve", &newest_approval(&setup)]);
    by("li", &contract);
    assert_eq!(fee_of(&setup, "merchant:N1"), "0.4%");
    setup.assert_books_balance();
}

/// Each is sound by itself; of two at the same moment one passes, whichever is first.
async fn two_at_once(setup: &Setup) {
    let _demo = setup.start().await;
    set(setup, "agent:10", &["--rate", "0.3%"]);
    // The agent below it stays above whatever it comes to pay.
    set(setup, "agent:11", &["--rate", "0.37%"]);
    staff(setup);
    let propose = |owner: &str, rate: &str| {
        let words = [
            "fees", "propose", owner, "--wallet", "wechat", "--rate", rate,
        ];
        done(setup, &[&words[..], &["--as", "ma"]].concat());
        newest_approval(setup)
    };
    let approve = |no: &str| setup.run(&["approvals", "approve", no, "--as", "fu"]);
    for round in 0..3 {
        let dearer = propose("agent:10", "0.36%");
        let cheaper = propose(MERCHANT, "0.34%");
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| approve(&dearer));
            let other = scope.spawn(|| approve(&cheaper));
            (one.join().unwrap(), other.join().unwrap())
        });
        let passed = [&one, &other].map(|output| output.status.success());
        assert_ne!(passed[0], passed[1], "round {round}: one of both passes");
        let late = if passed[0] { &other } else { &one };
        let said = spoken(late);
        let told = "merchant:M9605000011 would pay less than agent:10";
        assert!(said.contains(told), "round {round}: {said}");
        let fees = [fee_of(setup, "agent:10"), fee_of(setup, MERCHANT)];
        let expected = if passed[0] {
            ["0.36%", "0.38%"]
        } else {
            ["0.3%", "0.34%"]
        };
        assert_eq!(fees, expected, "round {round}");
        let (owner, rate) = if passed[0] {
            ("agent:10", "0.3%")
        } else {
            (MERCHANT, "0.38%")
        };
        let back = approve(&propose(owner, rate));
        assert!(back.status.success(), "{}", spoken(&back));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_changes_that_do_not_fit_together_one_passes() {
    two_at_once(&Setup::new("fees-race", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_in_a_postgresql_one_passes_too() {
    two_at_once(&Setup::on_postgres("fees-race-postgres", FACTOR)).await;
}
