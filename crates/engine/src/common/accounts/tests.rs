//! Accounts over time that is paused: what is asserted is counts, never how long something takes.

use futures::future::join_all;
use tokio::time::{advance, sleep};

use super::*;

const CALL_MS: i64 = 5_000;

fn ms(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs())
}

/// Two accounts: one that never answers, and one that does at once.
#[derive(Default)]
struct Channels(Accounts);

impl Channels {
    async fn ask(&self, account: &str, errand: Errand) -> Result<(), Busy> {
        let account = ChannelAccountId::from(account);
        let _place = self.0.enter(&account, errand, ms).await?;
        let is_hung = account.as_str() == "hung";
        sleep(ms(if is_hung { CALL_MS } else { 10 })).await;
        self.0.heard(&account, !is_hung, ms);
        Ok(())
    }

    async fn ask_many(&self, account: &str, errand: Errand, count: usize) -> usize {
        let all = (0..count).map(|_| self.ask(account, errand));
        join_all(all).await.iter().flatten().count()
    }
}

#[tokio::test(start_paused = true)]
async fn seven_hundred_orders_of_a_hung_account_take_no_place_of_another_one() {
    let channels = Channels::default();
    let hung = channels.ask_many("hung", Errand::Ask, 700);
    let well = async {
        sleep(ms(1)).await;
        let began = Instant::now();
        let asked = channels.ask_many("well", Errand::Ask, 64).await;
        (asked, began.elapsed())
    };
    let (_, well) = futures::join!(hung, well);
    assert_eq!(well, (64, ms(10)));
}

#[tokio::test(start_paused = true)]
async fn a_silent_account_is_asked_a_few_times_at_once_and_ever_less_often() {
    let channels = Channels::default();
    assert_eq!(channels.ask_many("hung", Errand::Ask, 700).await, 64);
    for spacing_ms in [5_000, 10_000, 20_000, 20_000] {
        let askings = join_all((0..50).map(|_| channels.ask("hung", Errand::Ask)));
        let results = askings.await;
        assert_eq!(results.iter().flatten().count(), PROBES);
        assert!(results.contains(&Err(Busy(spacing_ms))), "{spacing_ms}");
        advance(ms(spacing_ms)).await;
    }
    // What cannot wait goes all the same.
    assert_eq!(channels.ask_many("hung", Errand::AskLast, 256).await, 256);
    assert_eq!(channels.ask_many("hung", Errand::Settle, 32).await, 32);
    // One answer, and all is as before.
    channels.0.heard(&"hung".into(), true, ms);
    assert_eq!(channels.ask_many("hung", Errand::Ask, 64).await, 64);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_answers_now_and_then_is_not_silent() {
    let channels = Channels::default();
    let account = ChannelAccountId::from("well");
    for _ in 0..10 {
        channels.0.heard(&account, false, ms);
        channels.0.heard(&account, false, ms);
        channels.0.heard(&account, true, ms);
    }
    assert_eq!(channels.ask_many("well", Errand::Ask, 300).await, 300);
}

#[tokio::test(start_paused = true)]
async fn no_more_wait_in_memory_than_there_is_room_for() {
    let channels = Channels::default();
    for errand in [Errand::AskLast, Errand::Settle] {
        let count = errand.places() + errand.room();
        assert_eq!(channels.ask_many("hung", errand, count + 100).await, count);
    }
}
