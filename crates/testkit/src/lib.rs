//! What tests need of the world: the books in memory, and a PostgreSQL of one's own.

pub mod memory_store;
pub mod postgres_server;

pub use memory_store::MemoryStore;
pub use postgres_server::{Durability, PostgresServer};
