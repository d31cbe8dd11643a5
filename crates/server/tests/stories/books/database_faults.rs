//! Story: what is under the platform fails: disk, files, log, database. Tills hear that it is busy,
//! nothing is half-written, readiness says no, and all goes on without a restart once it can (rows
//! A5 to A9, B1 and B4 of the reliability paper).

mod disk;
mod image;
mod limits;
mod postgres;
mod shop;
mod stop;
