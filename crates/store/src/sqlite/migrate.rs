//! Brings the schema up to date: forward only, each step whole or not at all.

use std::path::Path;

use heliu_ports::store::StoreError;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior, params};

use super::fault::Fault;
use crate::schema::{self, FirstStep, Migrated, OldProgram, Schema, SchemaStep};

/// The steps, oldest first.
pub(crate) const STEPS: &[SchemaStep] = &[SchemaStep {
    sql: include_str!("../../migrations/sqlite/0001_books.sql"),
    old_program: OldProgram::Stops,
}];

/// A file up to this size, in bytes, is examined page by page when it is opened; a larger one would
/// delay the start too long.
const EXAMINED_BYTES: i64 = 64 * 1024 * 1024;

/// No page of SQLite's is smaller.
const SMALLEST_PAGE_BYTES: u64 = 512;

/// Applies those of `steps` that are missing. Two processes may do it at once: each step looks
/// again under the write lock.
pub(crate) fn migrate(
    connection: &mut Connection,
    name: &str,
    steps: &[SchemaStep],
) -> Result<Migrated, StoreError> {
    let plain = |fault: Fault| explain(&fault, name);
    examine(connection).map_err(plain)?;
    let before = schema_of(connection).map_err(plain)?;
    before.admit(schema::known(steps), name)?;
    admit_first_step(connection, steps, name)?;
    while migrate_one_step(connection, steps).map_err(plain)? {}
    let after = schema_of(connection).map_err(plain)?;
    after.admit(schema::known(steps), name)?;
    admit_first_step(connection, steps, name)?;
    Ok(Migrated {
        from: before.version,
        to: after.version,
    })
}

/// What the books say of their schema; changes nothing.
pub(crate) fn schema_of(connection: &Connection) -> Result<Schema, Fault> {
    // Asked by a query: it sees what others have just changed, a connection's own memory of the
    // schema does not.
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'";
    let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    if count == 0 {
        return Ok(Schema::NONE);
    }
    let works_from = if keeps_works_from(connection)? {
        "coalesce(works_from, version)"
    } else {
        "version"
    };
    let sql = format!(
        "SELECT coalesce(max(version), 0), coalesce(max({works_from}), 0) FROM schema_version"
    );
    let schema = connection.query_row(&sql, [], |row| {
        Ok(Schema {
            version: row.get(0)?,
            works_from: row.get(1)?,
        })
    })?;
    Ok(schema)
}

/// Refuses books of which another build has made the tables.
pub(crate) fn admit_first_step(
    connection: &Connection,
    steps: &[SchemaStep],
    name: &str,
) -> Result<(), StoreError> {
    let first = first_step_of(connection).map_err(|fault| explain(&fault, name))?;
    first.admit(steps, name)
}

fn first_step_of(connection: &Connection) -> Result<FirstStep, Fault> {
    if schema_of(connection)? == Schema::NONE {
        return Ok(FirstStep::NotTaken);
    }
    let digest = if has_column(connection, "digest")? {
        "digest"
    } else {
        "NULL"
    };
    let sql = format!("SELECT {digest} FROM schema_version WHERE version = 1");
    let row = connection
        .query_row(&sql, [], |row| row.get(0))
        .optional()?;
    Ok(FirstStep::of_row(row))
}

fn keeps_works_from(connection: &Connection) -> Result<bool, Fault> {
    has_column(connection, "works_from")
}

fn has_column(connection: &Connection, column: &str) -> Result<bool, Fault> {
    let sql = "SELECT count(*) FROM pragma_table_info('schema_version') WHERE name = ?1";
    let count: i64 = connection.query_row(sql, [column], |row| row.get(0))?;
    Ok(count > 0)
}

/// A fault while opening, in plain words.
pub(crate) fn explain(fault: &Fault, name: &str) -> StoreError {
    let code = match fault {
        Fault::Sqlite(error) => error.sqlite_error_code(),
        _ => None,
    };
    let text = match code {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => format!(
            "{name} is damaged or is not a database ({fault}): keep a copy, and restore a backup"
        ),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => format!(
            "{name} cannot be opened ({fault}): does the folder exist, and may we write in it?"
        ),
        Some(ErrorCode::DiskFull) => format!("{name} cannot be opened ({fault}): make room"),
        _ => format!("{name} cannot be opened: {fault}"),
    };
    StoreError::new(fault.kind(), text)
}

/// A file with something in it that is too short for any database, or of which only the log is
/// left: SQLite would take it for a new one, drop the log, and the books would begin anew.
pub(crate) fn refuse_remnant(path: &Path) -> Result<(), Fault> {
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let what = match (bytes(path), bytes(Path::new(&log))) {
        (0, 0) | (SMALLEST_PAGE_BYTES.., _) => return Ok(()),
        (0, _) => "nothing but its log is left of it".to_owned(),
        (left, _) => format!("only {left} bytes are left of it"),
    };
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
    Err(rusqlite::Error::SqliteFailure(code, Some(what)).into())
}

fn examine(connection: &Connection) -> Result<(), Fault> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let page_size: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    if pages.saturating_mul(page_size) > EXAMINED_BYTES {
        return Ok(());
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(verdict)).into())
}

/// Whether there was a step to take.
fn migrate_one_step(connection: &mut Connection, steps: &[SchemaStep]) -> Result<bool, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some((step, version)) = schema::next(steps, schema_of(&transaction)?.version) else {
        return Ok(false);
    };
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, \
            works_from INTEGER, digest TEXT) STRICT",
    )?;
    if !keeps_works_from(&transaction)? {
        transaction.execute_batch("ALTER TABLE schema_version ADD COLUMN works_from INTEGER")?;
    }
    transaction.execute_batch(step.sql)?;
    let sql = "INSERT INTO schema_version (version, works_from, digest) VALUES (?1, ?2, ?3)";
    let digest = schema::digest(step.sql);
    transaction.execute(sql, params![version, step.works_from(version), digest])?;
    transaction.commit()?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::schema::trial::{ANOTHERS, CHANGES, assert_is_refused_as_anothers, migrated};
    use crate::sqlite::connection::open_writer;

    /// The version of the released steps.
    #[expect(clippy::cast_possible_wrap, reason = "a few")]
    const KNOWN: i64 = STEPS.len() as i64;

    /// Adds what an old program need not know.
    const ADDS: SchemaStep = SchemaStep {
        sql: "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT; INSERT INTO later VALUES (1)",
        old_program: OldProgram::GoesOn,
    };

    struct Books(PathBuf);

    impl Books {
        fn new(name: &str) -> Self {
            let name = format!("heliu-migrate-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&folder).expect("a folder");
            Self(folder)
        }

        fn connect(&self) -> Connection {
            open_writer(&self.0.join("heliu.db")).expect("opened")
        }

        /// As a program does that knows the released steps and these.
        fn migrate(&self, further: &[SchemaStep]) -> Result<Migrated, StoreError> {
            migrate(&mut self.connect(), "the books", &with(further))
        }

        fn tables(&self) -> Vec<String> {
            let connection = self.connect();
            let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
            let mut statement = connection.prepare(sql).expect("prepared");
            let rows = statement.query_map([], |row| row.get(0)).expect("read");
            rows.map(|row| row.expect("a name")).collect()
        }
    }

    impl Drop for Books {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn with(further: &[SchemaStep]) -> Vec<SchemaStep> {
        STEPS.iter().chain(further).copied().collect()
    }

    #[test]
    fn an_old_program_goes_on_beside_one_newer_step_and_refuses_two() {
        let books = Books::new("ahead");
        assert_eq!(books.migrate(&[]), migrated(0, KNOWN));
        assert_eq!(books.migrate(&[ADDS]), migrated(KNOWN, KNOWN + 1));
        assert_eq!(books.migrate(&[]), migrated(KNOWN + 1, KNOWN + 1));
        let adds = SchemaStep {
            sql: "CREATE TABLE later_still (id INTEGER PRIMARY KEY) STRICT",
            ..ADDS
        };
        assert_eq!(books.migrate(&[ADDS, adds]), migrated(KNOWN + 1, KNOWN + 2));
        books
            .migrate(&[ADDS])
            .expect("the second is one version back");
        let refusal = books.migrate(&[]).expect_err("two back").to_string();
        assert!(
            refusal.contains(&format!("schema {}", KNOWN + 2))
                && refusal.contains("start that version"),
            "{refusal}"
        );
    }

    #[test]
    fn an_old_program_refuses_a_step_that_it_cannot_live_with() {
        let books = Books::new("stops");
        books.migrate(&[CHANGES]).expect("brought up");
        let refusal = books.migrate(&[]).expect_err("refused").to_string();
        assert!(refusal.contains("newer version"), "{refusal}");
    }

    #[test]
    fn books_of_another_build_are_refused_in_plain_words() {
        for (change, found) in ANOTHERS {
            let books = Books::new("another-build");
            books.migrate(&[]).expect("made");
            books
                .connect()
                .execute_batch(change)
                .expect("as another build");
            assert_is_refused_as_anothers(books.migrate(&[]), found);
            assert_is_refused_as_anothers(books.migrate(&[ADDS]), found);
            let tables = books.tables();
            assert!(
                !tables.contains(&"later".to_owned()),
                "a step was taken: {tables:?}"
            );
        }
    }

    #[test]
    fn a_step_that_fails_in_its_middle_leaves_nothing() {
        let books = Books::new("fails");
        books.migrate(&[]).expect("made");
        let before = books.tables();
        let fails = SchemaStep {
            sql: "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1)",
            ..ADDS
        };
        books.migrate(&[fails]).expect_err("it says why");
        assert_eq!(books.tables(), before);
        assert_eq!(books.migrate(&[ADDS]), migrated(KNOWN, KNOWN + 1));
    }

    #[test]
    fn a_step_whose_process_was_killed_in_its_middle_is_taken_once() {
        let books = Books::new("killed");
        books.migrate(&[]).expect("made");
        let mut connection = books.connect();
        let killed = connection.transaction().expect("begun");
        killed.execute_batch(ADDS.sql).expect("half a step");
        killed.cache_flush().expect("as under a small cache");
        // As after a kill: the file and its log as they stand, and nobody who holds them.
        let copy = Books::new("killed-copy");
        for file in ["heliu.db", "heliu.db-wal"] {
            std::fs::copy(books.0.join(file), copy.0.join(file)).expect("copied");
        }
        assert_eq!(copy.migrate(&[ADDS]), migrated(KNOWN, KNOWN + 1));
        assert_eq!(copy.migrate(&[ADDS]), migrated(KNOWN + 1, KNOWN + 1));
    }

    #[test]
    fn of_eight_at_once_one_takes_each_step() {
        let books = Books::new("at-once");
        drop(books.connect());
        let done: Vec<Migrated> = std::thread::scope(|scope| {
            let each = (0..8).map(|_| scope.spawn(|| books.migrate(&[ADDS])));
            let each: Vec<_> = each.collect();
            let done = each
                .into_iter()
                .map(|one| one.join().expect("no panic").expect("up to date"));
            done.collect()
        });
        assert!(
            done.iter().all(|migrated| migrated.to == KNOWN + 1),
            "{done:?}"
        );
        let rows = books
            .connect()
            .query_row("SELECT count(*) FROM later", [], |row| row.get(0));
        assert_eq!(rows, Ok(1));
    }

    #[test]
    fn books_from_before_the_second_column_are_brought_up_too() {
        let books = Books::new("one-column");
        books.migrate(&[]).expect("made");
        let sql = "ALTER TABLE schema_version DROP COLUMN works_from";
        books.connect().execute_batch(sql).expect("as it was");
        assert_eq!(books.migrate(&[]), migrated(KNOWN, KNOWN));
        assert_eq!(books.migrate(&[ADDS]), migrated(KNOWN, KNOWN + 1));
        assert_eq!(books.migrate(&[]), migrated(KNOWN + 1, KNOWN + 1));
    }
}
