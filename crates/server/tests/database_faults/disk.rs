//! A disk that is full, fails, or takes no writes.

use super::shop::{BUSY, FACTOR, all_ends_well, limit, pay, recovers};
use crate::harness::{Demo, Setup, spoken};

/// Bytes of a page of the disk.
const BLOCK_BYTES: usize = 4096;

/// Refused signals are inherited: a write beyond the limit is then an error and not the end.
const WITHOUT_SIGNAL: [&str; 3] = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];

/// What keeps the books from being written.
enum Obstacle {
    /// The small disk is full.
    Full,
    /// No file may grow beyond so many bytes: the system refuses the write itself.
    Limit,
}

impl Obstacle {
    fn put(&self, setup: &Setup, demo: &Demo, left_bytes: usize) {
        match (self, &setup.disk) {
            (Self::Full, Some(disk)) => disk.fill(left_bytes).unwrap(),
            _ => limit(demo, &format!("--fsize={left_bytes}:")),
        }
    }

    fn take_away(&self, setup: &Setup, demo: &Demo) {
        match (self, &setup.disk) {
            (Self::Full, Some(disk)) => disk.make_room().unwrap(),
            _ => limit(demo, "--fsize=unlimited:"),
        }
    }
}

/// The writes fail at another place each time.
async fn refuses_and_goes_on(mut setup: Setup, obstacle: Obstacle, cure: &str) {
    setup.start_by(&WITHOUT_SIGNAL);
    let demo = setup.start().await;
    let first = recovers(&demo).await;
    let mut payments = Vec::new();
    for blocks in 0..8 {
        obstacle.put(&setup, &demo, blocks * BLOCK_BYTES);
        loop {
            payments.push(pay(&demo).await);
            if payments.last().unwrap().1 == BUSY {
                break;
            }
        }
        let known = demo.till.query(&first).await;
        assert_eq!(known.state(), Some(1), "reads work: {}", known.text);
        if blocks == 0 {
            let (status, words) = demo.readiness().await;
            assert_eq!(status, 503, "{words}");
            assert!(words.contains(cure), "{words}");
        }
        obstacle.take_away(&setup, &demo);
        let number = recovers(&demo).await;
        payments.push((number, "SUCCESS".to_owned()));
    }
    all_ends_well(&setup, &demo, &payments).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_payments_and_takes_them_again_when_there_is_room() {
    let mut setup = Setup::new("full", FACTOR);
    if setup.move_to_small_disk(16) {
        refuses_and_goes_on(setup, Obstacle::Full, "make room").await;
    } else {
        // Where nothing can be mounted a limit of the process stands for the disk's.
        refuses_and_goes_on(setup, Obstacle::Limit, "look at the disk").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_the_system_refuses_are_told_and_end_nothing() {
    let setup = Setup::new("refused", FACTOR);
    refuses_and_goes_on(setup, Obstacle::Limit, "look at the disk").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_cannot_be_written_is_named_with_a_cure() {
    let mut setup = Setup::new("readonly", FACTOR);
    // Nobody can make a folder there.
    let mut command = setup.command();
    let refused = command.arg("demo").env("HELIU_DATA", "/proc/heliu");
    let refused = spoken(&refused.output().unwrap());
    assert!(
        refused.contains("/proc/heliu") && refused.contains("cure"),
        "{refused}"
    );
    if !setup.move_to_small_disk(16) {
        return;
    }
    // Once with an empty folder, once with books in it.
    for _ in 0..2 {
        setup.disk.as_mut().unwrap().set_read_only(true).unwrap();
        let refused = setup.second_demo().await;
        let words = spoken(&refused);
        assert!(!refused.status.success(), "{words}");
        assert!(
            words.contains("the data folder")
                && words.contains("Read-only")
                && words.contains("cure"),
            "{words}"
        );
        assert!(!words.contains("panicked"), "{words}");
        setup.disk.as_mut().unwrap().set_read_only(false).unwrap();
        let demo = setup.start().await;
        recovers(&demo).await;
        demo.kill();
    }
    setup.assert_books_balance();
}
