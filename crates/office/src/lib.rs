//! The office: what operators do, as typed use cases that return values.
//!
//! Whatever shows them (the command line, a console) prints what a use case returned; a list is a
//! [`sheet`], the same for every surface and every form.

pub mod sheet;
