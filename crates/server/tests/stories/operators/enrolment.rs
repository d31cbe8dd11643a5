//! Story: what an operator enters is looked at before it is written. What stands is not written
//! over by what is new, nonsense is refused with all of its faults and their cures at once, and a
//! refusal changes nothing.

use std::process::Output;

use crate::harness::{Demo, Setup, Till, Wallet, done, fresh, refused, spoken};

const FACTOR: u64 = 20;
const KEY: &str = "0123456789abcdef0123456789abcdef";
const WECHAT: &str = "wechat=wechat-sandbox:0.38%:1900007109";
const UNIONPAY: &str = "unionpay=unionpay-sandbox:0.38%:104000000000001";

/// `merchants add` of one that nothing is wrong with, but for what is changed in it.
struct Entry<'a> {
    id: &'a str,
    name: &'a str,
    dialect: &'a str,
    app_id: &'a str,
}

const SOUND: Entry<'static> = Entry {
    id: "E1",
    name: "茶店",
    dialect: "fufu",
    app_id: "880010000000501",
};

impl<'a> Entry<'a> {
    fn with(&self, more: &[&'a str]) -> Vec<&'a str> {
        let mut words = vec!["merchants", "add", "--name", self.name];
        words.extend(["--dialect", self.dialect, "--app-id", self.app_id]);
        words.extend(more);
        words.extend(["--", self.id]);
        words
    }
}

fn till(demo: &Demo, app_id: &str) -> Till {
    Till::new(
        &format!("{}/gateway/pay", demo.about.str("platform")),
        app_id,
        KEY,
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_is_refused_with_all_that_is_wrong_with_it() {
    let setup = Setup::new("enrol-nonsense", FACTOR);
    let demo = setup.start().await;
    let long = "8".repeat(33);
    for (field, text, told) in [
        ("id", "", "merchant id must be 1 to 64"),
        ("id", "a b", "merchant id must be"),
        ("id", "a\u{1b}[2J", "merchant id must be"),
        ("id", "店", "merchant id must be"),
        ("name", "", "name must be 1 to 128"),
        ("name", " \u{3000}", "name must be"),
        ("name", "a\u{202e}b", "name must be"),
        ("app", "", "app id must be 1 to 32 letters and digits"),
        ("app", "a&b=c", "app id must be"),
        ("app", &*long, "app id must be"),
        ("dialect", "leshua", "app id must be 10 digits"),
        ("dialect", "lakala", "dialect lakala is none of"),
    ] {
        let mut entry = SOUND;
        match field {
            "id" => entry.id = text,
            "name" => entry.name = text,
            "app" => entry.app_id = text,
            _ => entry.dialect = text,
        }
        refused(&setup, &entry.with(&[]), &[told]);
    }
    let more: [(&[&str], &str); 18] = [
        (
            &["--contract", "alipay=wechat-sandbox:0.38%:2088000000007109"],
            "does not take this wallet",
        ),
        (
            &["--contract", "paypal=wechat-sandbox:0.38%:1"],
            "contract paypal: wallet is none of wechat, alipay",
        ),
        (
            &["--contract", "wechat=nowhere:0.38%:1"],
            "there is no channel account nowhere",
        ),
        (
            &["--contract", WECHAT, "--contract", WECHAT],
            "contract wechat is given twice",
        ),
        (
            &["--contract", "wechat=wechat-sandbox:0.38%:a b"],
            "contract wechat: sub-merchant must be",
        ),
        (
            &["--contract", "wechat=wechat-sandbox:0.38%:1900007109@"],
            "contract wechat: app id must be",
        ),
        (
            &["--contract", "wechat=wechat-sandbox:3800:1900007109"],
            "3800 parts per million are 0.38%",
        ),
        (
            &["--contract", "wechat=wechat-sandbox:2000000:1900007109"],
            "such as 0.38%",
        ),
        (
            &["--contract", "wechat=wechat-sandbox:-6000:1900007109"],
            "such as 0.38%",
        ),
        (
            &[
                "--contract",
                "wechat=wechat-sandbox:9223372036854775807:1900007109",
            ],
            "such as 0.38%",
        ),
        (
            &["--contract", "wechat=wechat-sandbox:10.0001%:1900007109"],
            "contract wechat: fee is none: a fee is 0% to 10%",
        ),
        (
            &["--contract", "wechat=wechat-sandbox:-0.6%:1900007109"],
            "a fee is 0% to 10%",
        ),
        (
            &["--key", "trade=k"],
            "key trade must be 16 characters or more",
        ),
        (
            &["--key", "nonsense=0123456789abcdef"],
            "key nonsense is none of trade",
        ),
        (
            &[
                "--key",
                "trade=aaaaaaaaaaaaaaaa",
                "--key",
                "trade=bbbbbbbbbbbbbbbb",
            ],
            "trade is given twice",
        ),
        (&["--partner", "CEB:25 7:"], "partner CEB: number must be"),
        (&["--setting", "nonsense=1"], "switch nonsense"),
        (&["--agent", "16600000000000001"], "have keys of their own"),
    ];
    for (more, told) in more {
        refused(&setup, &SOUND.with(more), &[told]);
    }
    let taken = Entry {
        app_id: "880010000000001",
        ..SOUND
    };
    refused(
        &setup,
        &taken.with(&[]),
        &["belongs to merchant M880010000000001 already"],
    );

    let all = Entry {
        id: "",
        name: "",
        dialect: "fufu",
        app_id: "",
    };
    let more = [
        "--short-name",
        "\u{7}",
        "--key",
        "trade=k",
        "--contract",
        "wechat=nowhere:3800:1",
        "--token",
        "alipay=x",
    ];
    let said = refused(
        &setup,
        &all.with(&more),
        &[
            "merchant id must",
            "\nname must",
            "short name must",
            "app id must",
            "key trade must",
            "contract wechat: fee",
            "contract wechat: channel account",
            "token alipay",
            "cure",
        ],
    );
    assert!(!said.contains('\u{7}'), "{said:?}");
    demo.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_that_stands_is_changed_by_what_says_so_alone() {
    let setup = Setup::new("enrol-standing", FACTOR);
    let demo = setup.start().await;
    let key = format!("trade={KEY}");
    done(&setup, &SOUND.with(&["--contract", WECHAT, "--key", &key]));
    let shown = || done(&setup, &["merchants", "show", "E1"]);
    let before = shown();
    assert!(
        before.contains("0.38%") && !before.contains("ppm"),
        "{before}"
    );

    let dear = "wechat=wechat-sandbox:9%:1900007109";
    let words = [
        "merchant E1 stands already; nothing was changed",
        "heliu merchants edit",
        "contracts",
        "add-app",
    ];
    let other = Entry {
        name: "酒馆",
        ..SOUND
    };
    refused(&setup, &other.with(&["--contract", dear]), &words);
    let other = Entry {
        app_id: "880010000000502",
        ..other
    };
    refused(
        &setup,
        &other.with(&["--contract", dear, "--key", &key]),
        &words,
    );
    assert_eq!(shown(), before);
    assert!(!done(&setup, &["merchants", "list"]).contains("880010000000502"));

    // What used to be done by adding it again.
    let further = [
        "merchants",
        "add-app",
        "E1",
        "--dialect",
        "fufu",
        "--app-id",
    ];
    let further = |app_id: &'static str| [&further[..], &[app_id, "--key", &key]].concat();
    done(&setup, &further("880010000000502"));
    refused(
        &setup,
        &further("880010000000502"),
        &["app 880010000000502 stands already", "keys rotate"],
    );
    refused(
        &setup,
        &further("880010000000001"),
        &["belongs to merchant M880010000000001"],
    );
    refused(&setup, &further("a&b"), &["app id must be"]);
    let nobodys = [
        "merchants",
        "add-app",
        "E9",
        "--dialect",
        "fufu",
        "--app-id",
        "880010000000503",
    ];
    refused(&setup, &nobodys, &["there is no merchant E9"]);
    let of_agent = [
        "merchants",
        "add-app",
        "E1",
        "--dialect",
        "chaoying",
        "--app-id",
        "f501",
    ];
    let partner = ["--partner", "CEB:257:wx1", "--agent", "16600000000000001"];
    done(&setup, &[&of_agent[..], &partner].concat());

    let set = ["merchants", "edit", "E1"];
    let change = |more: &[&str]| done(&setup, &[&set[..], more].concat());
    change(&["--name", "酒馆", "--short-name", "酒"]);
    change(&[
        "--app-id",
        "f501",
        "--partner",
        "CCB:1:",
        "--partner",
        "CEB:258:wx2",
    ]);
    let now = shown();
    for words in [
        "E1  酒馆  enabled",
        "payers see 酒",
        "at CEB  258  wx2",
        "at CCB  1",
        "app 880010000000502 speaks fufu",
    ] {
        assert!(now.contains(words), "{words:?} in {now}");
    }
    assert!(!now.contains("257"), "{now}");
    change(&["--app-id", "f501", "--partner", "CCB"]);
    change(&["--short-name", ""]);
    assert!(
        !shown().contains("at CCB") && !shown().contains("payers see"),
        "{}",
        shown()
    );
    for (more, told) in [
        (&["--name", " "][..], "name must be"),
        (&["--short-name", "\u{1b}"], "short name must be"),
        (&["--partner", "CEB:1:"], "has several apps"),
        (
            &["--app-id", "f501", "--partner", "CEB:1 2:"],
            "partner CEB: number must be",
        ),
        (
            &["--app-id", "f501", "--setting", "x=y", "--name", ""],
            "switch x",
        ),
    ] {
        refused(&setup, &[&set[..], more].concat(), &[told]);
    }

    // Both apps sell under the contract that is written last.
    let write = ["merchants", "edit", "E1", "--contract"];
    refused(
        &setup,
        &[&write[..], &["wechat=wechat-sandbox:200%:1900007109"]].concat(),
        &["0% to 10%"],
    );
    refused(
        &setup,
        &[&write[..], &["wechat=alipay-sandbox:1%:1900007109"]].concat(),
        &["does not take this wallet"],
    );
    refused(
        &setup,
        &[&write[..], &[dear, "--contract", dear]].concat(),
        &["given twice"],
    );
    done(
        &setup,
        &[&write[..], &[dear, "--contract", UNIONPAY]].concat(),
    );
    assert!(
        shown().contains("9%") && shown().contains("unionpay"),
        "{}",
        shown()
    );
    for app_id in ["880010000000501", "880010000000502"] {
        let number = fresh("sale");
        let paid = till(&demo, app_id)
            .order(&number, 1_000, &Wallet::Wechat.code("00"))
            .await;
        assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
        let story = setup.story(&number);
        assert!(story.contains("fee ¥0.90"), "the fee of 9 %: {story}");
    }
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_at_once_one_is_written() {
    let setup = Setup::on_postgres("enrol-race", FACTOR);
    let demo = setup.start().await;
    let names = ["甲", "乙", "丙", "丁", "戊", "己"];
    let apps: Vec<_> = (0..names.len())
        .map(|index| format!("88001000000060{index}"))
        .collect();
    let start = |name: &str, app_id: &str| {
        let entry = Entry {
            id: "R1",
            name,
            dialect: "fufu",
            app_id,
        };
        let mut command = setup.command();
        command.args(entry.with(&[]));
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let racing: Vec<_> = names
        .iter()
        .zip(&apps)
        .map(|(name, app_id)| start(name, app_id))
        .collect();
    let outputs: Vec<Output> = racing
        .into_iter()
        .map(|child| child.wait_with_output().unwrap())
        .collect();
    let winners: Vec<_> = (0..names.len())
        .filter(|index| outputs[*index].status.success())
        .collect();
    assert_eq!(winners.len(), 1, "{outputs:?}");
    let shown = done(&setup, &["merchants", "show", "R1"]);
    assert!(
        shown.contains(&format!("R1  {}", names[winners[0]])),
        "{shown}"
    );
    for (index, output) in outputs.iter().enumerate() {
        let is_winner = index == winners[0];
        assert_eq!(shown.contains(&apps[index]), is_winner, "{shown}");
        assert_eq!(
            !spoken(output).contains("R1 stands already"),
            is_winner,
            "{}",
            spoken(output)
        );
    }
    demo.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_looked_at_like_a_merchant() {
    let setup = Setup::new("enrol-agents", FACTOR);
    let demo = setup.start().await;
    let add =
        |id: &'static str, dialect: &'static str, name: &'static str, more: &[&'static str]| {
            let mut words = vec!["agents", "add", "--dialect", dialect, "--name", name];
            words.extend(more);
            words.extend(["--", id]);
            words
        };
    for (id, name, more, told) in [
        (
            "",
            "商",
            &[][..],
            "agent id must be 1 to 32 letters and digits",
        ),
        ("a&b", "商", &[], "agent id must be"),
        ("7002", " ", &[], "name must be"),
        (
            "7002",
            "商",
            &["--key", "k"],
            "key agent must be 16 characters",
        ),
        (
            "7002",
            "商",
            &["--setting", "nonsense=1"],
            "switch nonsense is none of",
        ),
        (
            "7002",
            "商",
            &["--setting", "new_merchant_state=asleep"],
            "is none of pending, enabled, disabled",
        ),
        (
            "7002",
            "商",
            &["--mini-program", "wx1=nowhere"],
            "there is no channel account nowhere",
        ),
    ] {
        refused(&setup, &add(id, "chaoying", name, more), &[told]);
    }
    let more = [
        "--key",
        "k",
        "--setting",
        "nonsense=1",
        "--mini-program",
        "wx1=nowhere",
    ];
    let told = [
        "agent id must",
        "name must",
        "key agent must",
        "switch nonsense",
        "mini program wx1",
    ];
    refused(&setup, &add("", "chaoying", "", &more), &told);
    refused(
        &setup,
        &add("7002", "fufu", "商", &[]),
        &["merchants sign themselves"],
    );

    let told = [
        "agent 16600000000000001 on chaoying stands already; nothing was changed",
        "agents edit",
        "rotate-key",
    ];
    let more = ["--setting", "sign_preorder=off", "--key", KEY];
    refused(
        &setup,
        &add("16600000000000001", "chaoying", "别家", &more),
        &told,
    );
    let short = ["agents", "rotate-key", "16600000000000001", "--key", "k"];
    refused(&setup, &short, &["key agent must be 16 characters"]);
    done(
        &setup,
        &[
            "agents",
            "edit",
            "16600000000000001",
            "--setting",
            "sign_preorder=off",
        ],
    );
    demo.kill();
}
