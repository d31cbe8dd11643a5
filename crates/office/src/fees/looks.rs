//! Looks at who pays what: what was checked against one is written only while it stands.

use heliu_ports::store::StoreErrorKind;

use crate::Office;
use crate::error::OfficeError;

/// So often is looked anew while others change who pays what. One of those at the same moment
/// always comes through, so that this many may write at once.
const LOOKS_MAX: u32 = 20;

/// Looks that were taken.
#[derive(Default)]
pub(crate) struct Looks(u32);

impl Looks {
    /// The state that is looked at now: read first, so that nothing is older than it.
    ///
    /// # Errors
    /// The books are away.
    pub(crate) async fn take(&mut self, office: &Office) -> Result<u64, OfficeError> {
        self.0 = self.0.saturating_add(1);
        Ok(office.store().fee_tree().await?)
    }

    /// Whether to look anew: somebody else changed meanwhile what was looked at.
    pub(crate) fn again<T>(&self, done: &Result<T, OfficeError>) -> bool {
        let is_conflict = matches!(
            done,
            Err(OfficeError::Store(error)) if error.kind() == StoreErrorKind::Conflict
        );
        is_conflict && self.0 < LOOKS_MAX
    }
}
