//! Story: what is under the platform fails: disk, files, log, database. Tills hear that it is busy, nothing is
//! half-written, readiness says no, and all goes on without a restart once it can (rows A5 to A9, B1 and B4 of
//! the reliability paper).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

mod harness;

#[path = "database_faults/disk.rs"]
mod disk;
#[path = "database_faults/image.rs"]
mod image;
#[path = "database_faults/limits.rs"]
mod limits;
#[path = "database_faults/postgres.rs"]
mod postgres;
#[path = "database_faults/shop.rs"]
mod shop;
#[path = "database_faults/stop.rs"]
mod stop;
