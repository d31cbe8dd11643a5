//! A folder of one test, gone when it ends.

use std::path::PathBuf;
use std::sync::Arc;

use heliu_ports::store::StoreError;
use heliu_store::{SqliteOptions, SqliteStore};

pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// An empty folder; `name` differs between the tests of a program.
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("heliu-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    /// Opens books in it.
    pub(crate) fn open(&self, file: &str) -> Result<Arc<SqliteStore>, StoreError> {
        SqliteStore::open(SqliteOptions {
            path: self.0.join(file),
            node: 1,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.0);
    }
}
