//! What tests need of the world: the books in memory, a simulation of everything around the engine, and a
//! PostgreSQL of one's own.

pub mod memory_store;
pub mod postgres_server;
pub mod sim;

pub use memory_store::MemoryStore;
pub use postgres_server::{Durability, PostgresServer};
