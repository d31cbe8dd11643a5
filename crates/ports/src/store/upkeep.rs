//! The condition of the books, and their end.

use futures::future::BoxFuture;
use heliu_trade::time::Timestamp;

use super::jobs::Jobs;
use crate::store_error::Answer;

/// A damage in spite of which somebody went on: something that was acknowledged may be missing from
/// the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BooksDamage {
    /// When it was accepted (UTC).
    pub accepted_at: Timestamp,
    /// What was wrong, and what is lost at most, for people.
    pub told: String,
}

/// The condition of the books, and their end. A facet of the books.
pub trait Upkeep: Jobs {
    /// Finishes what was sent, and lets go of what other nodes may take over. Nothing may be sent
    /// after it. Books that end with their process have no need of it.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// Whether the books can be used now. Reads them; if the last write failed it writes too, so
    /// that books that were full or read-only are known to be well again though nobody sends
    /// payments here meanwhile. What does not pass by itself, such as damage that was met or a
    /// number that another node has taken, is told until the process starts anew.
    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(async { self.next_job_at().await.map(|_| ()) })
    }

    /// Reads every page and index; what is found wrong, in the database's words. Books that a
    /// server keeps are examined by that server's own tools.
    fn examine(&self) -> Answer<'_, Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// The damages in spite of which somebody went on with these books, oldest first.
    fn damages(&self) -> Answer<'_, Vec<BooksDamage>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
