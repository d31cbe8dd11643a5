//! Story: whatever folder and umask an operator has, the files of the books are nobody else's:
//! books, log, marks, keys, the socket, what is told to programs, exports and backups.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::{Setup, fresh, spoken};

const FACTOR: u64 = 20;
const WITH_AN_OPEN_MASK: [&str; 3] = ["sh", "-c", "umask 0; exec \"$0\" \"$@\""];
/// What the test itself writes there.
const NOT_OURS: [&str; 2] = ["stdout.log", "stderr.log"];

/// Files and their modes, also of folders in it.
fn modes(folder: &Path) -> BTreeMap<String, u32> {
    let mut modes = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (name, about) = (
            entry.file_name().into_string().unwrap(),
            entry.metadata().unwrap(),
        );
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if about.is_dir() {
            let inner = self::modes(&entry.path());
            modes.extend(
                inner
                    .into_iter()
                    .map(|(inner, mode)| (format!("{name}/{inner}"), mode)),
            );
        }
        modes.insert(name, about.permissions().mode() & 0o7777);
    }
    modes
}

fn assert_private(setup: &Setup, when: &str, expected: &[&str]) {
    let modes = modes(&setup.data());
    for (name, mode) in &modes {
        assert_eq!(mode & 0o077, 0, "{when}: {name} has mode {mode:o}");
    }
    for name in expected {
        assert!(
            modes.contains_key(*name),
            "{when}: there is no {name}: {modes:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_made_in_a_folder_that_all_may_write_is_its_owners_alone() {
    let mut setup = Setup::new("private", FACTOR);
    fs::set_permissions(setup.data(), Permissions::from_mode(0o777)).unwrap();
    setup.start_by(&WITH_AN_OPEN_MASK);
    let demo = setup.start().await;
    let answer = demo
        .till
        .order(&fresh("pay"), 158, "134886863488188600")
        .await;
    assert_eq!(answer.outcome(), "SUCCESS");
    for command in [["export", "books.heliu"], ["backup", "copy"]] {
        let done = setup.run(&command);
        assert!(done.status.success(), "{}", spoken(&done));
    }
    let always = [
        "heliu.db",
        "heliu.lock",
        "mode",
        "root.check",
        "root.key",
        "demo.json",
        "sandbox.db",
    ];
    let served = [
        "heliu.db-wal",
        "heliu.db-shm",
        "admin.sock",
        "books.heliu",
        "copy/heliu.db",
        "copy/mode",
    ];
    assert_private(&setup, "served", &always);
    assert_private(&setup, "served", &served);
    demo.kill();
    assert_private(&setup, "killed", &always);

    // As a version before this one, or somebody's copy, left them.
    for name in modes(&setup.data())
        .into_keys()
        .filter(|name| !name.contains('/') && name != "copy")
    {
        if !["root.key", "books.heliu"].contains(&name.as_str()) {
            fs::set_permissions(setup.file(&name), Permissions::from_mode(0o666)).unwrap();
        }
    }
    let demo = setup.start().await;
    assert_private(&setup, "started again", &always);
    assert!(demo.stop().await.success());
    assert_private(&setup, "stopped", &always);
}
