//! An operator at the command line, while the platform is served.

use super::{Json, Setup, spoken};

/// What can be seen of the books from the command line.
pub(crate) fn books(setup: &Setup) -> String {
    let commands: [&[&str]; 6] = [
        &["merchants", "list"],
        &["merchants", "show", "M880010000000001"],
        &["agents", "list"],
        &["agents", "show", "16600000000000001"],
        &["keys", "list", "channel_account:alipay-sandbox"],
        &["rates", "list"],
    ];
    let seen = commands.map(|command| done(setup, command));
    seen.join("\n")
}

/// What a command says that must be done.
pub(crate) fn done(setup: &Setup, arguments: &[&str]) -> String {
    let output = setup.run(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        spoken(&output)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// What a command says that somebody of the office must get done.
pub(crate) fn by(setup: &Setup, person: &str, words: &[&str]) -> String {
    done(setup, &[words, &["--as", person]].concat())
}

/// Rows of a list.
pub(crate) fn rows(setup: &Setup, words: &[&str]) -> Vec<Json> {
    let text = done(setup, &[words, &["--output", "json"]].concat());
    Json::parse(&text).unwrap().list().to_vec()
}

/// An admin, one who proposes, and one who approves.
pub(crate) fn staff(setup: &Setup) {
    done(setup, &["people", "add", "li", "--role", "admin"]);
    for (name, role) in [("ma", "finance_maker"), ("fu", "finance_checker")] {
        by(setup, "li", &["people", "add", name, "--role", role]);
    }
}

/// The newest approval's number.
pub(crate) fn newest_approval(setup: &Setup) -> String {
    let listed = rows(setup, &["approvals", "list"]);
    listed[0].str("approval_no").to_owned()
}

/// It is refused with all these words, and the books are as they were.
pub(crate) fn refused(setup: &Setup, arguments: &[&str], words: &[&str]) -> String {
    let before = books(setup);
    let output = setup.run(arguments);
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?}: {word:?} in {said}");
    }
    assert_eq!(books(setup), before, "{arguments:?}");
    said
}
