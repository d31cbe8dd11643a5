//! Story: whatever changes the books at an operator's word is written down with who did it, in a
//! chain of digests. A row that is altered behind the program's back is named, and both databases
//! refuse to alter one.

use crate::harness::{Json, Setup, done, rows, spoken};

const FACTOR: u64 = 20;
const MERCHANT: &str = "M880010000000001";
const SUBJECT: &str = "merchant M880010000000001";

/// The record as programs read it, newest first.
fn acts(setup: &Setup, more: &[&str]) -> Vec<Json> {
    rows(
        setup,
        &[&["audit", "list", "--size", "1000"], more].concat(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_stands_with_its_actor_as_it_was_and_as_it_became() {
    let setup = Setup::new("audit", FACTOR);
    let demo = setup.start().await;
    let sown = acts(&setup, &[]);
    assert!(!sown.is_empty());
    let by_demo = |act: &Json| act.str("actor").starts_with("system:demo");
    assert!(sown.iter().all(by_demo));

    let edit = ["merchants", "edit", MERCHANT, "--fee", "wechat=0.6%"];
    done(&setup, &[&edit[..], &["--name", "新茶店"]].concat());
    let found = acts(
        &setup,
        &["--subject", SUBJECT, "--action", "merchants.edit"],
    );
    let [act] = found.as_slice() else {
        unreachable!("one edit, not {found:?}")
    };
    assert!(act.str("actor").starts_with("system:"));
    assert_eq!(
        act.str("actor"),
        format!("system:{}", act.str("system_user"))
    );
    assert!(act.str("before").contains("合流演示商户"), "{act:?}");
    assert!(act.str("before").contains("3800"), "{act:?}");
    assert!(act.str("after").contains("新茶店"), "{act:?}");
    assert!(act.str("after").contains("6000"), "{act:?}");

    // A refusal is no act, and no secret is written down.
    let output = setup.run(&["merchants", "edit", MERCHANT, "--fee", "wechat=11%"]);
    assert!(!output.status.success(), "{}", spoken(&output));
    let key = "trade=0123456789abcdef0123456789abcdef";
    let add = [
        "merchants",
        "add",
        "A1",
        "--name",
        "店",
        "--dialect",
        "fufu",
    ];
    done(
        &setup,
        &[&add[..], &["--app-id", "880010000000601", "--key", key]].concat(),
    );
    let after = acts(&setup, &[]);
    assert_eq!(after.len(), sown.len() + 2);
    let all = done(&setup, &["audit", "list", "--size", "1000"]);
    assert!(!all.contains("0123456789abcdef0123456789abcdef"));
    let sealed = after
        .iter()
        .any(|act| format!("{act:?}").contains("sealed"));
    assert!(!sealed, "sealed keys are secrets too");

    let number = crate::harness::fresh("A");
    let paid = demo.till.order(&number, 100, "284214903060794700").await;
    assert_eq!(paid.outcome(), "SUCCESS", "{paid:?}");
    let refunded = done(
        &setup,
        &["orders", "refund", &number, "--amount-minor", "30"],
    );
    assert!(refunded.contains("¥0.30"), "{refunded}");
    let refunds = acts(&setup, &["--action", "orders.refund"]);
    assert_eq!(refunds.len(), 1);
    assert!(refunds[0].str("after").contains("\"amount_minor\":30"));
    // What the rules of money refuse has been done by nobody.
    let too_much = setup.run(&["orders", "refund", &number, "--amount-minor", "71"]);
    assert!(!too_much.status.success(), "{}", spoken(&too_much));
    assert_eq!(acts(&setup, &["--action", "orders.refund"]).len(), 1);

    let checked = done(&setup, &["audit", "check"]);
    let newest = acts(&setup, &[])[0].clone();
    assert!(checked.contains(newest.str("hash")), "{checked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_altered_in_the_file_is_named() {
    let setup = Setup::new("audit-altered", FACTOR);
    drop(setup.start().await);
    for rate in ["0.1", "0.23456789"] {
        done(&setup, &["rates", "set", "USD", rate]);
    }
    done(&setup, &["audit", "check"]);
    let altered = acts(&setup, &[])[0].int("seq");
    // Whoever can write the file asks no trigger.
    let file = setup.file("heliu.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let told = br#""rate":"0.23456789""#;
    let places = bytes.windows(told.len()).enumerate();
    let places: Vec<_> = places.filter(|(_, text)| text == told).collect();
    let [(place, _)] = places.as_slice() else {
        unreachable!("it is told once, not at {} places", places.len())
    };
    let place = *place + told.len() - 2;
    bytes[place] = b'0';
    std::fs::write(&file, bytes).unwrap();
    let output = setup.run(&["audit", "check"]);
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("row {altered} was altered")),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_in_postgresql() {
    let setup = Setup::on_postgres("audit-postgres", FACTOR);
    let _demo = setup.start().await;
    done(&setup, &["rates", "set", "USD", "0.1"]);
    done(&setup, &["rates", "set", "USD", "0.2"]);
    done(&setup, &["audit", "check"]);
    for sql in [
        "UPDATE audit SET actor = ''",
        "DELETE FROM audit",
        "TRUNCATE audit",
    ] {
        let keeps = format!(
            "DO $$ BEGIN {sql}; RAISE 'altered'; EXCEPTION WHEN raise_exception THEN
                IF SQLERRM NOT LIKE 'rows of the audit%' THEN RAISE; END IF; END $$"
        );
        setup.change_database(&keeps);
    }
    let last = acts(&setup, &[])[0].int("seq");
    let alter = format!(
        "ALTER TABLE audit DISABLE TRIGGER audit_keeps; UPDATE audit SET actor = 'x' WHERE seq = {last}"
    );
    setup.change_database(&alter);
    let output = setup.run(&["audit", "check"]);
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("row {last} was altered")), "{said}");
}
