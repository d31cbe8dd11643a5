//! Jobs and notifications: written with what makes them necessary, taken by one worker at a time.

use std::sync::Arc;

use heliu_trade::followup::deliver::Deliver;
use heliu_trade::followup::job::{JobKey, JobKind};
use heliu_trade::followup::notification::NotificationState;
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::OrderNo;
use heliu_trade::step::{Action, Target};
use heliu_trade::time::MINUTE_MS;

use super::steps::{START, Till};
use crate::store::{JobClass, NotificationFilter, Store};

const LEASE_MS: i64 = 30_000;

pub(super) async fn a_job_is_claimed_once_and_comes_back(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    assert_eq!(store.next_job_at().await, Ok(None));
    till.order("n", 100).await;
    let due_at = store
        .next_job_at()
        .await
        .expect("read")
        .expect("a job asks the channel");
    assert!(
        store
            .claim_jobs(JobClass::Money, START, LEASE_MS, 10)
            .await
            .expect("claim")
            .is_empty(),
        "not yet due"
    );

    let claimed = store
        .claim_jobs(JobClass::Money, due_at, LEASE_MS, 10)
        .await
        .expect("claim");
    let job = claimed.first().expect("it is due");
    assert_eq!(
        (claimed.len(), job.key.kind, job.tries),
        (1, JobKind::QueryUnknown, 1)
    );
    assert_eq!(job.due_at, due_at.plus_ms(LEASE_MS));
    assert_eq!(store.next_job_at().await, Ok(Some(job.due_at)));
    let again = store
        .claim_jobs(JobClass::Money, due_at.plus_ms(1), LEASE_MS, 10)
        .await
        .expect("claim");
    assert!(again.is_empty(), "a worker holds it");

    let later = due_at.plus_ms(5_000);
    store
        .return_job(job.key.clone(), later)
        .await
        .expect("returned");
    assert_eq!(store.next_job_at().await, Ok(Some(later)));
    let again = store
        .claim_jobs(JobClass::Money, later, LEASE_MS, 10)
        .await
        .expect("claim");
    assert_eq!(again.first().map(|job| job.tries), Some(2));
    let after_lease = later.plus_ms(LEASE_MS);
    let again = store
        .claim_jobs(JobClass::Money, after_lease, LEASE_MS, 10)
        .await
        .expect("claim");
    assert_eq!(
        again.first().map(|job| job.tries),
        Some(3),
        "a lease that ended frees its job"
    );

    let order_no = OrderNo(job.key.subject.no);
    till.pay(order_no, 100).await.expect("recorded");
    store
        .return_job(job.key.clone(), START)
        .await
        .expect("a job that is gone is not missed");
    let story = store
        .order_story(&till.merchant, order_no)
        .await
        .expect("read")
        .expect("known");
    let kinds: Vec<_> = story
        .book
        .trail
        .jobs
        .iter()
        .map(|job| job.key.kind)
        .collect();
    assert_eq!(
        kinds,
        [JobKind::NotifyMerchant],
        "a paid order asks nothing more"
    );
}

pub(super) async fn a_claim_takes_the_earliest_first(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let first = till.order("first", 100).await;
    let second = till.order("second", 100).await;
    let paid = till.paid("paid", 100).await;
    let at = START.plus_ms(60_000);
    let mut claimed = Vec::new();
    for (class, limit) in [
        (JobClass::Money, 1),
        (JobClass::Money, 9),
        (JobClass::Delivery, 9),
    ] {
        let jobs = store.claim_jobs(class, at, LEASE_MS, limit).await;
        claimed.extend(
            jobs.expect("claim")
                .into_iter()
                .map(|job| OrderNo(job.key.subject.no)),
        );
    }
    assert_eq!(claimed, [first, second, paid], "deliveries are taken apart");
}

pub(super) async fn a_commit_says_when_its_earliest_job_is_due(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let created = till.create("n", 100).await.expect("accepted");
    assert_eq!(
        created.next_job_at,
        store.next_job_at().await.expect("read")
    );
    let order_no = created.after.order.expect("an order").order_no;
    let paid = till.pay(order_no, 100).await.expect("recorded");
    assert_eq!(
        paid.next_job_at,
        Some(START.plus_ms(1000)),
        "the notification is due at once"
    );
    let repeated = till.pay(order_no, 100).await.expect("recorded");
    assert_eq!(repeated.next_job_at, None, "nothing was written");
}

pub(super) async fn a_notification_is_delivered_until_it_is_acknowledged(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let order_no = till.paid("n", 100).await;
    till.paid("n-2", 100).await;
    let due = NotificationFilter {
        number: None,
        state: Some(NotificationState::Due),
        limit: 10,
    };
    let listed = store.list_notifications(due.clone()).await.expect("read");
    assert_eq!(listed.len(), 2);
    let numbers: Vec<_> = listed.iter().map(|n| n.notification_no).collect();
    assert!(numbers.is_sorted_by(|a, b| a > b), "newest first");
    let notification = listed
        .into_iter()
        .find(|n| n.subject.no == order_no.0)
        .expect("one for each order");

    let target = || Target::Notification(order_no, notification.notification_no);
    for (try_index, is_acknowledged) in [(1, false), (2, true)] {
        let now = START.plus_ms(2000 + i64::from(try_index) * 5000);
        let body = format!("body {try_index}");
        let begin = Action::Deliver(Deliver::Begin { body });
        let begun = till.commit(target(), now, begin).await.expect("recorded");
        assert_eq!(begun.next_job_at, None, "its worker holds the job");
        let answer = format!("answer {try_index}");
        let end = Action::Deliver(Deliver::End {
            is_acknowledged,
            answer,
            next_gap_ms: Some(4000),
        });
        till.commit(target(), now.plus_ms(700), end)
            .await
            .expect("recorded");
    }
    let number = notification.notification_no;
    let found = store
        .find_notification(&till.subject(order_no), number)
        .await
        .expect("read");
    let found = found.expect("known");
    assert_eq!(
        (found.state, found.tries),
        (NotificationState::Acknowledged, 2)
    );
    assert_eq!(
        found.body.as_deref(),
        Some("body 1"),
        "the first bytes are repeated"
    );
    let story = store
        .order_story(&till.merchant, order_no)
        .await
        .expect("read")
        .expect("known");
    let deliveries: Vec<_> = story
        .book
        .trail
        .deliveries
        .iter()
        .map(|d| (d.try_index, d.begun_at, d.ended_at, d.answer.clone()))
        .collect();
    let expected = [1, 2].map(|try_index| {
        let begun_at = START.plus_ms(2000 + i64::from(try_index) * 5000);
        (
            try_index,
            begun_at,
            Some(begun_at.plus_ms(700)),
            Some(format!("answer {try_index}")),
        )
    });
    assert_eq!(deliveries, expected);
    assert!(story.book.trail.jobs.is_empty());
    assert_eq!(store.list_notifications(due).await.expect("read").len(), 1);
    let newest = NotificationFilter {
        number: None,
        state: None,
        limit: 1,
    };
    let newest = store.list_notifications(newest).await.expect("read");
    assert_eq!(
        newest.first().map(|n| Some(n.notification_no)),
        numbers.first().map(|n| Some(*n))
    );
    let none = store
        .find_notification(
            &Subject::of_merchant(&"merchant-2".into(), order_no.0),
            number,
        )
        .await;
    assert_eq!(none, Ok(None));
}

pub(super) async fn a_job_that_a_wrong_clock_planned_is_pulled_back(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let order_no = till.order("n", 100).await;
    let taken = async |now| {
        let jobs = store.claim_jobs(JobClass::Money, now, LEASE_MS, 10).await;
        jobs.expect("claim").len()
    };
    // The clock was a year ahead: the job was taken then, and given back for a moment of that year.
    let year_ahead = START.plus_ms(365 * 24 * 60 * MINUTE_MS);
    for is_held in [true, false] {
        assert_eq!(taken(year_ahead).await, 1);
        if !is_held {
            let key = JobKey {
                subject: Subject::of_merchant(&till.merchant, order_no.0),
                kind: JobKind::QueryUnknown,
                about: order_no.as_u64(),
            };
            let at = year_ahead.plus_ms(5_000);
            store.return_job(key, at).await.expect("returned");
        }
        let now = START.plus_ms(60_000);
        assert_eq!(taken(now).await, 0);
        store.pull_back(now, LEASE_MS).await.expect("pulled back");
        // Whoever holds it keeps it for another lease.
        let due_at = now.plus_ms(if is_held { LEASE_MS } else { 0 });
        assert_eq!(store.next_job_at().await, Ok(Some(due_at)));
    }
    // Plans that can be are left alone.
    let now = START.plus_ms(60_000);
    assert_eq!(taken(now).await, 1);
    let planned = store.next_job_at().await;
    assert_eq!(planned, Ok(Some(now.plus_ms(LEASE_MS))));
    store.pull_back(now, LEASE_MS).await.expect("nothing to do");
    assert_eq!(store.next_job_at().await, planned);
}
