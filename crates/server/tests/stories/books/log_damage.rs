//! Story: the process is killed under load, and before the next start somebody, or a disk, harms
//! the log of its books. Nobody opens such books without a word: what was acknowledged is there, or
//! the start says what is lost at most and what to do, and goes on only when it is told to (row A8
//! of the reliability paper).

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;

use crate::harness::{Setup, eventually, fresh, spoken};

const FACTOR: u64 = 20;
const TILLS: usize = 8;
const PAYMENTS: usize = 60;
const PAYS: &str = "134886863488188600";
/// What makes books, and what they need beside them.
const FILES: [&str; 7] = [
    "heliu.db",
    "heliu.db-wal",
    "heliu.db-shm",
    "mode",
    "root.check",
    "root.key",
    "held",
];

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for name in FILES {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

/// The numbers of the payments that were answered before the process was killed in the middle of
/// others.
async fn killed_under_load(setup: &Setup) -> Vec<String> {
    let demo = setup.start().await;
    let (till, answered) = (demo.till.clone(), Mutex::new(Vec::new()));
    let sell = || async {
        loop {
            let number = fresh("pay");
            match till.try_order(&number, 158, PAYS).await {
                Ok(answer) if answer.outcome() == "SUCCESS" => {
                    answered.lock().unwrap().push(number)
                }
                Ok(answer) => panic!("{}", answer.text),
                Err(_) => break,
            }
        }
    };
    let kill = async {
        eventually("the tills have sold", async || {
            (answered.lock().unwrap().len() >= PAYMENTS).then_some(())
        })
        .await;
        demo.kill();
    };
    futures::join!(futures::future::join_all((0..TILLS).map(|_| sell())), kill);
    answered.into_inner().unwrap()
}

enum Harm {
    /// 64 bytes are overwritten, at so many hundredths of the log.
    Overwritten(u64),
    CutTo(u64),
    Gone,
    GoneWithTheMemory,
}

impl Harm {
    fn do_to(&self, folder: &Path) {
        let log = folder.join("heliu.db-wal");
        let bytes = fs::metadata(&log).unwrap().len();
        let file = fs::File::options().write(true).open(&log).unwrap();
        match self {
            Self::Overwritten(hundredths) => {
                file.write_all_at(&[0xa5; 64], bytes * hundredths / 100)
                    .unwrap();
            }
            Self::CutTo(hundredths) => file.set_len(bytes * hundredths / 100).unwrap(),
            Self::Gone => fs::remove_file(log).unwrap(),
            Self::GoneWithTheMemory => {
                fs::remove_file(log).unwrap();
                fs::remove_file(folder.join("heliu.db-shm")).unwrap();
            }
        }
    }
}

fn code_of(words: &str) -> String {
    let (_, code) = words
        .split_once("--accept-loss ")
        .unwrap_or_else(|| panic!("no code: {words}"));
    code.chars().take_while(char::is_ascii_hexdigit).collect()
}

/// Says why all that opens the books refuses.
async fn refusal(harmed: &Setup) -> String {
    let away = harmed.data().join("away");
    let away = away.to_str().unwrap();
    let commands: [&[&str]; 6] = [
        &["books", "check"],
        &["merchants", "list"],
        &["export", away],
        &["backup", away],
        &["migrate"],
        &["migrate", "--check"],
    ];
    let mut heard = Vec::new();
    for command in commands {
        let output = harmed.run(command);
        assert!(!output.status.success(), "{command:?}: {}", spoken(&output));
        heard.push(spoken(&output));
    }
    heard.push(spoken(&harmed.second_demo().await));
    for words in &heard {
        for word in [
            "were not closed",
            "log",
            "lost",
            "cure",
            "keep a copy",
            "the channels still have",
        ] {
            assert!(words.contains(word), "{word} is missing in {words}");
        }
        assert!(!words.contains("panicked"), "{words}");
        assert_eq!(code_of(words), code_of(&heard[0]), "all say the same");
    }
    assert!(!Path::new(away).exists());
    heard.swap_remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_9_a_harmed_log_is_refused_by_all_who_open_it_and_accepted_by_its_code_alone() {
    let setup = Setup::new("log", FACTOR);
    let answered = killed_under_load(&setup).await;
    let harms = [
        Harm::Overwritten(0),
        Harm::Overwritten(5),
        Harm::Overwritten(50),
        Harm::Overwritten(80),
        Harm::CutTo(0),
        Harm::CutTo(50),
        Harm::Gone,
        Harm::GoneWithTheMemory,
    ];
    for (index, harm) in harms.iter().enumerate() {
        let folder = setup.data().join(format!("harmed-{index}"));
        copy(&setup.data(), &folder);
        harm.do_to(&folder);
        let harmed = setup.in_folder(folder);
        let refused = refusal(&harmed).await;
        if index % 3 != 0 {
            continue;
        }
        let demo = harmed.start_accepting(&code_of(&refused)).await;
        let number = fresh("after");
        assert_eq!(
            demo.till.order(&number, 158, PAYS).await.outcome(),
            "SUCCESS"
        );
        for log in [demo.log(), spoken(&harmed.run(&["books", "check"]))] {
            assert!(log.contains("in spite of a damage"), "{log}");
        }
        // They are killed again, and nothing more is missing; the mark stays.
        demo.kill();
        let demo = harmed.start().await;
        assert_eq!(demo.till.query(&number).await.state(), Some(1));
        let checked = spoken(&harmed.run(&["books", "check"]));
        assert!(
            checked.contains("books clean") && checked.contains("marked"),
            "{checked}"
        );
        assert!(demo.stop().await.success());
    }
    // Whoever finds the log again loses nothing.
    let demo = setup.start().await;
    for number in &answered {
        assert_eq!(
            demo.till.query(number).await.state(),
            Some(1),
            "{number} was answered"
        );
    }
    let checked = spoken(&setup.run(&["books", "check"]));
    assert!(
        checked.contains("books clean") && !checked.contains("marked"),
        "{checked}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_the_file_alone_made_while_it_was_served_says_that_its_log_is_missing() {
    let setup = Setup::new("file-alone", FACTOR);
    let demo = setup.start().await;
    assert_eq!(
        demo.till.order(&fresh("pay"), 158, PAYS).await.outcome(),
        "SUCCESS"
    );
    let folder = setup.data().join("copy");
    copy(&setup.data(), &folder);
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(folder.join(format!("heliu.db{suffix}"))).unwrap();
    }
    let copied = setup.in_folder(folder);
    let words = spoken(&copied.run(&["books", "check"]));
    assert!(words.contains("their log is gone"), "{words}");
    // A backup is no such copy, whatever becomes of those whom it was made of.
    let backup = setup.data().join("backup");
    let made = setup.run(&["backup", backup.to_str().unwrap()]);
    assert!(made.status.success(), "{}", spoken(&made));
    demo.kill();
    fs::copy(setup.file("root.key"), backup.join("root.key")).unwrap();
    let restored = setup.in_folder(backup);
    let checked = restored.run(&["books", "check"]);
    assert!(checked.status.success(), "{}", spoken(&checked));
    // And whoever looks into books that were killed takes nothing from them.
    for command in [
        ["books", "check"],
        ["migrate", "--check"],
        ["books", "check"],
    ] {
        let output = setup.run(&command);
        assert!(output.status.success(), "{command:?}: {}", spoken(&output));
    }
    drop(setup.start().await);
}
