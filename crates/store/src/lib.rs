//! The books on disk, and the only place of the house that knows SQL.
//!
//! [`SqliteStore`] keeps them in one SQLite file with one writer thread that commits in groups;
//! [`PostgresStore`] in a PostgreSQL that several nodes share. Books move between the two as a
//! file: [`moving`], [`Place`]. Which version of the schema goes together with which program,
//! [`schema`] says. What rows mean stands once, in `rows`, read through `columns`.
//!
//! Deliberately absent: any rule of money. What is to be saved, [`heliu_trade::decide::decide`]
//! says.

mod bounded;
mod columns;
mod condition;
pub mod moving;
mod place;
pub mod postgres;
mod rows;
pub mod schema;
pub mod sqlite;

pub use place::Place;
pub use postgres::{PostgresAddress, PostgresOptions, PostgresStore};
pub use sqlite::private::keep_private;
pub use sqlite::{AcceptedLoss, SqliteOptions, SqliteStore};
