//! The books on disk, and the only place of the house that knows SQL.
//!
//! [`SqliteStore`] keeps them in one SQLite file with one writer thread that commits in groups;
//! [`PostgresStore`] in a PostgreSQL that several nodes share.
//! Deliberately absent: any rule of money. What is to be saved, [`heliu_trade::decide::decide`] says.

pub mod postgres;
mod reading;
pub mod sqlite;

pub use postgres::{PostgresOptions, PostgresStore};
pub use sqlite::{SqliteOptions, SqliteStore};
