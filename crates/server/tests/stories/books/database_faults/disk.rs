//! A disk that is full, fails, or takes no writes.

use super::shop::{BUSY, FACTOR, Payments, limit};
use crate::harness::{Demo, Setup, spoken};

/// Bytes of a page of the disk.
const BLOCK_BYTES: usize = 4096;
/// Many more payments than find room in the few pages that are left.
const PAYMENTS_MAX: usize = 500;

const DISK_MIB: u32 = 16;

/// Payments whose commits come to several times the small disk.
const LOAD_ROUNDS: usize = 60;
const LOAD_TILLS: usize = 4;

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
    let payments = Payments::default();
    let first = payments.recovers(&demo).await;
    for blocks in 0..8 {
        obstacle.put(&setup, &demo, blocks * BLOCK_BYTES);
        let mut heard = Vec::new();
        while heard.last().is_none_or(|word| word != BUSY) {
            assert!(
                heard.len() < PAYMENTS_MAX,
                "with {blocks} pages left nothing is refused: {heard:?}"
            );
            heard.push(payments.pay(&demo).await.1);
        }
        let known = demo.till.query(&first).await;
        assert_eq!(known.state(), Some(1), "reads work: {}", known.text);
        if blocks == 0 {
            let (status, words) = demo.readiness().await;
            assert_eq!(status, 503, "{words}");
            assert!(words.contains(cure), "{words}");
        }
        obstacle.take_away(&setup, &demo);
        payments.recovers(&demo).await;
    }
    payments.all_end_well(&setup, &demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_payments_and_takes_them_again_when_there_is_room() {
    let mut setup = Setup::new("full", FACTOR);
    if setup.move_to_small_disk(DISK_MIB) {
        refuses_and_goes_on(setup, Obstacle::Full, "make room").await;
    } else {
        println!(
            "not tried here: a full disk, since nothing can be mounted; a limit of the process stands for it"
        );
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
    if !setup.move_to_small_disk(DISK_MIB) {
        println!("not tried here: a folder on a read-only disk, since nothing can be mounted");
        return;
    }
    let payments = Payments::default();
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
        payments.recovers(&demo).await;
        demo.kill();
    }
    let demo = setup.start().await;
    payments.all_end_well(&setup, &demo).await;
}

/// Without a pause in which the log would be copied into the file anyway.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_small_disk_the_log_is_copied_into_the_file_before_it_fills_the_disk() {
    let mut setup = Setup::new("small", FACTOR);
    if !setup.move_to_small_disk(DISK_MIB) {
        println!("not tried here: a small disk, since nothing can be mounted");
        return;
    }
    let demo = setup.start().await;
    let payments = Payments::default();
    let log_bytes = || std::fs::metadata(setup.file("heliu.db-wal")).map_or(0, |log| log.len());
    let mut longest = 0;
    for _ in 0..LOAD_ROUNDS {
        let tills = (0..LOAD_TILLS).map(|_| payments.pay(&demo));
        for (number, heard) in futures::future::join_all(tills).await {
            assert_eq!(heard, "SUCCESS", "{number}");
        }
        longest = longest.max(log_bytes());
    }
    let disk_bytes = u64::from(DISK_MIB) << 20;
    assert!(longest * 2 < disk_bytes, "the log took {longest} bytes");
    payments.all_end_well(&setup, &demo).await;
}
