//! Writes the rows of a file, a page at a time, so that memory stays flat whatever a day had.

use std::collections::{BTreeMap, BTreeSet};

use heliu_ports::dialect::Statements;
use heliu_ports::lists::{AgentKey, Listed, MerchantFilter, Page};
use heliu_ports::store::StoreError;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::directory::Agent;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AppId, MerchantId};
use heliu_trade::statement::{RemitRow, StatementFile, StatementKind, Sums, TradeRow};
use heliu_trade::time::{DAY_MS, Timestamp};

use super::shelf::{Building, Built};
use crate::Inner;
use crate::clearing::bill_view;
use crate::clearing::payouts_asked;
use crate::clearing::subtree::Subtree;
use crate::common::directory::{AgentProfile, books_unavailable};

/// The merchants of a file with the numbers under which its agent knows them, by id.
type Merchants = BTreeMap<MerchantId, BTreeSet<AppId>>;

/// A file in the making.
struct Draft<'a> {
    inner: &'a Inner,
    agent: &'a AgentProfile,
    wording: &'static dyn Statements,
    kind: StatementKind,
    day: BusinessDate,
    as_of: Timestamp,
    merchants: Merchants,
    /// `None` only while bytes are being written.
    file: Option<Building>,
    /// Rows of the file.
    sums: Sums,
    /// Rows of its merchants, also those that were traded under numbers of other agents: what the
    /// journal's own sums are compared with.
    read: Sums,
}

/// Writes a file whole; what its rows come to.
pub(super) async fn write(
    inner: &Inner,
    agent: &AgentProfile,
    kind: StatementKind,
    (day, as_of): (BusinessDate, Timestamp),
) -> Result<(Built, Sums), TradeError> {
    let wording = agent.dialect.statements().ok_or_else(|| {
        let message = format!("{} has no statement files", agent.agent.dialect_id);
        TradeError::new(ErrorCode::InvalidParameter, message)
    })?;
    check_closed(inner, day).await?;
    let number = inner.mint_record_no();
    let shelf = inner.shelf.clone();
    let file = blocking(move || shelf.begin(number)).await?;
    let mut draft = Draft {
        inner,
        agent,
        wording,
        kind,
        day,
        as_of,
        merchants: merchants(inner, agent).await.map_err(books_unavailable)?,
        file: Some(file),
        sums: Sums::default(),
        read: Sums::default(),
    };
    draft.append(wording.titles(&agent.agent, kind)).await?;
    match kind {
        StatementKind::Trade | StatementKind::Profit | StatementKind::RefundProfit => {
            draft.trades().await?;
        }
        StatementKind::Remit => draft.remits().await?,
    }
    let sums = draft.sums;
    let file = draft
        .file
        .take()
        .ok_or_else(|| folder_fault("it is lost"))?;
    let built = blocking(move || file.finish()).await?;
    Ok((built, sums))
}

/// Nothing is booked into a closed day any more.
async fn check_closed(inner: &Inner, day: BusinessDate) -> Result<(), TradeError> {
    let closed = inner.store.closed_through().await;
    let closed = closed.map_err(books_unavailable)?;
    if closed.is_some_and(|closed| day <= closed) {
        return Ok(());
    }
    let message = format!("{day} is not closed: heliu day show {day}");
    Err(TradeError::new(ErrorCode::TooEarly, message))
}

/// The merchants below an agent, as they stand.
async fn merchants(inner: &Inner, agent: &AgentProfile) -> Result<Merchants, StoreError> {
    let subtree = Subtree::of(&*inner.store, &agent.agent).await?;
    let mut merchants = Merchants::new();
    for agent_id in subtree.agents() {
        let filter = MerchantFilter {
            agent: Some(AgentKey {
                dialect_id: agent.agent.dialect_id.clone(),
                agent_id: agent_id.clone(),
            }),
            ..MerchantFilter::default()
        };
        let mut page = Page::first(Page::SIZE_MAX);
        loop {
            let listed = inner.store.page_merchants(filter.clone(), page).await?;
            for enrolment in listed.rows {
                let apps = enrolment.apps.iter().filter(|app| subtree.has(app));
                let known = merchants.entry(enrolment.merchant.merchant_id);
                known
                    .or_default()
                    .extend(apps.map(|app| app.app_id.clone()));
            }
            let Some(next) = listed.next else { break };
            page = Page::after(next, Page::SIZE_MAX);
        }
    }
    Ok(merchants)
}

impl Draft<'_> {
    /// Merchant by merchant what was booked near its order, then what was booked long after.
    async fn trades(&mut self) -> Result<(), TradeError> {
        let merchants: Vec<_> = self.merchants.keys().cloned().collect();
        for merchant in merchants {
            let mut page = Page::first(Page::SIZE_MAX);
            loop {
                let store = &self.inner.store;
                let listed = store.trade_rows(merchant.clone(), self.day, page).await;
                let next = self.page(listed).await?;
                let Some(next) = next else { break };
                page = next;
            }
        }
        let mut page = Page::first(Page::SIZE_MAX);
        loop {
            let listed = self.inner.store.late_trade_rows(self.day, page).await;
            let Some(next) = self.page(listed).await? else {
                break;
            };
            page = next;
        }
        self.check().await
    }

    /// Writes a page; where the next one begins, if there is one.
    async fn page(
        &mut self,
        listed: Result<Listed<TradeRow>, StoreError>,
    ) -> Result<Option<Page>, TradeError> {
        let Listed { rows, next } = listed.map_err(books_unavailable)?;
        let mut bytes = Vec::with_capacity(rows.len() * 256);
        for row in &rows {
            let Some(apps) = self.merchants.get(&row.merchant_id) else {
                continue;
            };
            self.read.add(row);
            if apps.contains(&row.app_id) {
                tell(
                    &mut self.sums,
                    (self.wording, self.kind),
                    &self.agent.agent,
                    row,
                    &mut bytes,
                );
            }
        }
        self.append(bytes).await?;
        Ok(next.map(|next| Page::after(next, Page::SIZE_MAX)))
    }

    /// What was read must come to what the journal adds up to by itself.
    async fn check(&self) -> Result<(), TradeError> {
        let (from, until) = (self.day.start(), self.day.end());
        let report = self.inner.store.report_day(from, until).await;
        let mut booked = Sums::default();
        for row in report.map_err(books_unavailable)? {
            if self.merchants.contains_key(&row.merchant_id) {
                booked.merge(&row.sums.of_statement());
            }
        }
        if booked == self.read {
            return Ok(());
        }
        tracing::error!(
            day = %self.day, agent = %self.agent.agent.agent_id,
            ?booked, read = ?self.read, "a statement does not add up to the journal"
        );
        let message = format!(
            "the rows of {} come to {} fen in {} rows, the journal to {} fen in {}: \
             nothing was published; run heliu books check",
            self.day,
            self.read.net_fen(),
            self.read.rows,
            booked.net_fen(),
            booked.rows
        );
        Err(TradeError::new(ErrorCode::Internal, message))
    }

    /// Bills that were made in the 24 hours before the files are due, by their numbers.
    async fn remits(&mut self) -> Result<(), TradeError> {
        let until = StatementFile::due_at(self.day);
        let made = payouts_asked::made_between(self.inner, until.plus_ms(-DAY_MS), until).await?;
        let mut bytes = Vec::new();
        for payout in made {
            let Some(merchant_id) = payout.owner.merchant() else {
                continue;
            };
            let apps = self.merchants.get(merchant_id);
            let Some(app_id) = apps.and_then(BTreeSet::first) else {
                continue;
            };
            let trail = self.inner.store.trail(&payout.subject()).await;
            let events = trail.map_err(books_unavailable)?.events;
            let Some(view) = bill_view::view_then(&payout, app_id, &events, self.as_of) else {
                continue;
            };
            self.sums.rows += 1;
            self.sums.out_fen += view.real_fen;
            let row = RemitRow { payout: view };
            self.wording.remit_row(&self.agent.agent, &row, &mut bytes);
        }
        self.append(bytes).await
    }

    async fn append(&mut self, bytes: Vec<u8>) -> Result<(), TradeError> {
        let mut file = self.file.take().ok_or_else(|| folder_fault("it is lost"))?;
        let written = blocking(move || {
            file.write(&bytes)?;
            Ok(file)
        });
        self.file = Some(written.await?);
        Ok(())
    }
}

/// Writes a movement into a file of this kind, if it has a place there.
fn tell(
    sums: &mut Sums,
    (wording, kind): (&dyn Statements, StatementKind),
    agent: &Agent,
    row: &TradeRow,
    out: &mut Vec<u8>,
) {
    let is_profit = match kind {
        StatementKind::Trade => {
            sums.add(row);
            wording.trade_row(agent, sums.rows, row, out);
            return;
        }
        StatementKind::Profit => row.movement.is_inflow(),
        StatementKind::RefundProfit => !row.movement.is_inflow(),
        StatementKind::Remit => false,
    };
    if let Some(profit) = row.profit_of(&agent.party_id).filter(|_| is_profit) {
        sums.add_profit(&profit);
        wording.profit_row(agent, &profit, out);
    }
}

/// Does what waits for a disk where it holds up nobody.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, TradeError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|cause| folder_fault(&cause))?
        .map_err(|cause| folder_fault(&cause))
}

/// The folder did not do what was asked.
fn folder_fault(cause: impl std::fmt::Display) -> TradeError {
    tracing::error!(%cause, "the folder of statements cannot be used");
    let message = format!("the folder of statements cannot be used: {cause}");
    TradeError::new(ErrorCode::Internal, message)
}
