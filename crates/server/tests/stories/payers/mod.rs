//! What payers see.

mod pages;
mod returns;
