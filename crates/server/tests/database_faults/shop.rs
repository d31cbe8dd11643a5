//! What the stories share: payments, limits of a running process, and the end of each story.

use std::process::Command;

use crate::harness::{Demo, Setup, eventually, fresh};

pub(crate) const FACTOR: u64 = 20;
/// What a till of this dialect is told when the books are away: ask before you try again.
pub(crate) const BUSY: &str = "DATABASE_ERROR";
/// The payer pays at once.
const PAYS: &str = "134886863488188600";

/// Tries one payment: its number, and what the till heard; a connection without an answer counts as busy.
pub(crate) async fn pay(demo: &Demo) -> (String, String) {
    let number = fresh("pay");
    let heard = match demo.till.try_order(&number, 158, PAYS).await {
        Ok(answer) => answer.outcome().to_owned(),
        Err(_) => BUSY.to_owned(),
    };
    (number, heard)
}

/// Waits until readiness says yes, and a payment goes through.
pub(crate) async fn recovers(demo: &Demo) -> String {
    eventually("readiness says yes", async || {
        (demo.readiness().await.0 == 200).then_some(())
    })
    .await;
    eventually("a payment goes through", async || {
        let (number, heard) = pay(demo).await;
        (heard == "SUCCESS").then_some(number)
    })
    .await
}

/// Every order that the books know ends, those that were answered as paid; the books balance.
pub(crate) async fn all_ends_well(setup: &Setup, demo: &Demo, payments: &[(String, String)]) {
    for (number, heard) in payments {
        eventually(&format!("{number} ends"), async || {
            let answer = demo.till.query(number).await;
            match answer.state() {
                Some(1) => Some(()),
                Some(0) => None,
                _ if heard == "SUCCESS" => panic!("{number} was paid: {}", answer.text),
                _ => (answer.outcome() != BUSY).then_some(()),
            }
        })
        .await;
    }
    setup.assert_books_balance();
}

/// Sets a limit of a running process, such as `--nofile=20:`.
pub(crate) fn limit(demo: &Demo, limit: &str) {
    let process = demo.process_id().to_string();
    let set = Command::new("prlimit")
        .args(["--pid", &process, limit])
        .output();
    let set = set.unwrap();
    assert!(set.status.success(), "{set:?}");
}
