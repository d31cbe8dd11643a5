//! The live books: the invariants against them, and what stands on their accounts.

mod payouts;
mod show;

pub use show::{AccountRow, BookAsked, EntryRow, entries, show};

use heliu_ports::store::BooksDamage;
use heliu_trade::invariant;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;

/// Orders that are read at once.
const PAGE: u32 = 500;
/// Violations that are shown.
const SHOWN_MAX: usize = 100;

/// Books that are sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundBooks {
    /// How many orders were looked at.
    pub orders: u64,
    /// How many closed business dates were.
    #[serde(default)]
    pub dates: u64,
    /// What these books have gone through: what they hold is sound, and something may be missing.
    pub marks: Vec<String>,
}

/// Checks the invariants against the books.
///
/// # Errors
/// The file is damaged, or an invariant is broken: which.
pub async fn check(office: &Office, actor: &Actor) -> Result<SoundBooks, OfficeError> {
    actor.check(Permission::See)?;
    let store = office.store();
    let damage = store.examine().await?;
    if !damage.is_empty() {
        let found = damage.join("\n  ");
        return Err(OfficeError::with_cure(
            format!("the books' file is damaged:\n  {found}"),
            "stop, keep a copy, and restore a backup",
        ));
    }
    let (mut after, mut orders, mut violations) = (None, 0_u64, Vec::new());
    loop {
        let page = store.order_books(after.clone(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.order.merchant_id.clone(), last.order.order_no));
        for book in &page {
            orders += 1;
            violations.extend(invariant::check(book));
        }
    }
    violations.extend(payouts::violations(office).await?);
    let sum_fen = store.journal_sum_fen().await?;
    let closed = office.engine().check_closed_dates().await?;
    if violations.is_empty() && sum_fen == 0 && closed.faults.is_empty() {
        let marks = marks(office).await?;
        let dates = closed.dates;
        return Ok(SoundBooks {
            orders,
            dates,
            marks,
        });
    }
    let mut lines = vec![format!(
        "books broken: {} violations in {orders} orders, the journal sums to {sum_fen} fen",
        violations.len()
    )];
    let shown = violations.iter().take(SHOWN_MAX);
    lines.extend(shown.map(|v| format!("  invariant {}: {}", v.invariant, v.message)));
    let faults = closed.faults.iter().take(SHOWN_MAX);
    lines.extend(faults.map(|fault| format!("  {fault}")));
    Err(OfficeError::new(lines.join("\n")))
}

async fn marks(office: &Office) -> Result<Vec<String>, OfficeError> {
    let damages = office.store().damages().await?;
    let line = |damage: &BooksDamage| {
        let (at, told) = (damage.accepted_at, &damage.told);
        format!("since {at} they have gone on in spite of a damage: {told}")
    };
    Ok(damages.iter().map(line).collect())
}
