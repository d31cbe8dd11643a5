//! Records.

use deadpool_postgres::GenericClient;
use heliu_ports::store::RecordFilter;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Name, Record, RecordKind, Want};
use tokio_postgres::types::ToSql;

use crate::columns::integer;
use crate::postgres::connections::{all, first};
use crate::postgres::fault::Fault;
use crate::rows::record;

/// Whether what is read is to stay as it is until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It is only looked at.
    No,
    /// It is about to be changed.
    Locked,
}

impl Hold {
    const fn sql(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Locked => " FOR UPDATE OF r",
        }
    }
}

/// The record that is wanted.
pub(crate) async fn find(
    client: &impl GenericClient,
    want: &Want,
    hold: Hold,
) -> Result<Option<Record>, Fault> {
    match want {
        Want::Numbered(kind, subject) => {
            let (owner, number) = (subject.owner.name(), integer(subject.no.as_u64()));
            let key: [&(dyn ToSql + Sync); 3] = [&kind.as_str(), &owner, &number];
            let sql = record::numbered() + hold.sql();
            first(client, &sql, &key, record::read).await
        }
        Want::Named(kind, name) => {
            let key: [&(dyn ToSql + Sync); 3] = [&kind.as_str(), &name.what, &name.text];
            let sql = record::named() + hold.sql();
            first(client, &sql, &key, record::read).await
        }
    }
}

/// The record of a number, whosever it is.
pub(crate) async fn numbered(
    client: &impl GenericClient,
    kind: RecordKind,
    no: PlatformNo,
) -> Result<Option<Record>, Fault> {
    let number = integer(no.as_u64());
    let key: [&(dyn ToSql + Sync); 2] = [&kind.as_str(), &number];
    first(client, &record::anybodys(), &key, record::read).await
}

/// The newest records that have a mark.
pub(crate) async fn marked(
    client: &impl GenericClient,
    kind: RecordKind,
    mark: &Name,
) -> Result<Vec<Record>, Fault> {
    let key: [&(dyn ToSql + Sync); 3] = [&kind.as_str(), &mark.what, &mark.text];
    all(client, &record::marked(), &key, record::read).await
}

/// Records, newest first.
pub(crate) async fn list(
    client: &impl GenericClient,
    filter: &RecordFilter,
) -> Result<Vec<Record>, Fault> {
    let below = filter.below.map_or(i64::MAX, |no| integer(no.as_u64()));
    let (kind, limit) = (filter.kind.as_str(), i64::from(filter.limit));
    let mut key: Vec<&(dyn ToSql + Sync)> = vec![&kind, &below];
    if let Some(state) = &filter.state {
        key.push(state);
    }
    key.push(&limit);
    all(client, &record::list(filter), &key, record::read).await
}
