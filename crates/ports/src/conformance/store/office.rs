//! The office: people, and the record of who did what.

use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::followup::audit::{AuditLink, NewAudit};
use heliu_trade::id::OrderNo;
use heliu_trade::person::{Person, Role};
use heliu_trade::step::Action;
use heliu_trade::time::Timestamp;

use super::steps::Till;
use crate::store::{AuditFilter, Commit, CommitError, DirectoryChange, Newcomer, Store};

const AT_MS: i64 = 1_800_000_000_000;

fn person(name: &str, role: Role) -> Person {
    Person {
        name: name.to_owned(),
        role,
        is_enabled: true,
        created_at: Timestamp::from_ms(AT_MS),
    }
}

fn act(index: i64, actor: &str, subject: &str) -> NewAudit {
    NewAudit {
        audit_id: format!("act {index}"),
        at: Timestamp::from_ms(AT_MS + index),
        actor: actor.to_owned(),
        system_user: "root".to_owned(),
        action: "people.set_role".to_owned(),
        subject: subject.to_owned(),
        before: (index % 2 == 0).then(|| "{\"role\":\"viewer\"}".to_owned()),
        after: Some("{\"名\":\"茶\"}".to_owned()),
    }
}

fn every(limit: u32) -> AuditFilter {
    AuditFilter {
        limit,
        ..AuditFilter::default()
    }
}

/// A person is admitted once, and changed afterwards; since when they stand stays, and another role
/// does not let them act who may not.
pub(super) async fn people_are_admitted_once_and_change(store: &Arc<dyn Store>) {
    let first = person("li", Role::Admin);
    let admitted = store.admit(Newcomer::Person(first.clone())).await;
    assert_eq!(admitted, Ok(true));
    let again = Newcomer::Person(person("li", Role::Viewer));
    let audit = Some(act(900, "li", "person li"));
    assert_eq!(store.admit_audited(again, audit).await, Ok(false));
    assert_eq!(store.list_people().await, Ok(vec![first.clone()]));
    let written = store.audit_chain(0, 10).await.expect("read");
    assert_eq!(written, [], "nothing is written down of who was not new");

    let later = Person {
        role: Role::Operator,
        is_enabled: false,
        created_at: Timestamp::from_ms(AT_MS + 9),
        ..first.clone()
    };
    let disable = DirectoryChange::SetPersonEnabled {
        name: "li".to_owned(),
        is_enabled: false,
    };
    store.change_directory(disable).await.expect("written");
    // Somebody gives another role who read before.
    let change = DirectoryChange::PutPerson(Person {
        is_enabled: true,
        ..later.clone()
    });
    store.change_directory(change).await.expect("written");
    let other = Newcomer::Person(person("an", Role::Viewer));
    assert_eq!(store.admit(other).await, Ok(true));
    let expected = Person {
        created_at: first.created_at,
        ..later
    };
    let people = store.list_people().await.expect("read");
    assert_eq!(people, [person("an", Role::Viewer), expected]);
}

/// Acts of several at once stand in one chain, each once, with the change that it tells of.
pub(super) async fn acts_stand_in_one_chain(store: &Arc<dyn Store>) {
    let changes = (0..12).map(|index| {
        let name = format!("person {index:02}");
        let audit = act(index, &format!("actor {}", index % 3), &name);
        let change = DirectoryChange::PutPerson(person(&name, Role::Viewer));
        store.change_directory_audited(change, Some(audit))
    });
    for written in join_all(changes).await {
        written.expect("written");
    }
    let repeat = DirectoryChange::PutPerson(person("person 03", Role::Viewer));
    let same = act(3, "actor 0", "person 03");
    let repeated = store.change_directory_audited(repeat, Some(same)).await;
    repeated.expect("written");
    assert_eq!(store.list_people().await.expect("read").len(), 12);

    let (mut end, mut pages) = (AuditLink::default(), Vec::new());
    loop {
        let page = store.audit_chain(end.seq, 5).await.expect("read");
        let Some(_) = page.first() else { break };
        for row in &page {
            assert_eq!(end.advance(row), Ok(()));
        }
        pages.push(page.len());
    }
    assert_eq!(pages, [5, 5, 2]);

    let newest = store.list_audit(every(100)).await.expect("read");
    let places: Vec<_> = newest.iter().map(|row| row.seq).collect();
    assert_eq!(places, (1..=12).rev().collect::<Vec<_>>());
    let mut ids: Vec<_> = newest.iter().map(|row| row.act.audit_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 12, "each act stands once");
}

/// A filter's members must all hold.
pub(super) async fn acts_are_found_by_what_is_asked(store: &Arc<dyn Store>) {
    for index in 0..6 {
        let (actor, subject) = (
            if index < 4 { "li" } else { "wang" },
            if index % 2 == 0 { "a" } else { "b" },
        );
        let change = DirectoryChange::PutPerson(person("li", Role::Viewer));
        let written = store.change_directory_audited(change, Some(act(index, actor, subject)));
        written.await.expect("written");
    }
    let at = |index: i64| Some(Timestamp::from_ms(AT_MS + index));
    let text = |text: &str| Some(text.to_owned());
    let cases = [
        (every(10), vec![6, 5, 4, 3, 2, 1]),
        (every(2), vec![6, 5]),
        (
            AuditFilter {
                actor: text("wang"),
                ..every(10)
            },
            vec![6, 5],
        ),
        (
            AuditFilter {
                subject: text("b"),
                actor: text("li"),
                ..every(10)
            },
            vec![4, 2],
        ),
        (
            AuditFilter {
                action: text("people.set_role"),
                ..every(1)
            },
            vec![6],
        ),
        (
            AuditFilter {
                action: text("people"),
                ..every(1)
            },
            vec![],
        ),
        (
            AuditFilter {
                since: at(2),
                until: at(4),
                ..every(10)
            },
            vec![4, 3],
        ),
        (
            AuditFilter {
                before_seq: Some(3),
                ..every(10)
            },
            vec![2, 1],
        ),
    ];
    for (filter, expected) in cases {
        let found = store.list_audit(filter.clone()).await.expect("read");
        let places: Vec<_> = found.iter().map(|row| row.seq).collect();
        assert_eq!(places, expected, "{filter:?}");
    }
    let row = store.list_audit(every(1)).await.expect("read").remove(0);
    assert_eq!(row.act, act(5, "wang", "b"), "as it was given");
}

/// What the core refuses has not been done by anybody.
pub(super) async fn a_step_is_written_down_with_its_actor_unless_it_is_refused(
    store: &Arc<dyn Store>,
) {
    let till = Till::new(store, 1);
    let commit = |index, amount_fen| {
        let mut step = till.create_step(OrderNo(till.number()), "n-1", amount_fen);
        if let Action::CreateOrder(create) = &mut step.action {
            create.life_ms = Some(300_000);
            if amount_fen == 2 {
                create.details = Arc::default();
            }
        }
        Commit {
            step,
            exchange: None,
            audit: Some(Box::new(act(index, "li", "order n-1"))),
        }
    };
    let both = [store.commit(commit(1, 1)), store.commit(commit(2, 2))];
    let outcomes = join_all(both).await;
    let refused =
        |outcome: &&Result<_, CommitError>| matches!(outcome, Err(CommitError::Rejected(_)));
    assert_eq!(outcomes.iter().filter(refused).count(), 1, "{outcomes:?}");
    assert_eq!(store.audit_chain(0, 10).await.expect("read").len(), 1);
}
