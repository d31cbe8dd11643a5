//! Records: aggregates that are kept whole.

use futures::future::BoxFuture;
use heliu_ports::store::{
    CommitError, RecordCommit, RecordFilter, Records, RecordsCommitted, StoreNews,
};
use heliu_ports::store_error::Answer;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Name, Record, RecordKind, Want};

use super::super::MemoryStore;

impl Records for MemoryStore {
    fn commit_records(
        &self,
        commit: RecordCommit,
    ) -> BoxFuture<'_, Result<RecordsCommitted, CommitError>> {
        if let Some(watch) = self.watch.clone() {
            return Box::pin(async move { self.commit_records_watched(commit, &*watch).await });
        }
        let result = self.lock().commit_records(commit);
        self.desk
            .tell_others(self.node, StoreNews::DirectoryChanged);
        Box::pin(async move { result })
    }

    fn find_record(&self, want: Want) -> Answer<'_, Option<Record>> {
        self.answer(|books| books.find_record(&want))
    }

    fn find_numbered_record(&self, kind: RecordKind, no: PlatformNo) -> Answer<'_, Option<Record>> {
        self.answer(|books| books.numbered_record(kind, no))
    }

    fn marked_records(&self, kind: RecordKind, mark: Name) -> Answer<'_, Vec<Record>> {
        self.answer(|books| books.marked_records(kind, &mark))
    }

    fn list_records(&self, filter: RecordFilter) -> Answer<'_, Vec<Record>> {
        self.answer(|books| books.list_records(&filter))
    }
}
