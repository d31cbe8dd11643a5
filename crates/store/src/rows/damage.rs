//! What the books say of damages: `damage`.

use heliu_ports::store::BooksDamage;

use crate::columns::{Columns, Result};

/// All of them, oldest first, as [`read_damage`] reads them.
pub(crate) const DAMAGES: &str = "SELECT accepted_at, told FROM damage ORDER BY accepted_at";

/// A damage in spite of which somebody went on.
pub(crate) fn read_damage(columns: &mut Columns<'_>) -> Result<BooksDamage> {
    Ok(BooksDamage {
        accepted_at: columns.at()?,
        told: columns.string()?,
    })
}
