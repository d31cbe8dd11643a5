//! Records: aggregates that are kept whole.

use futures::future::BoxFuture;
use heliu_ports::store::{CommitError, RecordCommit, RecordFilter, Records, RecordsCommitted};
use heliu_ports::store_error::Answer;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Name, Record, RecordKind, Want};

use super::super::work::{Reply, Request};
use super::super::{SqliteStore, read};

impl Records for SqliteStore {
    fn commit_records(
        &self,
        commit: RecordCommit,
    ) -> BoxFuture<'_, Result<RecordsCommitted, CommitError>> {
        Box::pin(self.ask(Request::CommitRecords(Box::new(commit)), Reply::Records))
    }

    fn find_record(&self, want: Want) -> Answer<'_, Option<Record>> {
        Box::pin(
            self.readers
                .read(move |books| read::record::find(books, &want)),
        )
    }

    fn find_numbered_record(&self, kind: RecordKind, no: PlatformNo) -> Answer<'_, Option<Record>> {
        Box::pin(
            self.readers
                .read(move |books| read::record::numbered(books, kind, no)),
        )
    }

    fn marked_records(&self, kind: RecordKind, mark: Name) -> Answer<'_, Vec<Record>> {
        Box::pin(
            self.readers
                .read(move |books| read::record::marked(books, kind, &mark)),
        )
    }

    fn list_records(&self, filter: RecordFilter) -> Answer<'_, Vec<Record>> {
        Box::pin(
            self.readers
                .read(move |books| read::record::list(books, &filter)),
        )
    }
}
