//! Payouts that are let pass up to a limit, until a day.

use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::standing::{Standing, StandingLimits};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::proposed::Proposed;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office};

/// Limits that somebody proposes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewStanding {
    /// So much a payout at most, in fen; 0 lets none pass.
    pub per_payout_fen: i64,
    /// So much a day at most, in fen.
    pub per_day_fen: i64,
    /// The last day on which they hold, `2026-11-29`.
    pub until: String,
}

/// The limits that hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingRow {
    /// So much a payout at most, in fen.
    pub per_payout_fen: i64,
    /// So much a day at most, in fen.
    pub per_day_fen: i64,
    /// The last day on which they hold.
    pub until: BusinessDate,
    /// Whether they hold today.
    pub is_in_force: bool,
    /// How much of today's was used, in fen.
    pub used_today_fen: i64,
    /// The approval that let them pass.
    pub approval_no: String,
}

/// The limits that hold, if any were ever approved.
///
/// # Errors
/// The actor may not, or the books are away.
pub async fn show_standing(
    office: &Office,
    actor: &Actor,
) -> Result<Vec<StandingRow>, OfficeError> {
    actor.check(Permission::See)?;
    let today = BusinessDate::of(office.engine().clock().now());
    let standing = office.engine().standing_approval().await?;
    let row = |standing: Standing| StandingRow {
        per_payout_fen: standing.limits.per_payout_fen,
        per_day_fen: standing.limits.per_day_fen,
        until: standing.limits.until,
        is_in_force: today <= standing.limits.until,
        used_today_fen: standing.used_fen_on(today),
        approval_no: standing.approval_no.to_string(),
    };
    Ok(standing.map(row).into_iter().collect())
}

/// Proposes limits, which another person must let pass.
///
/// # Errors
/// The actor may not; a limit is below zero, or the day is over or none; or the books are away.
pub async fn propose_standing(
    office: &Office,
    actor: &Actor,
    new: NewStanding,
) -> Result<Proposed, OfficeError> {
    actor.check(Permission::Propose)?;
    let engine = office.engine();
    let today = BusinessDate::of(engine.clock().now());
    let mut faults = Faults::new();
    for (name, fen) in [
        ("limit per payout", new.per_payout_fen),
        ("limit per day", new.per_day_fen),
    ] {
        if fen < 0 {
            faults.add(name, Problem::Malformed("not below zero".to_owned()));
        }
    }
    let until: Option<BusinessDate> = new.until.parse().ok();
    match until {
        None => {
            let form = "a date such as 2026-11-29".to_owned();
            faults.add("until", Problem::Malformed(form));
        }
        Some(until) if until < today => {
            let cure = format!("name {today} or a later day");
            faults.add("until", Problem::unfit(format!("{until} is over"), cure));
        }
        Some(_) => {}
    }
    faults.into_result()?;
    let limits = StandingLimits {
        per_payout_fen: new.per_payout_fen,
        per_day_fen: new.per_day_fen,
        until: until.unwrap_or(today),
    };
    let act = Act {
        action: "approvals.propose_standing",
        subject: StandingLimits::SUBJECT.to_owned(),
        before: None,
        after: Some(json!(limits)),
    };
    let audit = office.audit(actor, act);
    let proposed = engine.propose_standing(&limits, actor.name(), audit);
    Ok(proposed.await?.into())
}

impl Row for StandingRow {
    const COLUMNS: &'static [Column] = &[
        "per_payout_yuan",
        "per_day_yuan",
        "until",
        "is_in_force",
        "used_today_yuan",
        "approval_no",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Fen(self.per_payout_fen),
            Cell::Fen(self.per_day_fen),
            Cell::text(self.until.to_string()),
            Cell::Flag(self.is_in_force),
            Cell::Fen(self.used_today_fen),
            Cell::number(&self.approval_no),
        ]
    }
}
