//! 工作日: our own table of holidays, and the years that operators imported, which go before it.

use heliu_ports::store::DirectoryChange;
use heliu_trade::calendar::{Calendar, HolidayYear};
use heliu_trade::error::TradeError;
use heliu_trade::followup::audit::NewAudit;

use crate::common::directory::books_unavailable;
use crate::{Engine, Inner};

impl Engine {
    /// Which days are worked, by what the books hold now: all nodes go by the same.
    ///
    /// # Errors
    /// The books are away.
    pub async fn calendar(&self) -> Result<Calendar, TradeError> {
        self.inner.calendar().await
    }

    /// The years that were imported.
    ///
    /// # Errors
    /// The books are away.
    pub async fn imported_holidays(&self) -> Result<Vec<HolidayYear>, TradeError> {
        let imported = self.inner.store.holidays().await;
        imported.map_err(books_unavailable)
    }

    /// Puts years in the place of those that stand.
    ///
    /// # Errors
    /// The books are away.
    pub async fn import_holidays(
        &self,
        years: Vec<HolidayYear>,
        audit: NewAudit,
    ) -> Result<(), TradeError> {
        let change = DirectoryChange::PutHolidays(years);
        let importing = self.change_directory_audited(change, Some(audit));
        importing.await.map_err(books_unavailable)
    }
}

impl Inner {
    /// Which days are worked.
    pub(super) async fn calendar(&self) -> Result<Calendar, TradeError> {
        let imported = self.store.holidays().await.map_err(books_unavailable)?;
        let mut calendar = self.settings.calendar.clone();
        calendar.put(imported);
        Ok(calendar)
    }
}
