//! Out of file descriptors; a log that cannot be written.

use super::shop::{FACTOR, Payments, limit};
use crate::harness::{Demo, Setup, eventually};

const REFUSED: &str = "connections cannot be accepted";
const ACCEPTED: &str = "connections are accepted again";

/// The platform's and the sandbox's, of which each speaks for itself.
const LISTENERS: usize = 2;

/// How often something was said.
fn count(demo: &Demo, words: &str) -> usize {
    demo.log().matches(words).count()
}

/// How many files the process may have open now.
fn files_max(demo: &Demo) -> String {
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", demo.process_id())).unwrap();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    soft.unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn out_of_file_descriptors_it_says_so_once_and_goes_on_when_there_are_some() {
    let setup = Setup::new("descriptors", FACTOR);
    let demo = setup.start().await;
    let payments = Payments::default();
    payments.recovers(&demo).await;
    let many = files_max(&demo);
    for _ in 0..2 {
        let said = count(&demo, REFUSED);
        let open = std::fs::read_dir(format!("/proc/{}/fd", demo.process_id()));
        limit(&demo, &format!("--nofile={}:", open.unwrap().count()));
        let waiting = futures::future::join_all(
            (0..20).map(|_| tokio::net::TcpStream::connect(demo.address())),
        )
        .await;
        eventually("it says that it cannot", async || {
            (count(&demo, REFUSED) > said).then_some(())
        })
        .await;
        let trying = payments.pay(&demo);
        let patience = std::time::Duration::from_millis(300);
        // It may get through over a connection that is there, or wait with the others.
        let _payment = tokio::time::timeout(patience, trying).await;
        // A file that came free lets one in; each shortage is said once, however often it is tried.
        assert!(count(&demo, REFUSED) <= count(&demo, ACCEPTED) + LISTENERS);
        limit(&demo, &format!("--nofile={many}:"));
        drop(waiting);
        payments.recovers(&demo).await;
        eventually("it says that it can", async || {
            // Said at the first connection after a while without a refusal.
            for listener in ["platform", "sandbox"] {
                let address = demo.about.str(listener).trim_start_matches("http://");
                let _one = tokio::net::TcpStream::connect(address).await;
            }
            (count(&demo, REFUSED) == count(&demo, ACCEPTED)).then_some(())
        })
        .await;
    }
    assert!(!demo.log().contains("panicked"));
    payments.all_end_well(&setup, &demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_written_ends_nothing() {
    let mut setup = Setup::new("log", FACTOR);
    let everything = "RUST_LOG=debug exec \"$0\" \"$@\" >/dev/full 2>/dev/full";
    setup.start_by(&["sh", "-c", everything]);
    let mut demo = setup.start().await;
    let payments = Payments::default();
    for _ in 0..5 {
        payments.recovers(&demo).await;
    }
    assert_eq!(demo.ended(), None);
    assert_eq!(demo.log(), "", "nothing of it came here");
    setup.start_by(&[]);
    payments.all_end_well(&setup, &demo).await;
}
