//! The clock of a sandbox, which can be moved forward (ruling 49): so that a day is over at once.

use heliu_ports::store::DirectoryChange;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::time::Timestamp;

use crate::common::directory::books_unavailable;
use crate::{Engine, Inner};

impl Engine {
    /// Moves the clock to an instant ahead. Other nodes over the same books follow within half a
    /// minute.
    ///
    /// # Errors
    /// It is no sandbox's clock, the instant is not ahead, or the books are away.
    pub async fn move_clock(&self, at: Timestamp, audit: NewAudit) -> Result<(), TradeError> {
        let refused = |message: String| TradeError::new(ErrorCode::InvalidParameter, message);
        let Some(clock) = self.inner.clock.movable() else {
            let message = "only the clock of a sandbox can be moved: heliu demo";
            return Err(refused(message.to_owned()));
        };
        let now = self.inner.now();
        if at <= now {
            return Err(refused(format!(
                "{at} is not ahead: it is {now}, and the clock is moved forward only"
            )));
        }
        let ahead_ms = clock.ahead_ms().saturating_add(at.since_ms(now));
        let change = DirectoryChange::MoveClock(ahead_ms);
        let moving = self.change_directory_audited(change, Some(audit));
        moving.await.map_err(books_unavailable)?;
        clock.set_ahead(ahead_ms);
        Ok(())
    }
}

impl Inner {
    /// Follows another node that moved the clock.
    pub(super) async fn follow_clock(&self) {
        let Some(clock) = self.clock.movable() else {
            return;
        };
        match self.store.clock_ahead_ms().await {
            Ok(ahead_ms) => clock.set_ahead(ahead_ms),
            Err(cause) => tracing::warn!(%cause, "whether the clock was moved is not known"),
        }
    }
}
