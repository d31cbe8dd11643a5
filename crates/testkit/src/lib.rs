//! What tests need of the world: the books in memory, a PostgreSQL of one's own, three of them
//! under Patroni, and a simulation of everything around the engine.

pub mod memory_store;
pub mod patroni;
pub mod postgres_server;
pub mod sim;
pub mod small_disk;
mod unprivileged;

pub use memory_store::MemoryStore;
pub use patroni::PatroniCluster;
pub use postgres_server::{Durability, PostgresServer};
pub use small_disk::SmallDisk;
