//! Brings the schema up to date: forward only, each step whole or not at all.

use heliu_ports::store::StoreError;
use tokio_postgres::{Client, GenericClient};

use super::connections::pause;
use super::fault::{Fault, Treatment};
use super::node::{self, LEASE_S};
use crate::schema::{self, FirstStep, Migrated, OldProgram, Schema, SchemaStep};

/// The steps, oldest first.
pub(crate) const STEPS: &[SchemaStep] = &[SchemaStep {
    sql: include_str!("../../migrations/postgres/0001_books.sql"),
    old_program: OldProgram::Stops,
}];

/// The advisory lock under which nodes that start at once take turns: "heliu" in ASCII.
const LOCK: i64 = 0x68_65_6c_69_75;

/// How long a step waits for a table that serving nodes use, in ms. They wait behind it meanwhile,
/// so it is short, and the step is tried again. Once it has the table it may take its time.
const TABLE_WAIT: &str = "SET LOCAL lock_timeout = 2000; SET LOCAL statement_timeout = 0";
/// How often it is tried.
const TRIES_MAX: u32 = 30;

/// Applies those of `steps` that are missing. Nodes may do it at once: one works, the others wait
/// for it.
pub(crate) async fn migrate(
    client: &mut Client,
    name: &str,
    steps: &[SchemaStep],
) -> Result<Migrated, StoreError> {
    let explain =
        |fault: Fault| StoreError::from(fault).within(format_args!("{name} cannot be opened"));
    let locked = client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await;
    locked.map_err(|error| explain(error.into()))?;
    let result = take_steps(client, name, steps).await;
    let unlocked = client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await;
    let migrated = result.map_err(|refused| match refused {
        Refused::Fault(fault) => explain(fault),
        Refused::Told(error) => error,
    })?;
    unlocked.map_err(|error| explain(error.into()))?;
    Ok(migrated)
}

/// Looks again, once this node has its number: from now on a step that it cannot live with waits
/// for its end, and one that came in between is seen here.
pub(crate) async fn confirm(client: &Client, name: &str) -> Result<(), StoreError> {
    let schema = schema_of(client).await.map_err(StoreError::from)?;
    schema.admit(schema::known(STEPS), name)
}

/// Why no steps were taken.
enum Refused {
    Fault(Fault),
    /// In words that need no more.
    Told(StoreError),
}

impl<F: Into<Fault>> From<F> for Refused {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// What the books say of their schema; changes nothing.
pub(crate) async fn schema_of(client: &impl GenericClient) -> Result<Schema, Fault> {
    // Asked first, since a notice about a table that is there would stand in every log.
    let sql = "SELECT to_regclass('schema_version') IS NOT NULL, EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = to_regclass('schema_version') AND attname = 'works_from' AND NOT attisdropped)";
    let row = client.query_one(sql, &[]).await?;
    let (is_known, keeps_works_from): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    if !is_known {
        return Ok(Schema::NONE);
    }
    let works_from = if keeps_works_from {
        "coalesce(works_from, version)"
    } else {
        "version"
    };
    let sql = format!(
        "SELECT coalesce(max(version), 0), coalesce(max({works_from}), 0) FROM schema_version"
    );
    let row = client.query_one(&sql, &[]).await?;
    Ok(Schema {
        version: row.try_get(0)?,
        works_from: row.try_get(1)?,
    })
}

/// What the books say of the text of schema 1.
pub(crate) async fn first_step_of(client: &impl GenericClient) -> Result<FirstStep, Fault> {
    if schema_of(client).await? == Schema::NONE {
        return Ok(FirstStep::NotTaken);
    }
    // A row as JSON has the column or not, whoever made the table.
    let sql = "SELECT to_jsonb(s) ->> 'digest' FROM schema_version s WHERE version = 1";
    let row = client.query_opt(sql, &[]).await?;
    let digest = row.map(|row| row.try_get(0)).transpose()?;
    Ok(FirstStep::of_row(digest))
}

async fn take_steps(
    client: &mut Client,
    name: &str,
    steps: &[SchemaStep],
) -> Result<Migrated, Refused> {
    let before = schema_of(client).await?;
    let first = first_step_of(client).await?;
    first.admit(steps, name).map_err(Refused::Told)?;
    let mut version = before.version;
    let mut tries = 0;
    while let Some((step, to)) = schema::next(steps, version) {
        match take_step(client, name, step, to).await {
            Ok(()) => {
                version = to;
                tries = 0;
            }
            Err(Refused::Fault(fault))
                if fault.treatment() == Treatment::Again && tries < TRIES_MAX =>
            {
                tracing::info!(version = to, "the books are busy, the step is tried again");
                pause(tries).await;
                tries += 1;
            }
            Err(refused) => return Err(refused),
        }
    }
    let after = schema_of(client).await?;
    after
        .admit(schema::known(steps), name)
        .map_err(Refused::Told)?;
    Ok(Migrated {
        from: before.version,
        to: after.version,
    })
}

async fn take_step(
    client: &mut Client,
    name: &str,
    step: &SchemaStep,
    version: i64,
) -> Result<(), Refused> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(TABLE_WAIT).await?;
    if version > 1 && step.old_program == OldProgram::Stops {
        let serving = node::lock_out(&transaction).await?;
        if serving > 0 {
            return Err(Refused::Told(StoreError::conflict(format!(
                "{serving} node(s) serve {name} with a version that cannot go on working on schema {version}; \
                 stop all nodes (one that was killed counts for {LEASE_S} s), then start the new version, or run heliu \
                 migrate"
            ))));
        }
        node::end_runs(&transaction).await?;
    }
    transaction
        .batch_execute(
            "DO $$ BEGIN
                IF to_regclass('schema_version') IS NULL THEN
                    CREATE TABLE schema_version (version BIGINT PRIMARY KEY);
                END IF;
                IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('schema_version')
                    AND attname = 'works_from' AND NOT attisdropped) THEN
                    ALTER TABLE schema_version ADD COLUMN works_from BIGINT;
                END IF;
                IF NOT EXISTS (SELECT FROM pg_attribute
                    WHERE attrelid = to_regclass('schema_version')
                    AND attname = 'digest' AND NOT attisdropped) THEN
                    ALTER TABLE schema_version ADD COLUMN digest TEXT;
                END IF;
            END $$",
        )
        .await?;
    transaction.batch_execute(step.sql).await?;
    let sql = "INSERT INTO schema_version (version, works_from, digest) VALUES ($1, $2, $3)";
    let digest = schema::digest(step.sql);
    transaction
        .execute(sql, &[&version, &step.works_from(version), &digest])
        .await?;
    transaction.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use heliu_testkit::{Durability, PostgresServer};

    use super::super::connect::{Address, Purpose};
    use super::*;
    use crate::schema::trial::{ANOTHERS, CHANGES, assert_is_refused_as_anothers, migrated};

    /// The version of the released steps.
    #[expect(clippy::cast_possible_wrap, reason = "a few")]
    const KNOWN: i64 = STEPS.len() as i64;

    /// Adds what an old program need not know.
    const ADDS: SchemaStep = SchemaStep {
        sql: "CREATE TABLE later (id BIGINT PRIMARY KEY); INSERT INTO later VALUES (1)",
        old_program: OldProgram::GoesOn,
    };

    fn server() -> PostgresServer {
        let server = PostgresServer::start(&std::env::temp_dir(), Durability::Kills);
        server.expect("these tests need a PostgreSQL")
    }

    async fn connect(server: &PostgresServer) -> Client {
        let address = Address::parse(&server.url("postgres").into()).expect("an address");
        let connected = address.connect(Purpose::Keeping, |_| ()).await;
        connected.expect("connected")
    }

    /// As a program does that knows the released steps and these.
    async fn migrate_with(
        server: &PostgresServer,
        further: &[SchemaStep],
    ) -> Result<Migrated, StoreError> {
        let steps: Vec<SchemaStep> = STEPS.iter().chain(further).copied().collect();
        migrate(&mut connect(server).await, "the books", &steps).await
    }

    async fn number(server: &PostgresServer, sql: &str) -> i64 {
        let row = connect(server).await.query_one(sql, &[]).await;
        row.expect("read").get(0)
    }

    const TABLES: &str =
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";

    #[tokio::test]
    async fn an_old_program_goes_on_beside_one_newer_step_and_refuses_two() {
        let server = server();
        assert_eq!(migrate_with(&server, &[]).await, migrated(0, KNOWN));
        assert_eq!(
            migrate_with(&server, &[ADDS]).await,
            migrated(KNOWN, KNOWN + 1)
        );
        assert_eq!(
            migrate_with(&server, &[]).await,
            migrated(KNOWN + 1, KNOWN + 1)
        );
        let more = SchemaStep {
            sql: "ALTER TABLE later ADD COLUMN note TEXT",
            ..ADDS
        };
        assert_eq!(
            migrate_with(&server, &[ADDS, more]).await,
            migrated(KNOWN + 1, KNOWN + 2)
        );
        assert_eq!(
            migrate_with(&server, &[ADDS]).await,
            migrated(KNOWN + 2, KNOWN + 2)
        );
        let refusal = migrate_with(&server, &[]).await.expect_err("two back");
        let refusal = refusal.to_string();
        assert!(
            refusal.contains(&format!("schema {}", KNOWN + 2))
                && refusal.contains("start that version"),
            "{refusal}"
        );
    }

    #[tokio::test]
    async fn books_of_another_build_are_refused_in_plain_words() {
        let server = server();
        migrate_with(&server, &[]).await.expect("made");
        let before = number(&server, TABLES).await;
        for (change, found) in ANOTHERS {
            let beside = connect(&server).await;
            beside
                .batch_execute(change)
                .await
                .expect("as another build");
            for further in [&[][..], &[ADDS]] {
                assert_is_refused_as_anothers(migrate_with(&server, further).await, found);
            }
            assert_eq!(number(&server, TABLES).await, before, "no step was taken");
        }
    }

    #[tokio::test]
    async fn a_step_that_old_programs_cannot_live_with_waits_until_they_have_ended() {
        let server = server();
        migrate_with(&server, &[]).await.expect("made");
        let mut serving = connect(&server).await;
        let lease = node::take(&mut serving, "an old node", 3).await;
        let lease = lease.expect("a number");
        let refusal = migrate_with(&server, &[CHANGES]).await;
        let refusal = refusal.expect_err("it serves").to_string();
        assert!(
            refusal.contains("1 node(s) serve") && refusal.contains("stop all nodes"),
            "{refusal}"
        );
        migrate_with(&server, &[ADDS])
            .await
            .expect("this one it can live with");
        let address = Address::parse(&server.url("postgres").into()).expect("an address");
        node::release(&address, &lease).await.expect("ended");
        let done = migrate_with(&server, &[ADDS, CHANGES]).await;
        assert_eq!(
            done,
            Ok(Migrated {
                from: KNOWN + 1,
                to: KNOWN + 2
            })
        );
        let refusal = migrate_with(&server, &[]).await.expect_err("too old");
        assert!(refusal.to_string().contains("newer version"), "{refusal}");
    }

    #[tokio::test]
    async fn a_node_that_was_paused_for_longer_than_its_lease_has_no_number_after_such_a_step() {
        let server = server();
        migrate_with(&server, &[]).await.expect("made");
        let mut serving = connect(&server).await;
        let lease = node::take(&mut serving, "an old node", 3).await;
        let lease = lease.expect("a number");
        let over = "UPDATE node SET leased_until = now() - INTERVAL '1 s'";
        serving.batch_execute(over).await.expect("as time goes by");
        migrate_with(&server, &[ADDS]).await.expect("one step");
        let renewed = node::renew(&serving, &lease).await;
        assert!(renewed.expect("asked"), "this one it can live with");
        serving.batch_execute(over).await.expect("as time goes by");
        migrate_with(&server, &[ADDS, CHANGES])
            .await
            .expect("nobody serves");
        let renewed = node::renew(&serving, &lease).await;
        assert!(!renewed.expect("asked"), "it hears that it has no number");
        assert_eq!(number(&server, "SELECT count(*) FROM committer").await, 0);
        let again = node::take(&mut serving, "an old node", 3).await;
        assert_eq!(
            again.expect("a number").node,
            lease.node,
            "it is known by its name"
        );
    }

    #[tokio::test]
    async fn a_step_whose_connection_is_cut_in_its_middle_is_taken_once() {
        let server = server();
        migrate_with(&server, &[]).await.expect("made");
        let before = number(&server, TABLES).await;
        let cut = SchemaStep {
            sql: "CREATE TABLE later (id BIGINT PRIMARY KEY);
                SELECT pg_terminate_backend(pg_backend_pid())",
            ..ADDS
        };
        migrate_with(&server, &[cut]).await.expect_err("cut");
        assert_eq!(number(&server, TABLES).await, before, "not at all");
        let done = migrate_with(&server, &[ADDS]).await;
        assert_eq!(
            done,
            Ok(Migrated {
                from: KNOWN,
                to: KNOWN + 1
            }),
            "and then whole"
        );
    }

    #[tokio::test]
    async fn of_eight_at_once_one_takes_each_step() {
        let server = server();
        let each = (0..8).map(|_| migrate_with(&server, &[ADDS]));
        for migrated in futures::future::join_all(each).await {
            assert_eq!(migrated.map(|migrated| migrated.to), Ok(KNOWN + 1));
        }
        assert_eq!(number(&server, "SELECT count(*) FROM later").await, 1);
    }

    #[tokio::test]
    async fn a_step_waits_for_a_table_that_is_in_use() {
        let server = server();
        migrate_with(&server, &[]).await.expect("made");
        let mut serving = connect(&server).await;
        let reading = serving.transaction().await.expect("begun");
        let sql = "SELECT count(*) FROM merchant";
        reading.query_one(sql, &[]).await.expect("read");
        let column = SchemaStep {
            sql: "ALTER TABLE merchant ADD COLUMN note TEXT",
            ..ADDS
        };
        let steps = [column];
        let (migrated, ()) = futures::join!(migrate_with(&server, &steps), async {
            // Ends when the step stands in the queue, which an observer sees.
            let watcher = connect(&server).await;
            let sql = "SELECT count(*) FROM pg_locks WHERE NOT granted";
            loop {
                let row = watcher.query_one(sql, &[]).await.expect("read");
                if row.get::<_, i64>(0) > 0 {
                    break;
                }
            }
            reading.rollback().await.expect("ended");
        });
        assert_eq!(
            migrated,
            Ok(Migrated {
                from: KNOWN,
                to: KNOWN + 1
            })
        );
    }

    #[tokio::test]
    async fn books_from_before_the_second_column_are_brought_up_too() {
        let server = server();
        migrate_with(&server, &[]).await.expect("made");
        let sql = "ALTER TABLE schema_version DROP COLUMN works_from";
        let beside = connect(&server).await;
        beside.batch_execute(sql).await.expect("as it was");
        assert_eq!(migrate_with(&server, &[]).await, migrated(KNOWN, KNOWN));
        assert_eq!(
            migrate_with(&server, &[ADDS]).await,
            migrated(KNOWN, KNOWN + 1)
        );
        assert_eq!(
            migrate_with(&server, &[]).await,
            migrated(KNOWN + 1, KNOWN + 1)
        );
    }
}
