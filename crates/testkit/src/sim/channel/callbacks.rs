//! Channels' callbacks: lost, doubled, before the answer or long after it.

use std::sync::Arc;

use heliu_ports::channel::CallbackNews;
use heliu_trade::verdict::Verdict;

use super::bank::Bank;
use crate::sim::stage::wait_ms;

/// Waits before a callback comes again that was not acknowledged, in ms.
const AGAIN_MS: [i64; 6] = [5_000, 15_000, 30_000, 180_000, 600_000, 1_800_000];
/// How often a callback comes that must be heard.
const TRIES_MAX: usize = 200;

impl Bank {
    /// Sends news until they are acknowledged or nobody has patience any more; those that
    /// `must_be_heard` are not given up.
    pub(super) fn report(
        self: &Arc<Self>,
        number: &str,
        url: &str,
        news: CallbackNews,
        must_be_heard: bool,
    ) {
        let Some(token) = url.rsplit('/').next().map(str::to_owned) else {
            return;
        };
        let bank = Arc::clone(self);
        let number = number.to_owned();
        self.stage.begin(async move {
            bank.keep_reporting(&number, &token, news, must_be_heard)
                .await;
        });
    }

    async fn keep_reporting(
        &self,
        number: &str,
        token: &str,
        news: CallbackNews,
        must_be_heard: bool,
    ) {
        let (stage, post, conduct) = (&self.stage, &self.post, &self.conduct);
        let true_place = post.write(number, news.clone());
        let tries_max = if must_be_heard {
            TRIES_MAX
        } else {
            AGAIN_MS.len()
        };
        for index in 0..tries_max {
            let pause_ms = match index {
                0 => stage.dice.between(0, 3_000),
                _ => AGAIN_MS[(index - 1).min(AGAIN_MS.len() - 1)],
            };
            wait_ms(pause_ms).await;
            if stage.trouble(conduct.loses_callbacks) {
                self.line("callback lost", number, "");
                continue;
            }
            let misstated = misstated(&news).filter(|_| stage.trouble(3));
            let place = misstated.map_or(true_place, |news| post.write(number, news));
            let status = post.send(token, place).await;
            self.line("callback", number, &format!("answered {status:?}"));
            let is_heard = status == Some(200) && place == true_place;
            if is_heard && !stage.trouble(conduct.repeats_callbacks) {
                return;
            }
        }
    }
}

/// The same news with another amount.
fn misstated(news: &CallbackNews) -> Option<CallbackNews> {
    match news {
        CallbackNews::Payment(Verdict::Paid(evidence)) => {
            let mut evidence = evidence.clone();
            evidence.payable_fen += 1;
            Some(CallbackNews::Payment(Verdict::Paid(evidence)))
        }
        CallbackNews::Refund {
            refund_no,
            refund_fen,
            result,
        } => Some(CallbackNews::Refund {
            refund_no: refund_no.clone(),
            refund_fen: refund_fen + 1,
            result: result.clone(),
        }),
        _ => None,
    }
}
