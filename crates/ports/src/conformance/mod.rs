//! Conformance suites: what every implementer of a port must pass.

pub mod store;
