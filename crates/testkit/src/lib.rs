//! What tests need of the world: the books in memory, a PostgreSQL of one's own, and a simulation of
//! everything around the engine.

pub mod memory_store;
pub mod postgres_server;
pub mod sim;
pub mod small_disk;

pub use memory_store::MemoryStore;
pub use postgres_server::{Durability, PostgresServer};
pub use small_disk::SmallDisk;
