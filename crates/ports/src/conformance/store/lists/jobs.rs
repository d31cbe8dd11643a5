//! Jobs and exchanges in a list.

use std::sync::Arc;

use heliu_trade::followup::job::JobKind;

use super::made::Dice;
use super::{FILTERS, all, made, naive, perhaps, span};
use crate::lists::{ExchangeFilter, ExchangeRow, Holder, JobFilter, JobRow, OutcomeFilter, Span};
use crate::store::Store;

pub(in super::super) async fn jobs_and_exchanges_are_listed_as_they_stand(store: &Arc<dyn Store>) {
    made::make(store).await;
    let books = naive::books(store).await;
    let mut expected: Vec<_> = books
        .iter()
        .flat_map(|book| book.trail.jobs.clone())
        .collect();
    expected.sort_by_key(|job| {
        let (subject, key) = (&job.key.subject, &job.key);
        let owner = subject.owner.name().into_owned();
        (job.due_at, owner, subject.no, key.kind.as_str(), key.about)
    });
    let found = all(|page| store.list_jobs(JobFilter::default(), page), 4).await;
    let jobs: Vec<_> = found.iter().map(|row| row.job.clone()).collect();
    assert_eq!(jobs, expected);
    let held: Vec<_> = found
        .iter()
        .filter(|row| row.held_by.is_some())
        .cloned()
        .collect();
    let node = held
        .first()
        .and_then(|row| row.held_by)
        .expect("somebody's");
    for (holder, count) in [
        (Holder::AnyNode, 3),
        (Holder::Node(node), 3),
        (Holder::Node(node + 1), 0),
        (Holder::Nobody, found.len() - 3),
    ] {
        let filter = JobFilter {
            held_by: Some(holder),
            ..JobFilter::default()
        };
        let listed = all(|page| store.list_jobs(filter.clone(), page), 50).await;
        assert_eq!(listed.len(), count, "{holder:?}");
    }
    let mut dice = Dice::new(3);
    let subjects: Vec<_> = jobs.iter().map(|job| job.key.subject.clone()).collect();
    let instants: Vec<_> = jobs.iter().map(|job| job.due_at).collect();
    for _ in 0..FILTERS {
        let filter = JobFilter {
            kinds: (0..dice.throw(3))
                .map(|_| *dice.of(&JobKind::ALL))
                .collect(),
            due: Span {
                from: perhaps(&mut dice, &instants),
                until: perhaps(&mut dice, &instants),
            },
            held_by: None,
            subject: perhaps(&mut dice, &subjects),
            merchant_id: perhaps(&mut dice, &["m-0".into(), "m-1".into()]),
        };
        let fits = |row: &&JobRow| {
            let (job, subject) = (&row.job, &row.job.key.subject);
            (filter.kinds.is_empty() || filter.kinds.contains(&job.key.kind))
                && filter.due.from.is_none_or(|from| job.due_at >= from)
                && filter.due.until.is_none_or(|until| job.due_at < until)
                && filter.subject.as_ref().is_none_or(|of| subject == of)
                && filter
                    .merchant_id
                    .as_ref()
                    .is_none_or(|id| subject.owner.merchant() == Some(id))
        };
        let expected: Vec<_> = found.iter().filter(fits).cloned().collect();
        let listed = all(|page| store.list_jobs(filter.clone(), page), 3).await;
        assert_eq!(listed, expected, "{filter:?}");
    }
    exchanges(store, &mut dice).await;
}

async fn exchanges(store: &Arc<dyn Store>, dice: &mut Dice) {
    let rows = all(
        |page| store.list_exchanges(ExchangeFilter::default(), page),
        9,
    )
    .await;
    assert!(
        rows.is_sorted_by(|a, b| a.exchange_no > b.exchange_no),
        "newest first, each once"
    );
    assert_eq!(rows.len(), 200, "two for each order");
    for row in &rows {
        let (request, answer) = store
            .find_exchange(row.exchange_no)
            .await
            .expect("read")
            .expect("known");
        assert_eq!(
            (row.at, &row.path, &row.peer),
            (request.at, &request.path, &request.peer)
        );
        let outcome = row.answer.as_ref().map(|answer| answer.outcome.clone());
        assert_eq!(outcome, answer.map(|answer| answer.outcome));
        let app = row.app_id.as_ref().map(|app| app.as_str());
        let merchant = match (row.dialect_id.as_str(), app) {
            ("wire", Some("app-0" | "app-x")) => Some("m-0"),
            ("wire", Some("app-1")) | ("other", Some("app-x")) => Some("m-1"),
            _ => None,
        };
        assert_eq!(row.merchant_id.as_ref().map(|id| id.as_str()), merchant);
    }
    let orders: Vec<_> = rows.iter().filter_map(|row| row.order_no).collect();
    let numbers: Vec<_> = rows.iter().map(|row| row.exchange_no).collect();
    let outcomes = [
        OutcomeFilter::Is("ok".to_owned()),
        OutcomeFilter::Is("paid".to_owned()),
        OutcomeFilter::Done,
        OutcomeFilter::Is("SIGN_ERROR".to_owned()),
        OutcomeFilter::Refused,
        OutcomeFilter::Unanswered,
    ];
    for _ in 0..FILTERS {
        let filter = ExchangeFilter {
            exchange_no: (dice.throw(8) == 0).then(|| *dice.of(&numbers)),
            came: span(dice),
            merchant_id: perhaps(dice, &["m-0".into(), "m-1".into()]),
            dialect_id: perhaps(dice, &["wire".into(), "other".into()]),
            app_id: perhaps(dice, &["app-0".into(), "app-x".into()]),
            order_no: (dice.throw(8) == 0).then(|| *dice.of(&orders)),
            outcome: perhaps(dice, &outcomes),
        };
        let fits = |row: &&ExchangeRow| {
            let word = row.answer.as_ref().map(|answer| answer.outcome.as_str());
            let is_outcome = match &filter.outcome {
                None => true,
                Some(OutcomeFilter::Is(wanted)) => word == Some(wanted),
                Some(OutcomeFilter::Done) => matches!(word, Some("ok" | "paid")),
                Some(OutcomeFilter::Refused) => word == Some("SIGN_ERROR"),
                Some(OutcomeFilter::Unanswered) => word.is_none(),
            };
            is_outcome
                && filter
                    .exchange_no
                    .is_none_or(|number| row.exchange_no == number)
                && naive::is_within(filter.came, row.exchange_no)
                && (filter.merchant_id.is_none() || filter.merchant_id == row.merchant_id)
                && filter
                    .dialect_id
                    .as_ref()
                    .is_none_or(|id| row.dialect_id == *id)
                && (filter.app_id.is_none() || filter.app_id == row.app_id)
                && (filter.order_no.is_none() || filter.order_no == row.order_no)
        };
        let expected: Vec<_> = rows.iter().filter(fits).cloned().collect();
        let listed = all(|page| store.list_exchanges(filter.clone(), page), 8).await;
        assert_eq!(listed, expected, "{filter:?}");
    }
}
