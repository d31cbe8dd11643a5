//! What a decision makes of a row of the books.

/// What happens to a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Save {
    /// Nothing.
    #[default]
    Nothing,
    /// It is new.
    Insert,
    /// It changed.
    Update,
}
