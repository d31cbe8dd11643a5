//! Out of file descriptors; a log that cannot be written.

use super::shop::{FACTOR, all_ends_well, limit, pay, recovers};
use crate::harness::{Setup, eventually};

/// How many files the process may open beside those that it has: none.
const MORE: usize = 0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn out_of_file_descriptors_it_says_so_once_and_goes_on_when_there_are_some() {
    const REFUSED: &str = "connections cannot be accepted";
    let setup = Setup::new("descriptors", FACTOR);
    let demo = setup.start().await;
    recovers(&demo).await;
    let mut payments = Vec::new();
    for round in 1..=2 {
        let open = std::fs::read_dir(format!("/proc/{}/fd", demo.process_id()));
        let open = open.unwrap().count();
        limit(&demo, &format!("--nofile={}:", open + MORE));
        let waiting = futures::future::join_all(
            (0..20).map(|_| tokio::net::TcpStream::connect(demo.address())),
        )
        .await;
        eventually("it says that it cannot", async || {
            (demo.log().matches(REFUSED).count() >= round).then_some(())
        })
        .await;
        let trying = pay(&demo);
        let limit_ms = std::time::Duration::from_millis(300);
        // It may get through over a connection that is there, or wait with the others.
        if let Ok(payment) = tokio::time::timeout(limit_ms, trying).await {
            payments.push(payment);
        }
        assert_eq!(
            demo.log().matches(REFUSED).count(),
            round,
            "said once, however often it is tried"
        );
        limit(&demo, "--nofile=4096:");
        drop(waiting);
        let number = recovers(&demo).await;
        payments.push((number, "SUCCESS".to_owned()));
        eventually("it says that it can", async || {
            (demo.log().matches("connections are accepted again").count() >= round).then_some(())
        })
        .await;
    }
    assert!(!demo.log().contains("panicked"));
    all_ends_well(&setup, &demo, &payments).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_written_ends_nothing() {
    let mut setup = Setup::new("log", FACTOR);
    let everything = "RUST_LOG=debug exec \"$0\" \"$@\" >/dev/full 2>/dev/full";
    setup.start_by(&["sh", "-c", everything]);
    let mut demo = setup.start().await;
    let mut payments = Vec::new();
    for _ in 0..5 {
        payments.push((recovers(&demo).await, "SUCCESS".to_owned()));
    }
    assert_eq!(demo.ended(), None);
    assert_eq!(demo.log(), "", "nothing of it came here");
    setup.start_by(&[]);
    all_ends_well(&setup, &demo, &payments).await;
}
