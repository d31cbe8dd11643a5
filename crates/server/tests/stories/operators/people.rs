//! Story: while nobody is on the list of people, whoever can open the data folder does everything.
//! From then on a change takes an enabled person who may; to look takes nobody.

use crate::harness::{Setup, done, spoken};

const FACTOR: u64 = 20;

/// It is refused with all these words.
fn refused(setup: &Setup, arguments: &[&str], words: &[&str]) {
    let output = setup.run(arguments);
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert_eq!(output.stdout, b"", "data alone stands there: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?}: {word:?} in {said}");
    }
}

fn rate(operator: &str) -> Vec<&str> {
    let mut words = vec!["rates", "set", "USD", "0.0478"];
    if !operator.is_empty() {
        words.extend(["--as", operator]);
    }
    words
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_may_is_a_matter_of_the_role() {
    let setup = Setup::new("people", FACTOR);
    let _demo = setup.start().await;
    done(&setup, &rate(""));
    refused(
        &setup,
        &rate("li"),
        &["nobody is on the list", "people add NAME"],
    );
    let viewer = ["people", "add", "an", "--role", "viewer"];
    refused(&setup, &viewer, &["the first person must be an admin"]);
    refused(
        &setup,
        &["people", "add", "system:root", "--role", "king"],
        &[
            "names users of the machine",
            "none of viewer, operator, finance_maker, finance_checker, admin",
        ],
    );

    done(&setup, &["people", "add", "李", "--role", "admin"]);
    refused(&setup, &viewer, &["--as NAME", "HELIU_OPERATOR"]);
    refused(&setup, &rate(""), &["nobody is named who does this"]);
    for (name, role) in [("wang", "operator"), ("an", "viewer")] {
        done(
            &setup,
            &["people", "add", name, "--role", role, "--as", "李"],
        );
    }
    let again = ["people", "add", "an", "--role", "admin", "--as", "李"];
    refused(
        &setup,
        &again,
        &["on the list already; nothing was changed"],
    );

    done(&setup, &rate("李"));
    refused(&setup, &rate("wang"), &["wang, operator, may not", "admin"]);
    refused(&setup, &rate("zhao"), &["there is no zhao"]);
    let rename = |name| {
        let words = [
            "merchants",
            "edit",
            "M880010000000001",
            "--short-name",
            "茶",
            "--as",
        ];
        [&words[..], &[name]].concat()
    };
    done(&setup, &rename("wang"));
    refused(
        &setup,
        &rename("an"),
        &["an, viewer, may not", "operator or admin"],
    );
    for look in [["merchants", "list"], ["people", "list"], ["audit", "list"]] {
        done(&setup, &look);
        done(&setup, &[&look[..], &["--as", "an"]].concat());
    }

    let last = ["people", "set-role", "李", "viewer", "--as", "李"];
    refused(&setup, &last, &["the last one who may change people"]);
    done(
        &setup,
        &["people", "set-role", "wang", "admin", "--as", "李"],
    );
    done(&setup, &["people", "disable", "李", "--as", "wang"]);
    refused(&setup, &rate("李"), &["李 is disabled"]);
    assert_eq!(
        done(&setup, &["people", "list", "--output", "csv"])
            .lines()
            .map(|line| line
                .trim_start_matches('\u{feff}')
                .rsplit_once(',')
                .unwrap()
                .0)
            .collect::<Vec<_>>(),
        [
            "name,role,is_enabled",
            "an,viewer,yes",
            "wang,admin,yes",
            "李,admin,no"
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_holds_where_nobody_serves() {
    let setup = Setup::new("people-alone", FACTOR);
    drop(setup.start().await);
    done(&setup, &["people", "add", "li", "--role", "admin"]);
    refused(&setup, &rate(""), &["nobody is named who does this"]);
    let setup = setup.with("HELIU_OPERATOR", "li");
    done(&setup, &rate(""));
    let acts = done(
        &setup,
        &["audit", "list", "--action", "rates.set", "--size", "1"],
    );
    assert!(acts.contains("  li  "), "{acts}");
}
