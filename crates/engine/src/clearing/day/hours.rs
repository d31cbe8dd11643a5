//! 当日结算: what is due on the same day is settled and paid out by the hour, and what owners
//! withdraw with it.
//!
//! A job of each date does it: so one node works on an hour, and another one takes up what a dead
//! one left. What is settled stays settled, and what stands in a bill comes into no other, so that
//! an hour may be worked on twice.

use std::collections::BTreeSet;

use heliu_ports::store::{Booked, RecordFilter};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{Action, DayStep, StepDone};
use heliu_trade::error::TradeError;
use heliu_trade::followup::job::Job;
use heliu_trade::followup::subject::Owner;
use heliu_trade::payout::Payout;
use heliu_trade::record::{RecordKind, Want};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::settlement::{Cycle, Window};
use heliu_trade::settlement_terms::OwnerTerms;
use heliu_trade::time::{MINUTE_MS, Timestamp};

use super::context::StepError;
use super::proof::is_red;
use super::steps::{draft, settle};
use crate::Inner;
use crate::clearing::found::{find, read};
use crate::common::directory::books_unavailable;
use crate::common::handler::Unfinished;

/// Owners and terms that are read at once.
const PAGE: u32 = 500;
/// Pause before a date that is over and not closed is looked at again, in ms.
const CLOSE_GAP_MS: i64 = MINUTE_MS;
/// After so long a run gives its job back and goes on with a new lease, in ms.
const RUN_MAX_MS: i64 = 45_000;

/// Settles and pays out by the last hour of the job's date that is over.
pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let want = Want::Numbered(RecordKind::DayStep, job.key.subject.clone());
    let Some(DayStep { date, .. }) = find(inner, want.clone()).await? else {
        return Ok(());
    };
    let Some(window) = Window::over_at(date, inner.now()) else {
        return Err(until(inner, Window::next_end(date, inner.now())));
    };
    // What comes late is still booked into its date.
    if window.is_last() && !is_closed(inner, date).await? {
        return Err(Unfinished::Later(CLOSE_GAP_MS));
    }
    // What red books hold back comes with the day's own steps, when they are put right.
    if !is_red(inner).await? {
        let run = Run {
            inner,
            date,
            window,
            begun_at: inner.now(),
        };
        if !run.pay_out().await? {
            return Err(Unfinished::Later(0));
        }
    }
    if !window.is_last() {
        return Err(until(inner, Window::next_end(date, window.end())));
    }
    let step = RecordStep {
        wants: vec![want],
        now: inner.now(),
        action: RecordAction::Day(Action::EndHours),
    };
    inner.commit_records(step, Vec::new(), None).await?;
    Ok(())
}

/// The job is due again then.
fn until(inner: &Inner, at: Option<Timestamp>) -> Unfinished {
    let gap_ms = at.map_or(0, |at| at.since_ms(inner.now()));
    Unfinished::Later(gap_ms.max(0))
}

async fn is_closed(inner: &Inner, date: BusinessDate) -> Result<bool, TradeError> {
    let closed = inner.store.closed_through().await;
    let closed = closed.map_err(books_unavailable)?;
    Ok(closed.is_some_and(|closed| date <= closed))
}

impl From<StepError> for Unfinished {
    fn from(error: StepError) -> Self {
        let (StepError::Away(why) | StepError::Failed(why)) = error;
        Self::Books(why)
    }
}

/// A run over the owners of an hour.
struct Run<'a> {
    inner: &'a Inner,
    date: BusinessDate,
    window: Window,
    begun_at: Timestamp,
}

impl Run<'_> {
    /// Whether it came through; else its job's lease would be over before.
    async fn pay_out(&self) -> Result<bool, StepError> {
        let (inner, today) = (self.inner, BusinessDate::of(self.inner.now()));
        let mut done = StepDone::default();
        let owners = self.owners().await?;
        if !self.settle(&owners, &mut done).await? {
            return Ok(false);
        }
        let mut bills = 0;
        for owner in &owners {
            if self.is_over() {
                return Ok(false);
            }
            bills += draft::note(&mut done, owner, draft::draft(inner, owner, today).await)?;
        }
        let mut after = None;
        loop {
            let page = inner.store.owners_waiting(draft::asked(), after, PAGE);
            let page = page.await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            for owner in &page {
                if self.is_over() {
                    return Ok(false);
                }
                let made = draft::withdraw(inner, owner, today).await;
                bills += draft::note(&mut done, owner, made)?;
            }
        }
        let is_wanted = |bill: &Payout| matches!(bill.cycle, Cycle::D0 | Cycle::Manual);
        let batches = draft::form(inner, today, is_wanted, &mut done).await?;
        self.tell(&done, bills, batches);
        Ok(true)
    }

    /// Owners that have their money of the date on the same day.
    async fn owners(&self) -> Result<BTreeSet<Owner>, StepError> {
        let (mut owners, mut below) = (BTreeSet::new(), None);
        loop {
            let filter = RecordFilter {
                kind: RecordKind::SettlementTerms,
                state: None,
                below,
                limit: PAGE,
            };
            let page = self.inner.store.list_records(filter).await?;
            let Some(last) = page.last() else {
                return Ok(owners);
            };
            below = Some(last.subject.no);
            for record in &page {
                let terms: OwnerTerms = read(record)?;
                let version = terms.at(self.date);
                if version.is_some_and(|version| version.terms.cycle == Cycle::D0) {
                    owners.insert(terms.owner);
                }
            }
        }
    }

    /// Gathers what these owners earned until the end of the hour, and closes what is gathered,
    /// also by a run that died.
    async fn settle(
        &self,
        owners: &BTreeSet<Owner>,
        done: &mut StepDone,
    ) -> Result<bool, StepError> {
        let (inner, date) = (self.inner, self.date);
        let booked = Booked {
            from: date.start(),
            until: self.window.end(),
        };
        let mut after = None;
        while !owners.is_empty() {
            let page = inner.store.owners_to_settle(booked, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            for owner in page.iter().filter(|owner| owners.contains(owner)) {
                if self.is_over() {
                    return Ok(false);
                }
                let gathered = settle::gather_window(inner, owner, (date, self.window)).await;
                draft::note(done, owner, gathered)?;
            }
        }
        let mut after = None;
        loop {
            let page = inner.store.owners_waiting(settle::open(), after, PAGE);
            let page = page.await?;
            let Some(last) = page.last() else {
                return Ok(true);
            };
            after = Some(last.clone());
            for owner in &page {
                if self.is_over() {
                    return Ok(false);
                }
                let closed = settle::close_windows(inner, owner, date).await;
                done.done += draft::note(done, owner, closed)?;
            }
        }
    }

    fn is_over(&self) -> bool {
        self.inner.now().since_ms(self.begun_at) > RUN_MAX_MS
    }

    fn tell(&self, done: &StepDone, bills: u64, batches: u64) {
        let (date, hour) = (self.date, self.window.number());
        for failure in &done.failed {
            let (what, why) = (&failure.what, &failure.why);
            tracing::warn!(%date, hour, what, why, "an owner is not paid by the hour");
        }
        if done.done + bills + batches > 0 {
            let settlements = done.done;
            tracing::info!(%date, hour, settlements, bills, batches, "an hour is settled");
        }
    }
}
