//! The condition of the books, and their end.

use heliu_ports::store::Upkeep;

use super::super::MemoryStore;

impl Upkeep for MemoryStore {}
