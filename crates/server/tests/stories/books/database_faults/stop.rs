//! A stop under load, and what a start says of files that were damaged while nobody looked.

use super::shop::{FACTOR, Payments};
use crate::harness::{Setup, eventually, fresh, spoken};

const TILLS: usize = 20;
/// The channel never answers: it was paid, or nothing happened.
const SILENT_PAID: &str = "284214903060794796";
const SILENT_UNPAID: &str = "284214903060794797";
/// Bytes of a page of the books.
const PAGE_BYTES: usize = 8192;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_answers_what_is_under_way_and_takes_nothing_new() {
    let setup = Setup::new("stop", FACTOR);
    let demo = setup.start().await;
    let pays = |code: &'static str| {
        let (till, number) = (demo.till.clone(), fresh("stop"));
        let waiting = tokio::spawn({
            let number = number.clone();
            async move { till.try_order(&number, 158, code).await }
        });
        (number, waiting)
    };
    let mut payments: Vec<_> = (0..TILLS).map(|_| pays(SILENT_PAID)).collect();
    payments.push(pays(SILENT_UNPAID));
    for (number, _) in &payments {
        eventually("the payment is under way", async || {
            demo.till.query(number).await.state()
        })
        .await;
    }
    let (address, till) = (demo.address().to_owned(), demo.till.clone());
    let status = demo.stop().await;
    assert!(status.success(), "it ended with {status}");
    assert!(tokio::net::TcpStream::connect(&address).await.is_err());
    let late = till.try_order(&fresh("late"), 158, SILENT_PAID).await;
    late.expect_err("nothing new is taken");
    let mut unsettled = Vec::new();
    let known = Payments::default();
    for (number, waiting) in payments {
        let answer = waiting.await.unwrap();
        let answer = answer.unwrap_or_else(|cut| panic!("{number} was cut: {cut}"));
        known.note(&number, answer.outcome());
        unsettled.push((number, answer.outcome() == "SUCCESS"));
    }
    let paid = unsettled.iter().filter(|(_, is_paid)| *is_paid).count();
    assert_eq!(paid, TILLS, "{unsettled:?}");
    let demo = setup.start().await;
    for (number, is_paid) in unsettled {
        eventually("it has ended", async || {
            let state = demo.till.query(&number).await.state();
            (state != Some(0) && (state == Some(1)) == is_paid).then_some(())
        })
        .await;
    }
    known.all_end_well(&setup, &demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_refused_by_the_start_and_named_by_the_check() {
    let setup = Setup::new("damage", FACTOR);
    let demo = setup.start().await;
    let payments = Payments::default();
    payments.recovers(&demo).await;
    // Closed books stand in the file; those of a killed process stand in the log too.
    assert!(demo.stop().await.success());
    let path = setup.data().join("heliu.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let sound = bytes.clone();
    bytes[PAGE_BYTES..PAGE_BYTES * 12].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    for refused in [setup.second_demo().await, setup.run(&["books", "check"])] {
        let words = spoken(&refused);
        assert!(!refused.status.success(), "{words}");
        assert!(
            words.contains("heliu.db is damaged") && words.contains("restore a backup"),
            "{words}"
        );
        assert!(!words.contains("panicked"), "{words}");
    }
    // A copy that was put back is served.
    std::fs::write(&path, sound).unwrap();
    let demo = setup.start().await;
    payments.recovers(&demo).await;
    payments.all_end_well(&setup, &demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn books_that_are_gone_do_not_begin_anew() {
    let setup = Setup::new("gone", FACTOR);
    let demo = setup.start().await;
    let payments = Payments::default();
    payments.recovers(&demo).await;
    assert!(demo.stop().await.success());
    let (books, away) = (setup.file("heliu.db"), setup.file("away.db"));
    std::fs::rename(&books, &away).unwrap();
    let refused = setup.second_demo().await;
    assert!(!refused.status.success(), "{}", spoken(&refused));
    let words = spoken(&refused);
    assert!(
        words.contains("heliu.db is gone") && words.contains("backup"),
        "{words}"
    );
    assert!(!books.exists(), "nothing was begun");
    std::fs::rename(&away, &books).unwrap();
    let demo = setup.start().await;
    payments.recovers(&demo).await;
    payments.all_end_well(&setup, &demo).await;
}
