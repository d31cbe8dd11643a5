//! An operator at the command line, while the platform is served.

use super::{Setup, spoken};

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
