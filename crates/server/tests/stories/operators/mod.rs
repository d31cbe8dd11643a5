//! What operators do and see.

mod deployment;
mod given_keys;
mod terminal;
