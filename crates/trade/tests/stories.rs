//! The important paths of an order, told one by one; every test's name is its sentence.

mod book;
mod story;
