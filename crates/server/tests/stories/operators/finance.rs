//! Story: what one person of finance proposes, another one looks at and lets pass; then it takes
//! effect. Nobody approves their own, nothing is approved twice, and what has changed meanwhile is
//! void. A card's number stands nowhere in clear.

use std::path::Path;

use crate::harness::{Setup, Wallet, by, done, fresh, newest_approval, rows, spoken, staff};

const FACTOR: u64 = 20;
const OWNER: &str = "merchant:M880010000000001";
/// A test card, and how it is shown.
const CARD: &str = "6200000000000000836";
const MASKED: &str = "620000*********0836";
const OTHER_CARD: &str = "6200000000000000000";
/// Whose cards these are, and how that is shown.
const HOLDER: &str = "欧阳锦瑟";
const HOLDER_MASKED: &str = "*阳锦瑟";

/// It is refused with all these words.
fn refused(setup: &Setup, person: &str, words: &[&str], told: &[&str]) -> String {
    let output = setup.run(&[words, &["--as", person]].concat());
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
    for word in told {
        assert!(said.contains(word), "{words:?}: {word:?} in {said}");
    }
    said
}

/// An account of the merchant's book, in yuan.
fn balance(setup: &Setup, account: &str) -> String {
    let listed = rows(setup, &["books", "show", OWNER]);
    let found = listed.iter().find(|row| row.str("account") == account);
    found
        .map_or("0.00", |row| row.str("balance_yuan"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terms_take_effect_when_another_person_lets_them_pass() {
    let setup = Setup::new("finance-terms", FACTOR);
    let _demo = setup.start().await;
    let propose = |more: &[&str]| -> Vec<String> {
        let words = ["terms", "propose", OWNER].iter().chain(more);
        words.map(|word| (*word).to_owned()).collect()
    };
    let d1 = propose(&["--cycle", "D1", "--payout-fee", "1"]);
    let d1: Vec<&str> = d1.iter().map(String::as_str).collect();
    // While nobody is on the list there is no second person.
    done(&setup, &d1);
    let alone = setup.run(&["approvals", "approve", &newest_approval(&setup)]);
    assert!(spoken(&alone).contains("takes a second person"));
    staff(&setup);
    refused(&setup, "fu", &d1, &["fu, finance_checker, may not propose"]);
    by(&setup, "ma", &d1);
    let first = newest_approval(&setup);
    by(&setup, "li", &d1);
    let rival = newest_approval(&setup);
    let approve = |no| ["approvals", "approve", no];
    refused(
        &setup,
        "ma",
        &approve(&first),
        &["ma, finance_maker, may not approve"],
    );
    refused(
        &setup,
        "li",
        &approve(&rival),
        &["li proposed approval", "another person"],
    );
    let shown = by(&setup, "fu", &["approvals", "show", &first]);
    for word in ["terms.cycle", "D1", "terms.payout_fee_fen", "100", "ma"] {
        assert!(shown.contains(word), "{word} in {shown}");
    }
    let unchanged = rows(&setup, &["terms", "show", OWNER]);
    assert_eq!(unchanged.len(), 1, "nothing has taken effect yet");
    assert_eq!(unchanged[0].str("cycle"), "T1");

    let said = setup.run(&["approvals", "approve", &first, "--as", "fu"]);
    assert!(
        spoken(&said).contains("is used: it took effect"),
        "{}",
        spoken(&said)
    );
    let terms = rows(&setup, &["terms", "show", OWNER]);
    assert_eq!(terms[1].str("cycle"), "D1");
    assert_eq!(terms[1].str("payout_fee_yuan"), "1.00");
    refused(&setup, "fu", &approve(&first), &["is used up"]);
    // The other one was made up for terms that no longer stand.
    let why = "other terms were approved meanwhile";
    refused(&setup, "fu", &approve(&rival), &["is void", why]);
    assert_eq!(rows(&setup, &["approvals", "list"])[0].str("state"), "void");
    assert_eq!(rows(&setup, &["terms", "show", OWNER]).len(), 2);

    by(&setup, "ma", &d1);
    let no = newest_approval(&setup);
    let reject = ["approvals", "reject", &no, "--reason", "a slip"];
    by(&setup, "ma", &reject);
    refused(&setup, "fu", &approve(&no), &["was rejected by ma: a slip"]);
    refused(
        &setup,
        "ma",
        &[
            "terms",
            "propose",
            OWNER,
            "--cycle",
            "T2",
            "--reserve-ppm",
            "1",
            "--from",
            "2000-01-01",
        ],
        &[
            "cycle is none of D0, D1, T1, manual",
            "2000-01-01 is over",
            "1 to 3650 days",
        ],
    );
    refused(
        &setup,
        "ma",
        &["terms", "show", "merchant:nobody"],
        &["there is no merchant nobody"],
    );
    refused(
        &setup,
        "ma",
        &["terms", "propose", "platform"],
        &["pays nothing to itself"],
    );

    let acts = rows(&setup, &["audit", "list", "--action", "approvals.approve"]);
    // What the demo begins with was let pass before anybody came.
    let people = acts
        .iter()
        .filter(|act| !act.str("actor").starts_with("system:"));
    let who: Vec<_> = people.map(|act| act.str("actor")).collect();
    assert_eq!(
        who,
        ["fu", "fu"],
        "the one that was void by then is an act, too"
    );
    done(&setup, &["audit", "check"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_is_paid_to_when_it_is_approved_and_stands_nowhere_in_clear() {
    let setup = Setup::new("finance-cards", FACTOR);
    let demo = setup.start().await;
    staff(&setup);
    let add = |file: &'static str| {
        let words = ["cards", "add", OWNER, "--holder", HOLDER, "--number-file"];
        [&words[..], &[file]].concat()
    };
    for (file, number) in [
        ("card", CARD),
        ("other", OTHER_CARD),
        ("wrong", "6200000000000000837"),
    ] {
        write_private(&setup.file(file), number);
    }
    let said = refused(&setup, "ma", &add("wrong"), &["check digit is wrong"]);
    assert!(!said.contains("6200000000000000837"), "{said}");
    let company = [&add("card")[..], &["--kind", "company"]].concat();
    let told = ["clearing number must be 12 digits", "bank branch"];
    refused(&setup, "ma", &company, &told);

    by(&setup, "ma", &add("card"));
    let approval = newest_approval(&setup);
    let shown = by(&setup, "fu", &["approvals", "show", &approval]);
    assert!(shown.contains(MASKED), "{shown}");
    assert!(shown.contains(HOLDER_MASKED), "{shown}");
    by(&setup, "fu", &["cards", "approve", &approval]);
    by(&setup, "li", &add("other"));
    by(
        &setup,
        "fu",
        &["approvals", "approve", &newest_approval(&setup)],
    );
    let cards = rows(&setup, &["cards", "list", "--owner", OWNER]);
    let states: Vec<_> = cards.iter().map(|card| card.str("state")).collect();
    assert_eq!(states, ["retired", "active"]);
    assert_eq!(cards[0].str("number"), MASKED);
    assert_eq!(cards[0].str("holder"), HOLDER_MASKED);
    refused(
        &setup,
        "ma",
        &add("other"),
        &["is paid to this card already"],
    );

    // What the operator wrote down stands in the same folder.
    for file in ["card", "other", "wrong"] {
        std::fs::remove_file(setup.file(file)).unwrap();
    }
    done(&setup, &["export", "books.heliu"]);
    done(&setup, &["backup", "copy"]);
    let log = demo.log();
    demo.stop().await;
    let audit = done(&setup, &["audit", "list", "--output", "json"]);
    assert!(audit.contains(MASKED) && audit.contains(HOLDER_MASKED));
    for secret in [CARD, HOLDER] {
        assert!(!log.contains(secret), "{log}");
        assert!(!audit.contains(secret), "{audit}");
        let below = [setup.data(), setup.file("copy")];
        let below = below.iter().flat_map(|folder| files_below(folder));
        for file in below.chain([setup.file("books.heliu")]) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            let mut parts = bytes.windows(secret.len());
            let has = parts.any(|part| part == secret.as_bytes());
            assert!(!has, "{secret} stands in {}", file.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_held_and_put_right_and_nobody_withdraws_what_is_not_there() {
    let setup = Setup::new("finance-holds", FACTOR);
    let demo = setup.start().await;
    let put = ["channels", "put", "alipay-sandbox", "--funds-mode", "held"];
    done(&setup, &put);
    let code = Wallet::Alipay.code("00");
    let answer = demo.till.order(&fresh("H"), 12_345, &code).await;
    assert_eq!(answer.outcome(), "SUCCESS", "{answer:?}");
    staff(&setup);
    let owed = balance(&setup, "merchant_balance");
    assert_eq!(owed, "-122.98");

    let place = [
        "holds",
        "place",
        OWNER,
        "--amount",
        "5",
        "--reason",
        "a complaint",
    ];
    by(&setup, "ma", &place);
    // The next bill fills it; until then the money stays where it is.
    assert_eq!(balance(&setup, "frozen"), "0.00");
    let hold = rows(&setup, &["holds", "list"])[0]
        .str("hold_no")
        .to_owned();
    let release = ["holds", "release", &hold, "--reason", "settled"];
    by(&setup, "ma", &release);
    let approval = newest_approval(&setup);
    let held = rows(&setup, &["holds", "list"]);
    assert_eq!(held[0].str("state"), "active", "it holds until then");
    by(&setup, "fu", &["approvals", "approve", &approval]);
    assert_eq!(balance(&setup, "frozen"), "0.00");
    assert_eq!(balance(&setup, "merchant_balance"), owed);
    refused(&setup, "ma", &release, &["is released already"]);

    let all = ["holds", "place", OWNER, "--all", "--reason", "a court"];
    by(&setup, "ma", &all);
    assert_eq!(balance(&setup, "merchant_balance"), owed);

    let adjust = [
        "adjustments",
        "propose",
        OWNER,
        "--amount",
        "-1.00",
        "--evidence",
        "letter 12",
    ];
    by(&setup, "ma", &adjust);
    assert_eq!(rows(&setup, &["adjustments", "list"]).len(), 0);
    by(
        &setup,
        "fu",
        &["approvals", "approve", &newest_approval(&setup)],
    );
    let booked = rows(&setup, &["adjustments", "list"]);
    assert_eq!(booked[0].str("amount_yuan"), "-1.00");
    assert_eq!(balance(&setup, "merchant_balance"), "-121.98");

    let ask = ["withdrawals", "ask", OWNER, "--amount", "0.01"];
    refused(
        &setup,
        "ma",
        &ask,
        &["may withdraw 0.00, which is less than 0.01"],
    );
    assert_eq!(rows(&setup, &["withdrawals", "list"]).len(), 0);
    done(&setup, &["books", "check"]);
}

fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// All files of a folder and of those below it.
fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}
