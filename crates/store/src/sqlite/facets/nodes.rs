//! What nodes over the same books tell one another.

use heliu_ports::store::Nodes;

use super::super::SqliteStore;

impl Nodes for SqliteStore {}
