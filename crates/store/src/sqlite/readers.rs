//! Connections that only read: beside the writer, which never waits for them.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use heliu_ports::store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

use super::connection::open_reader;
use super::fault::Fault;
use crate::condition::Condition;

/// Reads at once; further ones wait. Two cores gain nothing from more.
const READERS: usize = 2;

/// A small pool.
pub(crate) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
    condition: Arc<Condition>,
}

impl Readers {
    pub(crate) fn open(path: &Path, condition: Arc<Condition>) -> Result<Self, Fault> {
        let connections: Result<Vec<_>, _> = (0..READERS).map(|_| open_reader(path)).collect();
        Ok(Self {
            idle: Arc::new(Mutex::new(connections?)),
            places: Arc::new(Semaphore::new(READERS)),
            condition,
        })
    }

    /// Reads no more; what is under way ends.
    pub(crate) fn close(&self) {
        self.places.close();
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Runs `read` on a thread that may wait for a disk, in one transaction, so that all of it sees
    /// the same instant.
    pub(crate) async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(StoreError::unavailable)?;
        let (idle, places) = (Arc::clone(&self.idle), Arc::clone(&self.places));
        let condition = Arc::clone(&self.condition);
        let task = tokio::task::spawn_blocking(move || {
            // Held until the connection is back, also when nobody waits for the answer any more.
            let _place = place;
            let lock = || idle.lock().unwrap_or_else(PoisonError::into_inner);
            let connection = lock().pop();
            let Some(connection) = connection else {
                return Err(StoreError::unavailable("no reader is left"));
            };
            let connection = Lent {
                connection: Some(connection),
                idle: &idle,
                places: &places,
            };
            connection
                .read(read)
                .map_err(|fault| fault.noted(&condition))
        });
        task.await.map_err(StoreError::unavailable)?
    }
}

/// A connection that goes back to the pool however its read ends.
struct Lent<'i> {
    connection: Option<Connection>,
    idle: &'i Mutex<Vec<Connection>>,
    places: &'i Semaphore,
}

impl Lent<'_> {
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let Some(connection) = &self.connection else {
            return Err(Fault::Damaged("a reader without a connection".to_owned()));
        };
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
        let value = read(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !self.places.is_closed()
        {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
    }
}
