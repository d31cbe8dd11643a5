//! What tests need of the world: the books in memory, and a simulation of everything around the engine.

pub mod memory_store;
pub mod sim;

pub use memory_store::MemoryStore;
