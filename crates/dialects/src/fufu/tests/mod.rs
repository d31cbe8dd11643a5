//! The dialect against its golden vectors and its tables.

mod answers;
mod fields;
mod notices;
mod random;
mod samples;
mod signatures;
mod vectors;
