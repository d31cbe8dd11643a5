//! 复核: what one person proposes and another one lets pass, before it takes effect (four eyes).
//!
//! An approval keeps the content that it is about and a digest of it. Whoever acts on it hands in
//! the digest of what it is about to do: a content that was changed meanwhile has another one, and
//! nothing happens. It is used once, in the commit of what it allows, and not after its time.
//!
//! The deciders of what needs four eyes call `propose`, `use_up` and `void` within their own steps,
//! so that an approval and what it is about change together. What takes effect at once does so in
//! the commit that approves it: `four_eyes` has the table.

mod draft;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use draft::{approve, find, propose, reject, use_up, void};
pub use values::{
    Approval, ApprovalAction, ApprovalState, BATCH_LIFE_MS, Content, LIFE_MS, NewApproval,
    canonical, content_hash,
};
