//! Requests that come as a form: how their parameters are read, and how a signature is put among
//! them.

mod reading;
mod signing;

pub(crate) use reading::{
    Decoding, Extent, Form, SECRET_LENGTH_MIN, SIGN, ends_in_blanks, has_escape, has_plus,
    raw_values,
};
pub(crate) use signing::signed;
