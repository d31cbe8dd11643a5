//! Who watches the books in memory, and what trouble they may make: slow calls, lost answers,
//! absences.

use futures::future::BoxFuture;
use heliu_ports::store::{Committed, StoreError};
use heliu_trade::error::TradeError;
use heliu_trade::invariant::OrderBook;
use heliu_trade::step::Step;

/// Sees every commit, and may hold up or lose what the books answer.
pub trait Watch: Send + Sync {
    /// Before a commit. An error is the answer in its place, and nothing is committed.
    fn before_commit(&self) -> BoxFuture<'static, Result<(), StoreError>>;

    /// A commit ended; `book` is its order's, as it stands now.
    fn committed(
        &self,
        step: &Step,
        result: &Result<Committed, TradeError>,
        book: Option<&OrderBook>,
    );

    /// After a commit or a read took place. An error is the answer in its place: what was done
    /// stays.
    fn after(&self) -> BoxFuture<'static, Result<(), StoreError>>;
}
