//! What the stories share: payments, limits of a running process, and the end of each story.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;

use crate::harness::{
    Answer, Demo, Setup, assert_agreed, assert_no_other_orders, end_of, eventually, fresh,
};

pub(crate) const FACTOR: u64 = 20;
/// What a till of this dialect is told when the books are away: ask before you try again.
pub(crate) const BUSY: &str = "DATABASE_ERROR";
/// The payer pays at once.
const PAYS: &str = "134886863488188600";
const PRICE_FEN: i64 = 158;

/// Every payment that was tried, also one that nobody waited for, and what its till heard.
#[derive(Default)]
pub(crate) struct Payments(Mutex<BTreeMap<String, String>>);

impl Payments {
    /// Tries one payment: its number, and what the till heard; a connection without an answer
    /// counts as busy.
    pub(crate) async fn pay(&self, demo: &Demo) -> (String, String) {
        let number = fresh("pay");
        self.note(&number, BUSY);
        if let Ok(answer) = demo.till.try_order(&number, PRICE_FEN, PAYS).await {
            self.note(&number, answer.outcome());
        }
        let heard = self.0.lock().unwrap()[&number].clone();
        (number, heard)
    }

    /// What a till heard of a payment.
    pub(crate) fn note(&self, number: &str, heard: &str) {
        let mut all = self.0.lock().unwrap();
        all.insert(number.to_owned(), heard.to_owned());
    }

    /// Waits until readiness says yes, and a payment goes through.
    pub(crate) async fn recovers(&self, demo: &Demo) -> String {
        eventually("readiness says yes", async || {
            (demo.readiness().await.0 == 200).then_some(())
        })
        .await;
        eventually("a payment goes through", async || {
            let (number, heard) = self.pay(demo).await;
            (heard == "SUCCESS").then_some(number)
        })
        .await
    }

    /// Every order that the books know ends as the channel has it, those that were answered as
    /// paid; the channel has no other, and the books balance.
    pub(crate) async fn all_end_well(self, setup: &Setup, demo: &Demo) {
        let (till, sandbox) = (&demo.till, &demo.sandbox);
        let mut ends = Vec::new();
        for (number, heard) in self.0.into_inner().unwrap() {
            let was_told = heard == "SUCCESS";
            let paid = assert_agreed(till, sandbox, &number, PRICE_FEN, was_told).await;
            assert!(paid || !was_told, "{number} was paid");
            ends.extend(end_of(till, &number).await);
        }
        let attempt_of = |end: &Answer| vec![end.str("trade_no").to_owned()];
        assert_no_other_orders(sandbox, &ends, attempt_of).await;
        setup.assert_books_balance();
    }
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
