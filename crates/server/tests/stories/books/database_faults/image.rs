//! The files as they are at any moment under load, copied while the process stands still: as a kill
//! would leave them.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::shop::{FACTOR, Payments};
use crate::harness::{Demo, Setup, eventually, spoken};

const IMAGES: usize = 6;
const TILLS: usize = 8;
/// What makes books: file, log, and what they need beside them.
const FILES: [&str; 5] = ["heliu.db", "heliu.db-wal", "mode", "root.check", "root.key"];

fn signal(demo: &Demo, name: &str) {
    let process = demo.process_id().to_string();
    let sent = Command::new("kill").args([name, &process]).status();
    assert!(sent.unwrap().success());
}

/// Whether every thread has stopped: until then one may be in the middle of a write.
fn is_stopped(demo: &Demo) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{}/task", demo.process_id())).unwrap();
    threads.flatten().all(|thread| {
        let state = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The name of a thread stands in brackets and may hold anything; its state follows.
        state
            .rsplit_once(") ")
            .is_none_or(|(_, state)| state.starts_with('T'))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_the_files_at_any_moment_opens_clean_with_all_that_was_answered() {
    let setup = Setup::new("image", FACTOR);
    let demo = setup.start().await;
    let payments = Payments::default();
    payments.recovers(&demo).await;
    let answered = Mutex::new(Vec::new());
    let is_over = AtomicBool::new(false);
    let till = || async {
        while !is_over.load(Ordering::SeqCst) {
            let (number, heard) = payments.pay(&demo).await;
            assert_eq!(heard, "SUCCESS");
            answered.lock().unwrap().push(number);
        }
    };
    let tills = futures::future::join_all((0..TILLS).map(|_| till()));
    let images = async {
        let mut images = Vec::new();
        for index in 0..IMAGES {
            let before = answered.lock().unwrap().len();
            eventually("payments go on", async || {
                (answered.lock().unwrap().len() > before + TILLS).then_some(())
            })
            .await;
            signal(&demo, "-STOP");
            eventually("it stands still", async || is_stopped(&demo).then_some(())).await;
            let known = answered.lock().unwrap().clone();
            let folder = setup.data().join(format!("image-{index}"));
            copy(&setup.data(), &folder);
            signal(&demo, "-CONT");
            images.push((folder, known));
        }
        is_over.store(true, Ordering::SeqCst);
        images
    };
    let (_, images) = futures::join!(tills, images);
    for (folder, known) in images {
        let run = |arguments: &[&str]| {
            let mut command = setup.command();
            let command = command.args(arguments).env("HELIU_DATA", &folder);
            spoken(&command.output().unwrap())
        };
        let checked = run(&["books", "check"]);
        assert!(checked.contains("books clean"), "{checked}");
        for number in known.iter().rev().take(TILLS) {
            let story = run(&["orders", "show", number]);
            assert!(story.contains("paid"), "{number} was answered: {story}");
        }
    }
    payments.all_end_well(&setup, &demo).await;
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for name in FILES {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
}
