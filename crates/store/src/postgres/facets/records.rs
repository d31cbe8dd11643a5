//! Records: aggregates that are kept whole.

use futures::future::BoxFuture;
use heliu_ports::store::{
    CommitError, RecordCommit, RecordFilter, Records, RecordsCommitted, StoreError,
};
use heliu_ports::store_error::Answer;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Name, Record, RecordKind, Want};

use super::super::connections::with_client;
use super::super::read::record::Hold;
use super::super::{PostgresStore, read, write};

impl Records for PostgresStore {
    fn commit_records(
        &self,
        commit: RecordCommit,
    ) -> BoxFuture<'_, Result<RecordsCommitted, CommitError>> {
        Box::pin(async move {
            let node = i16::from(self.shared.lease.node);
            let decided: Result<_, StoreError> = async {
                with_client!(self.changers, client =>
                    write::records::commit_records(client, &commit, node))
            }
            .await;
            Ok(decided??)
        })
    }

    fn find_record(&self, want: Want) -> Answer<'_, Option<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::record::find(client, &want, Hold::No))
        })
    }

    fn find_numbered_record(&self, kind: RecordKind, no: PlatformNo) -> Answer<'_, Option<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::record::numbered(client, kind, no))
        })
    }

    fn marked_records(&self, kind: RecordKind, mark: Name) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::record::marked(client, kind, &mark))
        })
    }

    fn list_records(&self, filter: RecordFilter) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::record::list(client, &filter))
        })
    }
}
