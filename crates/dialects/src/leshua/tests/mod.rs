//! Tests over the golden vectors, tables of cases, and random input.

mod answers;
mod fields;
mod notices;
mod payouts;
mod random;
mod samples;
mod signatures;
mod statements;
mod vectors;
mod words;
