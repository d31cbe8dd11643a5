//! Records of this part, as they are read and told.

use heliu_ports::store::RecordFilter;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Aggregate, Name, Record};

use crate::Inner;
use crate::common::directory::books_unavailable;
pub(crate) use crate::common::records::{find, read};

/// The aggregate of a number, with its record.
///
/// # Errors
/// There is none, which `list` tells more about.
pub(crate) async fn numbered<A: Aggregate>(
    inner: &Inner,
    no: PlatformNo,
    list: &str,
) -> Result<(Record, A), TradeError> {
    let found = inner.store.find_numbered_record(A::KIND, no).await;
    let found = found.map_err(books_unavailable)?.ok_or_else(|| {
        let what = A::KIND.as_str().replace('_', " ");
        let message = format!("there is no {what} {no}: {list}");
        TradeError::new(ErrorCode::InvalidParameter, message)
    })?;
    let aggregate = read(&found)?;
    Ok((found, aggregate))
}

/// Which records of a kind: in a state, below a number, so many.
#[derive(Debug, Clone, Default)]
pub struct RecordsAsked {
    /// In this state, by its word; absent: in any.
    pub state: Option<String>,
    /// Only those with lower numbers, which are older.
    pub below: Option<PlatformNo>,
    /// So many at most.
    pub limit: u32,
}

/// Records of a kind, newest first.
pub(crate) async fn list<A: Aggregate>(
    inner: &Inner,
    asked: RecordsAsked,
) -> Result<Vec<(Record, A)>, TradeError> {
    let filter = RecordFilter {
        kind: A::KIND,
        state: asked.state,
        below: asked.below,
        limit: asked.limit,
    };
    all(inner
        .store
        .list_records(filter)
        .await
        .map_err(books_unavailable)?)
}

/// The newest hundred records that have a mark, newest first.
pub(crate) async fn marked<A: Aggregate>(
    inner: &Inner,
    mark: Name,
) -> Result<Vec<(Record, A)>, TradeError> {
    let marked = inner.store.marked_records(A::KIND, mark).await;
    all(marked.map_err(books_unavailable)?)
}

fn all<A: Aggregate>(records: Vec<Record>) -> Result<Vec<(Record, A)>, TradeError> {
    let records = records.into_iter();
    records
        .map(|record| read(&record).map(|aggregate| (record, aggregate)))
        .collect()
}
