//! The live books: the invariants against them.

use heliu_engine::Engine;
use heliu_ports::store::BooksDamage;
use heliu_trade::invariant;

use crate::failure::Failure;

/// Orders that are read at once.
const PAGE: u32 = 500;
/// Violations that are shown.
const SHOWN_MAX: usize = 100;

pub(super) async fn check(engine: &Engine) -> Result<String, Failure> {
    let damage = engine.store().examine().await?;
    if !damage.is_empty() {
        let found = damage.join("\n  ");
        return Err(Failure::with_cure(
            format!("the books' file is damaged:\n  {found}"),
            "stop, keep a copy, and restore a backup",
        ));
    }
    let (mut after, mut orders, mut violations) = (None, 0_u64, Vec::new());
    loop {
        let page = engine.store().order_books(after.clone(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.order.merchant_id.clone(), last.order.order_no));
        for book in &page {
            orders += 1;
            violations.extend(invariant::check(book));
        }
    }
    let sum_fen = engine.store().journal_sum_fen().await?;
    if violations.is_empty() && sum_fen == 0 {
        let mut lines = vec![format!(
            "books clean: {orders} orders, the journal sums to zero"
        )];
        lines.extend(marks(engine).await?);
        return Ok(lines.join("\n"));
    }
    let mut lines = vec![format!(
        "books broken: {} violations in {orders} orders, the journal sums to {sum_fen} fen",
        violations.len()
    )];
    let shown = violations.iter().take(SHOWN_MAX);
    lines.extend(shown.map(|v| format!("  invariant {}: {}", v.invariant, v.message)));
    Err(Failure::new(lines.join("\n")))
}

/// What these books have gone through: what they hold is sound, and something may be missing.
async fn marks(engine: &Engine) -> Result<Vec<String>, Failure> {
    let damages = engine.store().damages().await?;
    let line = |damage: &BooksDamage| {
        let (at, told) = (damage.accepted_at, &damage.told);
        format!("marked: since {at} they have gone on in spite of a damage: {told}")
    };
    Ok(damages.iter().map(line).collect())
}
