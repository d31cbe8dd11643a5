//! The books on disk, and the only place of the house that knows SQL.
//!
//! [`SqliteStore`] keeps them in one SQLite file with one writer thread that commits in groups.
//! Deliberately absent: any rule of money. What is to be saved, [`heliu_trade::decide::decide`] says.

pub mod sqlite;

pub use sqlite::{SqliteOptions, SqliteStore};
