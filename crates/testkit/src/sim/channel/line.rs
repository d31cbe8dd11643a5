//! The line between us and a bank: what was sent goes on whether or not we live to hear the answer.

use std::sync::Arc;
use std::time::Duration;

use heliu_trade::verdict::Unknown;
use tokio::sync::oneshot;

use super::bank::{Bank, unknown};
use super::conduct::Conduct;
use crate::sim::stage::{Stage, wait_ms};

/// How often the house crashes just after a request has left it, in a thousand.
const CRASHES_PER_MILLE: i64 = 10;

/// The nonsense that a channel sometimes says.
pub(super) fn nonsense() -> Unknown {
    unknown("system error")
}

/// The line of one bank.
#[derive(Clone, Copy)]
pub(in crate::sim) struct Line<'a> {
    pub(in crate::sim) name: &'a str,
    pub(in crate::sim) stage: &'a Arc<Stage>,
    pub(in crate::sim) conduct: &'a Conduct,
}

/// What is asked, about which number, and how long an answer is waited for.
#[derive(Clone, Copy)]
pub(in crate::sim) struct Asking<'a> {
    pub(in crate::sim) what: &'a str,
    pub(in crate::sim) subject: &'a str,
    pub(in crate::sim) timeout_ms: i64,
}

impl Bank {
    /// Asks the bank for a deed. What goes wrong leaves the caller without knowledge.
    pub(super) async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        what: &str,
        subject: &str,
        timeout_ms: i64,
        deed: impl FnOnce(&Arc<Self>) -> T + Send + 'static,
    ) -> Result<T, Unknown> {
        let line = Line {
            name: self.name,
            stage: &self.stage,
            conduct: &self.conduct,
        };
        let asking = Asking {
            what,
            subject,
            timeout_ms,
        };
        let bank = Arc::clone(self);
        line.call(asking, move || deed(&bank)).await
    }
}

impl Line<'_> {
    /// How long a message is under way, in ms; now and then longer than anybody waits.
    fn way_ms(self) -> i64 {
        let dice = &self.stage.dice;
        if self.stage.trouble(self.conduct.is_slow) {
            dice.between(1_000, 40_000)
        } else {
            dice.between(2, 250)
        }
    }

    /// Asks for a deed. What goes wrong leaves the caller without knowledge.
    pub(in crate::sim) async fn call<T: Send + 'static>(
        self,
        asking: Asking<'_>,
        deed: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unknown> {
        let Asking {
            what,
            subject,
            timeout_ms,
        } = asking;
        let (stage, conduct) = (self.stage, self.conduct);
        let arrives = !stage.trouble(conduct.loses_requests);
        let answers = !stage.trouble(conduct.loses_answers);
        let (there_ms, back_ms) = (self.way_ms(), self.way_ms());
        let fate = match (arrives, answers) {
            (false, _) => ", never arrives",
            (true, false) => ", the answer is lost",
            _ => "",
        };
        let more = format!("{there_ms}+{back_ms} ms{fate}");
        stage.line(self.name, what, subject, &more);
        let (answer, answered) = oneshot::channel();
        stage.begin(async move {
            if !arrives {
                return;
            }
            wait_ms(there_ms).await;
            let said = deed();
            if answers {
                wait_ms(back_ms).await;
                let _ = answer.send(said);
            }
        });
        stage.perhaps_crash(CRASHES_PER_MILLE).await;
        let timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        match tokio::time::timeout(timeout, answered).await {
            Err(_) => Err(unknown("no answer in time")),
            Ok(Err(_)) => Err(unknown("the connection broke")),
            Ok(Ok(_)) if stage.trouble(conduct.answers_nonsense) => Err(nonsense()),
            Ok(Ok(said)) => Ok(said),
        }
    }
}
