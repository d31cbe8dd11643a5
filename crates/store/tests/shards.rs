//! The books can be spread over machines by merchant: keys allow it, and a statement on a table
//! that is spread so names the merchant, but for a list of some that have a reason. What
//! docs/citus.md says of tables and statements is compared with what is there.
//!
//! The statements are those that a PostgreSQL saw while the suite for stores ran over it: what
//! committers prepare, executed or not, and what the rest sends. So a new one is met without being
//! added to any list.

mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use heliu_ports::conformance::store;
use heliu_ports::store::prelude::*;
use heliu_ports::store::{NotificationFilter, Store};
use heliu_trade::id::NotificationNo;
use server::{Server, connect, open};

/// Marks the beginning of an entry in the server's log; the program's name follows.
const ENTRY: &str = "@entry@";

/// Statements that touch a spread table and do not name the merchant: a piece of each, and why it
/// may.
const EXCEPTIONS: [(&str, &str); 13] = [
    (
        "SELECT owner, subject_no, kind, about, due_at FROM job WHERE due_at <= $1",
        "due jobs of all merchants are taken by whoever is free; one statement a claim, not one a payment",
    ),
    (
        "SELECT min(due_at) FROM job",
        "when the next job of all is due; at the start and after a claim",
    ),
    (
        "UPDATE job SET due_at = leased_at",
        "once at the start of a node: what it held is due again",
    ),
    (
        "UPDATE job SET due_at = CASE WHEN leased_at IS NULL",
        "at the start of a node, and when its clock is set back: what is planned too far ahead is due",
    ),
    (
        "WITH RECURSIVE known AS",
        "an operator searches by a number and does not know whose it is",
    ),
    (
        "WHERE (merchant_id, order_no) > ($1, $2)",
        "the check of all books walks over all merchants",
    ),
    (
        "SELECT coalesce(sum(amount_fen), 0)",
        "the check of all books adds up all of the journal",
    ),
    (
        "/* list */",
        "an operator's list, which says so at its beginning, goes over all merchants unless it is filtered by one",
    ),
    (
        "FROM notification WHERE notification_no = $1",
        "an operator asks for a notification by its number",
    ),
    (
        "FROM record AS r WHERE r.kind = $1 AND r.subject_no = $2",
        "an operator asks for a record by its number",
    ),
    (
        "FROM record AS r WHERE r.kind = $1 AND r.subject_no < $2",
        "an operator lists records",
    ),
    (
        "FROM notification ORDER BY notification_no DESC",
        "an operator lists notifications",
    ),
    (
        "FROM notification WHERE state =",
        "an operator lists the notifications that are in trouble",
    ),
];

/// What docs/citus.md makes of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// Spread by a column.
    Spread(String),
    /// Copied to all machines, or kept whole on the coordinator.
    Whole,
}

fn page() -> BTreeMap<String, Place> {
    let text = include_str!("../../../docs/citus.md");
    let mut places = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split('\'');
        let (call, Some(table)) = (words.next().unwrap_or_default(), words.next()) else {
            continue;
        };
        let place = match call {
            "SELECT create_distributed_table(" => {
                Place::Spread(words.nth(1).expect("a column").to_owned())
            }
            "SELECT create_reference_table(" | "-- stays on the coordinator: " => Place::Whole,
            _ => continue,
        };
        let before = places.insert(table.to_owned(), place);
        assert_eq!(before, None, "{table} is there twice");
    }
    places
}

#[tokio::test]
async fn the_page_about_citus_places_every_table_where_its_keys_allow_it() {
    let server = Server::start();
    let url = server.database().await;
    drop(open(&url, "a").await.expect("fresh books open"));
    let client = connect(&url).await;
    let places = page();
    let sql =
        "SELECT relname::TEXT FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
        AND relnamespace = 'public'::regnamespace";
    let rows = client.query(sql, &[]).await.expect("read");
    let tables: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(tables, places.keys().cloned().collect());

    // Citus wants the column in every key and unique constraint.
    let sql = "SELECT c.relname::TEXT, i.indexrelid::regclass::TEXT, array(SELECT a.attname::TEXT
            FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE i.indisunique AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace";
    for row in client.query(sql, &[]).await.expect("read") {
        let (table, index, columns): (String, String, Vec<String>) =
            (row.get(0), row.get(1), row.get(2));
        if let Place::Spread(column) = &places[&table] {
            assert!(columns.contains(column), "{index} on {columns:?}");
        }
    }
    // And in foreign keys between spread tables; one from a whole table to a spread one it does not
    // have.
    let sql = "SELECT k.conname::TEXT, c.relname::TEXT, f.relname::TEXT, array(SELECT a.attname::TEXT
            FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
        WHERE k.contype = 'f' AND NOT c.relispartition";
    for row in client.query(sql, &[]).await.expect("read") {
        let (name, from, to): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let columns: Vec<String> = row.get(3);
        match (&places[&from], &places[&to]) {
            (Place::Spread(column), Place::Spread(same)) => {
                assert_eq!(column, same, "{name}");
                assert!(columns.contains(column), "{name}");
            }
            (Place::Whole, Place::Spread(_)) => unreachable!("{name} leads to a spread table"),
            (_, Place::Whole) => {}
        }
    }
}

/// All texts that the books have sent to the server for parsing, white space made one.
fn statements(log: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in log.split(ENTRY) {
        let Some(said) = entry.strip_prefix("heliu|") else {
            continue;
        };
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = said
            .strip_prefix("DEBUG: parse ")
            .or_else(|| said.strip_prefix("LOG: statement: "));
        let Some(text) = text else { continue };
        let text = match said.starts_with("DEBUG") {
            // The statement's name stands before it.
            true => text.split_once(": ").map_or(text, |(_, text)| text),
            false => text,
        };
        found.insert(text.to_owned());
    }
    found
}

/// Words and marks of a statement.
fn words(text: &str) -> Vec<String> {
    let mut spaced = String::new();
    for letter in text.chars() {
        if "(),;=<>".contains(letter) {
            spaced.extend([' ', letter, ' ']);
        } else {
            spaced.push(letter);
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// Columns that say whose a row is.
const OWNERS: [&str; 2] = ["merchant_id", "owner"];

/// Spread tables, and the column that says whose their rows are.
type Spread = BTreeMap<String, String>;

/// Names under which a statement reads or changes spread tables without saying of which owner.
fn nameless(text: &str, spread: &Spread) -> Vec<String> {
    let words = words(text);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let mut nameless = Vec::new();
    for at in 1..words.len() {
        let before = word(at - 1).to_uppercase();
        let Some(column) = spread.get(word(at)) else {
            continue;
        };
        if !["FROM", "JOIN", "UPDATE", "INTO", "USING"].contains(&before.as_str()) {
            continue;
        }
        if before == "INTO" {
            // The columns that are given stand in brackets behind it.
            let columns = words[at..].iter().take_while(|word| *word != ")");
            if !columns.into_iter().any(|word| word == column) {
                nameless.push(word(at).to_owned());
            }
            continue;
        }
        let after = if word(at + 1).eq_ignore_ascii_case("as") {
            at + 2
        } else {
            at + 1
        };
        let has_alias = ![
            "", "(", ")", ";", "WHERE", "SET", "ON", "JOIN", "LEFT", "USING", "ORDER", "CROSS",
            "FOR", "FROM",
        ]
        .contains(&word(after));
        let name = if has_alias { word(after) } else { word(at) };
        let own = format!("{name}.{column}");
        let is_named = (1..words.len()).any(|at| {
            let is_own = |word: &str| word == own || (!has_alias && word == column);
            word(at) == "=" && (is_own(word(at - 1)) || is_own(word(at + 1)))
        });
        if !is_named {
            nameless.push(name.to_owned());
        }
    }
    nameless
}

#[tokio::test]
async fn every_statement_of_a_payment_names_the_merchant() {
    let mut server = Server::start();
    server.server.set("log_statement=all");
    server.server.set("log_min_messages=debug2");
    server.server.set(format!("log_line_prefix={ENTRY}%a|"));
    server.server.restart().expect("it starts again");
    store::check(async || server.books().await as Arc<dyn Store>).await;
    // What an operator asks for beside that.
    let books = server.books().await;
    let filter = NotificationFilter {
        number: Some(NotificationNo::from_u64(1)),
        ..NotificationFilter::default()
    };
    books.list_notifications(filter).await.expect("read");
    books.probe().await.expect("ready");
    drop(books);
    server.server.kill();
    let log = server.server.data().with_file_name("log");
    let log = std::fs::read(log).expect("read");
    let statements = statements(&String::from_utf8_lossy(&log));

    let places = page();
    let spread: Spread = places
        .into_iter()
        .filter_map(|(table, place)| match place {
            // What is spread by a key of its own is nobody's.
            Place::Spread(column) if OWNERS.contains(&column.as_str()) => Some((table, column)),
            Place::Spread(_) | Place::Whole => None,
        })
        .collect();
    let mut unused: BTreeSet<&str> = EXCEPTIONS.iter().map(|(piece, _)| *piece).collect();
    let mut met = BTreeSet::new();
    let mut wrong = Vec::new();
    for statement in &statements {
        met.extend(
            words(statement)
                .into_iter()
                .filter(|word| spread.contains_key(word)),
        );
        if statement.starts_with("-- The books") {
            // The migration.
            continue;
        }
        let excepted = EXCEPTIONS
            .iter()
            .find(|(piece, _)| statement.contains(piece));
        let nameless = nameless(statement, &spread);
        match excepted {
            Some((piece, _)) => {
                unused.remove(piece);
            }
            None if nameless.is_empty() => {}
            None => wrong.push(format!("{nameless:?} in: {statement}")),
        }
    }
    assert_eq!(
        wrong,
        Vec::<String>::new(),
        "name the merchant, or give a reason in EXCEPTIONS"
    );
    assert_eq!(
        met,
        spread.into_keys().collect(),
        "the suite touches every spread table"
    );
    assert!(
        statements.len() > 60,
        "the log was read: {}",
        statements.len()
    );
    assert_eq!(unused, BTreeSet::new(), "exceptions that nothing needs");
}

#[test]
fn a_statement_that_names_no_merchant_is_noticed() {
    let spread = Spread::from([
        ("job".to_owned(), "owner".to_owned()),
        ("trade_order".to_owned(), "merchant_id".to_owned()),
    ]);
    for good in [
        "SELECT 1 FROM job WHERE owner = $1 AND subject_no = $2",
        "INSERT INTO job (owner, subject_no) VALUES ($1, $2)",
        "DELETE FROM job AS j USING given WHERE j.owner = given.owner",
        "SELECT 1 FROM k JOIN trade_order o ON o.merchant_id = k.merchant_id",
        "UPDATE node SET high_water_second = $1",
    ] {
        assert_eq!(nameless(good, &spread), Vec::<String>::new(), "{good}");
    }
    for bad in [
        "SELECT 1 FROM job WHERE subject_no = $2",
        "INSERT INTO job (subject_no) VALUES ($1)",
        "SELECT merchant_id FROM trade_order o JOIN job j ON o.order_no = j.subject_no
            WHERE o.merchant_id = $1",
        "UPDATE job SET tries = 0",
    ] {
        assert_ne!(nameless(bad, &spread), Vec::<String>::new(), "{bad}");
    }
}
