//! Story: what an operator lists comes as a table, as JSON or as CSV that a spreadsheet opens
//! without changing it: data alone on standard output, a page at a time.

use crate::harness::{Json, Setup, done, eventually, fresh, rows, spoken};

const FACTOR: u64 = 20;
const ALIPAY: &str = "284214903060794700";
const MERCHANT: &str = "M880010000000001";

/// Lines of a CSV, without its mark.
fn csv(setup: &Setup, arguments: &[&str]) -> Vec<String> {
    let text = done(setup, &[arguments, &["--output", "csv"]].concat());
    let text = text.strip_prefix('\u{feff}').unwrap();
    let lines = text.strip_suffix("\r\n").unwrap().split("\r\n");
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_and_refunds_are_listed_filtered_and_paged() {
    let setup = Setup::new("lists", FACTOR);
    let demo = setup.start().await;
    let begin = fresh("L");
    for index in 0..5 {
        let number = format!("{begin}{index}");
        let paid = demo.till.order(&number, 100 + index, ALIPAY).await;
        assert_eq!(paid.outcome(), "SUCCESS", "{paid:?}");
    }
    let refunded = format!("{begin}3");
    let refund = fresh("R");
    let answer = demo.till.refund(&refunded, &refund, 53).await;
    assert_eq!(answer.outcome(), "SUCCESS", "{answer:?}");
    eventually("the refund has ended", async || {
        let ended = rows(&setup, &["refunds", "list", "--state", "succeeded"]);
        (!ended.is_empty()).then_some(())
    })
    .await;

    let all = rows(&setup, &["orders", "list", "--number", &begin]);
    let numbers: Vec<_> = all.iter().map(|row| row.str("merchant_order_no")).collect();
    let expected: Vec<_> = (0..5)
        .rev()
        .map(|index| format!("{begin}{index}"))
        .collect();
    assert_eq!(numbers, expected, "newest first");
    assert_eq!(all[1].str("charge_yuan"), "1.03");
    assert_eq!(all[1].str("refunded_yuan"), "0.53");
    assert_eq!(all[1].str("order_no").len(), 16, "a number is a text");
    for (filter, count) in [
        (&["--merchant", MERCHANT][..], 5),
        (&["--merchant", "nobody"], 0),
        (&["--wallet", "alipay", "--state", "paid"], 5),
        (&["--wallet", "wechat"], 0),
        (
            &[
                "--account",
                "alipay-sandbox",
                "--min",
                "1.02",
                "--max",
                "1.03",
            ],
            2,
        ),
        (&["--since", "2000-01-01", "--until", "2000-01-02"], 0),
        (&["--number", &refunded], 1),
        (&["--number", &refund], 1),
    ] {
        let found = rows(&setup, &[&["orders", "list"], filter].concat());
        assert_eq!(found.len(), count, "{filter:?}");
    }
    let output = setup.run(&["orders", "list", "--state", "lost", "--wallet", "purse"]);
    let said = spoken(&output);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(
        said.contains("state is none of") && said.contains("wallet is none of"),
        "{said}"
    );

    // A page says on standard error where the next one begins.
    let page = |more: &[&str]| {
        let words = [
            "orders", "list", "--number", &begin, "--size", "2", "--output", "json",
        ];
        let output = setup.run(&[&words[..], more].concat());
        assert!(output.status.success(), "{}", spoken(&output));
        let rows = Json::parse(std::str::from_utf8(&output.stdout).unwrap()).unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let next = told.split("--after ").nth(1).map(|rest| {
            let end = rest.find(',').unwrap();
            rest[..end].to_owned()
        });
        let rows = rows
            .list()
            .iter()
            .map(|row| row.str("merchant_order_no").to_owned());
        (rows.collect::<Vec<_>>(), next)
    };
    let (mut met, mut next) = page(&[]);
    while let Some(place) = next {
        let (rows, following) = page(&["--after", &place]);
        met.extend(rows);
        next = following;
    }
    assert_eq!(met, expected);
    assert_eq!(page(&["--all"]), (expected.clone(), None));

    let lines = csv(&setup, &["orders", "list", "--number", &refunded]);
    assert_eq!(lines.len(), 2);
    let head: Vec<_> = lines[0].split(',').collect();
    let row: Vec<_> = lines[1].split(',').collect();
    let cell = |name| row[head.iter().position(|column| *column == name).unwrap()];
    assert_eq!(cell("charge_yuan"), "1.03");
    assert!(
        cell("order_no").ends_with('\t'),
        "a long number stays a text"
    );
    assert_eq!(cell("state"), "paid");

    let refunds = rows(&setup, &["refunds", "list", "--merchant", MERCHANT]);
    assert_eq!(refunds[0].str("merchant_refund_no"), refund);
    assert_eq!(refunds[0].str("refund_yuan"), "0.53");

    let today = all[0].str("created_at")[..10].to_owned();
    let report = rows(&setup, &["report", "day", &today]);
    let taken: Vec<_> = report.iter().map(|row| row.str("taken_yuan")).collect();
    assert_eq!(taken, ["5.10"]);
    assert_eq!(report[0].str("refunded_yuan"), "0.53");
    assert_eq!(report[0].str("channel_account"), "alipay-sandbox");
    assert_eq!(report[0].int("payments"), 5);

    let came = rows(
        &setup,
        &[
            "exchanges",
            "list",
            "--merchant",
            MERCHANT,
            "--outcome",
            "ok",
        ],
    );
    assert!(came.len() >= 6, "{came:?}");
    let refused = ["exchanges", "list", "--outcome", "refused"];
    assert!(rows(&setup, &refused).is_empty(), "all was done");
    let shown = [
        "exchanges",
        "show",
        came[0].str("request_id"),
        "--output",
        "json",
    ];
    let shown = Json::parse(&done(&setup, &shown)).unwrap();
    assert_eq!(shown.str("request_id"), came[0].str("request_id"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_text_is_no_formula_and_no_escape_in_any_form() {
    let setup = Setup::new("lists-hostile", FACTOR);
    let _demo = setup.start().await;
    let name = "=HYPERLINK(\"http://x\")";
    done(&setup, &["merchants", "edit", MERCHANT, "--name", name]);
    let lines = csv(&setup, &["merchants", "list"]);
    let row = lines
        .iter()
        .find(|line| line.contains("HYPERLINK"))
        .unwrap();
    assert!(row.contains(",\"'=HYPERLINK("), "{row}");
    let rows = rows(&setup, &["merchants", "list"]);
    assert!(rows.iter().any(|row| row.str("name") == name));
    let facts = csv(&setup, &["merchants", "show", MERCHANT]);
    assert_eq!(facts[0], "fact,value");
    assert!(
        facts.iter().any(|line| line == "wechat_fee,0.38%"),
        "{facts:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_in_use_is_not_removed() {
    let setup = Setup::new("lists-remove", FACTOR);
    let _demo = setup.start().await;
    let remove = |id| setup.run(&["channels", "remove", id]);
    let said = spoken(&remove("alipay-sandbox"));
    assert!(
        said.contains("alipay-sandbox stays: the alipay contract"),
        "{said}"
    );
    let said = spoken(&remove("nothing"));
    assert!(
        said.contains("there is no channel account nothing"),
        "{said}"
    );
    let accounts = rows(&setup, &["channels", "list"]);
    let unused = accounts.iter().filter(|row| row.int("contracts") == 0);
    let unused: Vec<_> = unused.map(|row| row.str("channel_account")).collect();
    assert_eq!(unused, ["bank-sandbox", "mini-program-sandbox"]);
    done(&setup, &["channels", "remove", unused[1]]);
    assert_eq!(
        rows(&setup, &["channels", "list"]).len(),
        accounts.len() - 1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merchants_agents_and_accounts_are_filtered_and_paged() {
    let setup = Setup::new("lists-directory", FACTOR);
    let _demo = setup.start().await;
    let every = |noun| rows(&setup, &[noun, "list"]).len();
    let (merchants, agents) = (every("merchants"), every("agents"));
    done(&setup, &["merchants", "disable", MERCHANT]);
    for (arguments, count) in [
        (&["merchants", "list", "--state", "disabled"][..], 1),
        (&["merchants", "list", "--state", "enabled"], merchants - 1),
        (&["merchants", "list", "--name", MERCHANT], 1),
        (&["merchants", "list", "--name", "nobody"], 0),
        (&["merchants", "list", "--account", "nothing"], 0),
        (
            &[
                "merchants",
                "list",
                "--wallet",
                "wechat",
                "--name",
                MERCHANT,
            ],
            1,
        ),
        (&["merchants", "list", "--agent", "chaoying:nobody"], 0),
        (&["merchants", "list", "--size", "1"], 1),
        (&["merchants", "list", "--size", "1", "--all"], merchants),
        (&["agents", "list", "--state", "enabled"], agents),
        (&["agents", "list", "--state", "disabled"], 0),
        (
            &[
                "agents",
                "list",
                "--dialect",
                "chaoying",
                "--name",
                "16600000000000001",
            ],
            1,
        ),
        (
            &[
                "channels",
                "list",
                "--channel",
                "wechat_partner",
                "--id",
                "wechat",
            ],
            2,
        ),
        (&["channels", "list", "--id", "nothing"], 0),
    ] {
        assert_eq!(rows(&setup, arguments).len(), count, "{arguments:?}");
        assert_eq!(csv(&setup, arguments).len(), count + 1, "{arguments:?}");
        done(&setup, arguments);
    }
    for (arguments, why) in [
        (
            ["merchants", "list", "--state", "open"],
            "state is none of pending, enabled, disabled",
        ),
        (
            ["merchants", "list", "--wallet", "purse"],
            "wallet is none of",
        ),
        (
            ["agents", "list", "--state", "open"],
            "state is none of enabled, disabled",
        ),
        (
            ["channels", "list", "--channel", "nothing"],
            "channel is none of",
        ),
    ] {
        let said = spoken(&setup.run(&arguments));
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
}
