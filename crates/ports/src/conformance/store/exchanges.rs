//! The exchange log: found by number, capped in lines and bytes, with a share for each app.

use std::sync::Arc;
use std::time::Duration;

use heliu_trade::id::{OrderNo, PlatformNo};

use super::steps::Till;
use crate::exchange::{BEGINNING_BYTES_MAX, ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use crate::exchange_shares::{Held, LogLimits};
use crate::store::{Commit, Store};

/// A log of few lines, and of more bytes than they take.
pub(super) const FEW_LINES: LogLimits = LogLimits(Held {
    rows: 200,
    bytes: 1 << 30,
});
/// A log of few bytes, and of more lines than fit into them.
pub(super) const FEW_BYTES: LogLimits = LogLimits(Held {
    rows: 1_000_000,
    bytes: 1024 * 1024,
});
/// Within which a store has tidied up; nothing is measured with it.
const PATIENCE: Duration = Duration::from_secs(30);

type Exchange = (ExchangeRequest, Option<ExchangeAnswer>);

async fn find(store: &Arc<dyn Store>, number: PlatformNo) -> Option<Exchange> {
    store.find_exchange(number).await.expect("read")
}

/// Writes an exchange with an order; its number.
async fn exchange(till: &Till, body: String) -> PlatformNo {
    let request = ExchangeRequest {
        body,
        ..till.request(till.number())
    };
    let number = request.exchange_no;
    let order_no = OrderNo(till.number());
    let commit = Commit {
        step: till.create_step(order_no, &number.to_string(), 100),
        exchange: Some(request),
        audit: None,
    };
    till.store.commit(commit).await.expect("accepted");
    number
}

/// The numbers of those that are still there, once `are_right` says so of them.
async fn settled(
    store: &Arc<dyn Store>,
    numbers: &[PlatformNo],
    are_right: impl Fn(&[Exchange]) -> bool,
) -> Vec<PlatformNo> {
    let waiting = async {
        loop {
            let mut there = Vec::new();
            for number in numbers {
                there.extend(find(store, *number).await);
            }
            if are_right(&there) {
                return there
                    .iter()
                    .map(|(request, _)| request.exchange_no)
                    .collect();
            }
            tokio::task::yield_now().await;
        }
    };
    let there = tokio::time::timeout(PATIENCE, waiting).await;
    there.expect("the log is cut to its caps")
}

pub(super) async fn an_exchange_is_found_by_its_number(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let number = exchange(&till, "{}".to_owned()).await;
    let (request, answer) = find(store, number).await.expect("it is there");
    assert_eq!((request.exchange_no, answer), (number, None));
    let answer = ExchangeAnswer {
        exchange_no: number,
        app_id: Some(till.app.clone()),
        status: 200,
        body: "{}".to_owned(),
        outcome: "ok".to_owned(),
        reading: None,
        signing: None,
        order_no: None,
        duration_ms: 1,
    };
    store.record(ExchangeRecord::Answer(answer.clone()));
    till.order("the record joins a later batch", 100).await;
    let found = find(store, number).await.expect("it is there");
    assert_eq!(found.1, Some(answer));
    assert_eq!(find(store, till.number()).await, None);
}

pub(super) async fn no_app_drives_out_another_nor_do_strangers(store: &Arc<dyn Store>) {
    let (quiet, loud) = (Till::new(store, 1), Till::new(store, 2));
    let (mut of_quiet, mut of_loud, mut of_strangers) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..20 {
        of_quiet.push(exchange(&quiet, "{}".to_owned()).await);
    }
    for _ in 0..100 {
        let request = ExchangeRequest {
            app_id: None,
            ..quiet.request(quiet.number())
        };
        of_strangers.push(request.exchange_no);
        store.record(ExchangeRecord::Request(request));
    }
    for _ in 0..600 {
        of_loud.push(exchange(&loud, "{}".to_owned()).await);
    }
    let all = [of_quiet.clone(), of_strangers.clone(), of_loud.clone()].concat();
    let capacity = usize::try_from(FEW_LINES.0.rows).expect("few");
    let left = settled(store, &all, |there| {
        let is_strangers = |(request, _): &&Exchange| request.app_id.is_none();
        let strangers = there.iter().filter(is_strangers).count();
        there.len() <= capacity && strangers <= capacity / 20
    })
    .await;
    let left_of = |numbers: &[PlatformNo]| {
        let is_left = |number: &&PlatformNo| left.contains(number);
        numbers.iter().filter(is_left).copied().collect::<Vec<_>>()
    };
    assert_eq!(
        left_of(&of_quiet),
        of_quiet,
        "who writes little loses nothing"
    );
    let strangers = left_of(&of_strangers);
    assert!(!strangers.is_empty());
    assert!(of_strangers.ends_with(&strangers), "their newest are left");
    let loud = left_of(&of_loud);
    assert!(
        loud.len() >= capacity / 2,
        "only {} of the loud one's",
        loud.len()
    );
    assert!(of_loud.ends_with(&loud), "its newest are left");
}

pub(super) async fn large_bodies_drive_nobody_out_and_are_soon_cut(store: &Arc<dyn Store>) {
    const LARGE: usize = 32 * 1024;
    let (quiet, loud) = (Till::new(store, 1), Till::new(store, 2));
    let mut of_quiet = Vec::new();
    for _ in 0..5 {
        of_quiet.push(exchange(&quiet, "q".repeat(1_000)).await);
    }
    let mut of_loud = vec![exchange(&loud, "x".repeat(LARGE)).await];
    let (request, _) = find(store, of_loud[0]).await.expect("it is there");
    assert_eq!(
        request.body.len(),
        LARGE,
        "within its share it is kept whole"
    );
    for _ in 0..300 {
        of_loud.push(exchange(&loud, "x".repeat(LARGE)).await);
    }
    let newest = of_loud.last().expect("many");
    let (request, _) = find(store, *newest).await.expect("it is there");
    let cut = "x".repeat(BEGINNING_BYTES_MAX) + "…";
    assert_eq!(
        request.body, cut,
        "beyond its share only the beginning is kept"
    );
    let newest = exchange(&quiet, "q".repeat(LARGE)).await;
    let (request, _) = find(store, newest).await.expect("it is there");
    assert_eq!(request.body.len(), LARGE, "another app has its own share");
    of_quiet.push(newest);
    let all = [of_quiet.clone(), of_loud].concat();
    let left = settled(store, &all, |there| {
        let taken: i64 = there
            .iter()
            .map(|(request, _)| request.bytes(&request.body))
            .sum();
        taken <= FEW_BYTES.0.bytes
    })
    .await;
    assert!(of_quiet.iter().all(|number| left.contains(number)));
}

pub(super) async fn answers_count_too(store: &Arc<dyn Store>) {
    let (quiet, loud) = (Till::new(store, 1), Till::new(store, 2));
    let of_quiet = exchange(&quiet, "{}".to_owned()).await;
    let mut of_loud = Vec::new();
    for _ in 0..100 {
        let number = exchange(&loud, "{}".to_owned()).await;
        store.record(ExchangeRecord::Answer(ExchangeAnswer {
            exchange_no: number,
            app_id: Some(loud.app.clone()),
            status: 200,
            body: "x".repeat(64 * 1024),
            outcome: "ok".to_owned(),
            reading: None,
            signing: Some("y".repeat(4 * 1024)),
            order_no: None,
            duration_ms: 1,
        }));
        of_loud.push(number);
    }
    loud.order("the last record joins a later batch", 100).await;
    let left = settled(
        store,
        &[&[of_quiet], of_loud.as_slice()].concat(),
        |there| {
            let taken = |(request, answer): &Exchange| {
                request.bytes(&request.body) + answer.as_ref().map_or(0, ExchangeAnswer::bytes)
            };
            there.iter().map(taken).sum::<i64>() <= FEW_BYTES.0.bytes
        },
    )
    .await;
    assert!(left.contains(&of_quiet));
    assert!(left.len() > 5 && left.contains(of_loud.last().expect("many")));
}
