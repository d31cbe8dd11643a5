//! Looks at who pays what: what was checked against one is written only while it stands.

use heliu_ports::store::StoreErrorKind;

use crate::Office;
use crate::error::OfficeError;

/// So often is looked anew while others change who pays what. One of those at the same moment
/// always comes through, so that this many may write at once.
const LOOKS_MAX: u32 = 20;

/// Checks and writes by the state of who pays what that `write` is handed, and once more with the
/// next one where somebody else changed that meanwhile. The state is read first, so that nothing
/// that is checked is older than it.
///
/// # Errors
/// Those of `write`; the books are away; or others are always faster (a conflict).
pub(crate) async fn looking<T, F>(
    office: &Office,
    write: impl Fn(u64) -> F,
) -> Result<T, OfficeError>
where
    F: Future<Output = Result<T, OfficeError>>,
{
    let mut looks = 0;
    loop {
        let seen = office.store().fee_tree().await?;
        looks += 1;
        let written = write(seen).await;
        let is_conflict = matches!(
            &written,
            Err(OfficeError::Store(error)) if error.kind() == StoreErrorKind::Conflict
        );
        if !is_conflict || looks >= LOOKS_MAX {
            return written;
        }
    }
}
