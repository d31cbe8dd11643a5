//! A connection that commits.

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use super::statements::Statements;
use super::tables::Rows;
use crate::postgres::connect::{Address, Purpose};
use crate::postgres::fault::Fault;

/// Statements of one batch at most: `join_all` begins so many in their order, and more in any.
const SENDS_MAX: usize = 30;

/// A connection, its statements, and the batch that is under way on it.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) statements: Statements,
    /// This process, from its start to its end.
    pub(super) run_no: i64,
    /// Which of its committers.
    pub(super) committer_index: i64,
    /// Which of that committer's batches.
    pub(super) batch_index: i64,
}

impl Link {
    pub(super) async fn open(
        address: &Address,
        run_no: i64,
        committer_index: i64,
    ) -> Result<Self, Fault> {
        let client = address.connect(Purpose::Committing, |_| ()).await?;
        let statements = Statements::prepare(&client).await?;
        Ok(Self {
            client,
            statements,
            run_no,
            committer_index,
            batch_index: 0,
        })
    }

    /// Forgets the transaction; whether the connection is of further use.
    pub(super) async fn roll_back(&self) -> bool {
        self.client.batch_execute("ROLLBACK").await.is_ok()
    }
}

/// Statements to be sent one after the other, without waiting for an answer before the next.
#[derive(Default)]
pub(super) struct Pipeline<'p> {
    sends: Vec<(&'p Statement, Vec<&'p (dyn ToSql + Sync)>)>,
}

impl<'p> Pipeline<'p> {
    /// Adds a statement that takes rows, unless there are none.
    pub(super) fn rows(&mut self, statement: &'p Statement, rows: &'p impl Rows) {
        if rows.len() > 0 {
            self.sends.push((statement, rows.arrays()));
        }
    }

    /// Adds a statement.
    pub(super) fn add(
        &mut self,
        statement: &'p Statement,
        parameters: Vec<&'p (dyn ToSql + Sync)>,
    ) {
        self.sends.push((statement, parameters));
    }

    /// Sends all and COMMIT behind them: if one fails, the server makes a rollback of it.
    pub(super) async fn commit(self, client: &Client) -> Result<(), Fault> {
        assert!(
            self.sends.len() <= SENDS_MAX,
            "they would be sent in any order"
        );
        let sends = self.sends.iter().map(|(statement, parameters)| {
            // Answers are not looked at, but rows may come.
            client.query(*statement, parameters)
        });
        let (answers, committed) = futures::join!(
            futures::future::join_all(sends),
            client.batch_execute("COMMIT"),
        );
        // The first that failed is the one that is to blame; those behind it failed because of it.
        for answer in answers {
            answer?;
        }
        Ok(committed?)
    }
}
