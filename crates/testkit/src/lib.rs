//! What tests need of the world: the books in memory.

pub mod memory_store;

pub use memory_store::MemoryStore;
