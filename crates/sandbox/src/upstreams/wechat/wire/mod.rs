//! WeChat's shapes and signatures, v2 and v3.

mod facts;
mod promotion;
mod v2;
mod v3;
mod xml;

pub(crate) use facts::{
    is_visible, paid_fields, refund_object, refund_object_for_notice, state_text, transaction,
};
pub(crate) use v2::sign as sign_v2;
pub(crate) use v3::{Spoil, signed_headers};
pub(crate) use xml::{Fields, read as read_xml, write as write_xml};
