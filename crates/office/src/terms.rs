//! How owners are settled.

use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::settlement_terms::{Cycle, OwnerTerms, SettlementTerms, TermsVersion};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::approvals::let_pass;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::proposed::Proposed;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office, owners};

/// Terms that somebody proposes: what is not named stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NewTerms {
    /// Whose: `merchant:ID` or `agent:ID`.
    pub owner: String,
    /// The first trade date to which they apply, `2026-11-29`; absent: tomorrow.
    pub from: Option<String>,
    /// When money is paid out: `D0`, `D1`, `T1` or `manual`.
    pub cycle: Option<String>,
    /// Less than this is not paid out, in fen.
    pub minimum_fen: Option<i64>,
    /// What the first bill of a chain costs, in fen.
    pub payout_fee_fen: Option<i64>,
    /// Which part of a bill is kept back, in parts per million.
    pub reserve_ppm: Option<u32>,
    /// For how many days.
    pub reserve_days: Option<u32>,
    /// How much the owner may owe by refunds, in fen.
    pub debt_limit_fen: Option<i64>,
}

/// A version of an owner's terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsRow {
    /// From 1 on; 0 are the terms of an owner who has none of its own.
    pub version: u32,
    /// The first trade date to which they apply.
    pub from: Option<BusinessDate>,
    /// Whether they apply to today's trades.
    pub is_in_force: bool,
    /// The terms.
    pub terms: SettlementTerms,
}

/// All terms that an owner has had, the oldest first.
///
/// # Errors
/// There is no such owner, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    owner: &str,
) -> Result<Vec<TermsRow>, OfficeError> {
    actor.check(Permission::See)?;
    let owner = owners::find_paid(office, owner).await?;
    let standing = office.engine().all_terms_of(&owner).await?;
    let today = BusinessDate::of(office.engine().clock().now());
    let in_force = standing.as_ref().and_then(|terms| terms.at(today));
    let in_force = in_force.map_or(0, |version| version.version);
    let mut rows = vec![TermsRow {
        version: 0,
        from: None,
        is_in_force: in_force == 0,
        terms: SettlementTerms::default(),
    }];
    let versions = standing.into_iter().flat_map(|terms| terms.versions);
    rows.extend(versions.map(|version| TermsRow {
        version: version.version,
        from: Some(version.from),
        is_in_force: version.version == in_force,
        terms: version.terms,
    }));
    Ok(rows)
}

/// Proposes terms, which another person must let pass.
///
/// # Errors
/// The actor may not; there is no such owner; something that was entered is wrong; or the books are
/// away.
pub async fn propose(
    office: &Office,
    actor: &Actor,
    new: NewTerms,
) -> Result<Proposed, OfficeError> {
    actor.check(Permission::Propose)?;
    let owner = owners::find_paid(office, &new.owner).await?;
    let engine = office.engine();
    let standing = engine.all_terms_of(&owner).await?;
    let last = standing.as_ref().and_then(|terms| terms.versions.last());
    let today = BusinessDate::of(engine.clock().now());
    let mut faults = Faults::new();
    let version = TermsVersion {
        owner,
        version: standing.as_ref().map_or(1, OwnerTerms::next_version),
        from: from_date(new.from.as_deref(), today, &mut faults),
        terms: entered(&new, last.map(|version| &version.terms), &mut faults),
    };
    faults.into_result()?;
    let act = Act {
        action: "terms.propose",
        subject: version.owner.to_string(),
        before: last.map(|last| json!(last)),
        after: Some(json!(version)),
    };
    let audit = office.audit(actor, act);
    let proposed = engine.propose_terms(version, last, actor.name(), audit);
    Ok(proposed.await?.into())
}

/// Gives an owner of the demonstration its first terms, which `checker` lets pass; one who has any
/// keeps them.
///
/// # Errors
/// Something that was entered is wrong, or the books are away.
pub async fn sow(
    office: &Office,
    maker: &Actor,
    checker: &Actor,
    new: NewTerms,
) -> Result<(), OfficeError> {
    let owner = owners::find_paid(office, &new.owner).await?;
    let stands = async || office.engine().all_terms_of(&owner).await;
    if stands().await?.is_some() {
        return Ok(());
    }
    let proposed = propose(office, maker, new).await?;
    let passed = let_pass(office, checker, &proposed.approval_no).await;
    // Another node may have been first.
    if passed.is_err() && stands().await?.is_some() {
        return Ok(());
    }
    passed
}

/// Trades of the past were made under the terms of then.
fn from_date(text: Option<&str>, today: BusinessDate, faults: &mut Faults) -> BusinessDate {
    let Some(text) = text else {
        return today.next();
    };
    match text.parse() {
        Ok(from) if from >= today => from,
        Ok(from) => {
            let why = format!("{from} is over");
            faults.add(
                "from",
                Problem::unfit(why, format!("name {today} or a later day")),
            );
            today
        }
        Err(_) => {
            let form = "a date such as 2026-11-29".to_owned();
            faults.add("from", Problem::Malformed(form));
            today
        }
    }
}

fn entered(
    new: &NewTerms,
    standing: Option<&SettlementTerms>,
    faults: &mut Faults,
) -> SettlementTerms {
    let mut terms = standing.cloned().unwrap_or_default();
    if let Some(word) = &new.cycle {
        match Cycle::parse(word) {
            Some(cycle) => terms.cycle = cycle,
            None => {
                let known = Cycle::ALL.map(|cycle| cycle.as_str().to_owned());
                faults.add("cycle", Problem::NotOneOf(known.into()));
            }
        }
    }
    terms.minimum_fen = new.minimum_fen.unwrap_or(terms.minimum_fen);
    terms.payout_fee_fen = new.payout_fee_fen.unwrap_or(terms.payout_fee_fen);
    terms.reserve_ppm = new.reserve_ppm.unwrap_or(terms.reserve_ppm);
    terms.reserve_days = new.reserve_days.unwrap_or(terms.reserve_days);
    terms.debt_limit_fen = new.debt_limit_fen.unwrap_or(terms.debt_limit_fen);
    if let Err(problem) = terms.check() {
        faults.add("terms", Problem::unfit(problem.to_string(), ""));
    }
    terms
}

impl Row for TermsRow {
    const COLUMNS: &'static [Column] = &[
        "version",
        "from",
        "is_in_force",
        "cycle",
        "minimum_yuan",
        "payout_fee_yuan",
        "reserve_ppm",
        "reserve_days",
        "debt_limit_yuan",
    ];

    fn cells(&self) -> Vec<Cell> {
        let terms = &self.terms;
        vec![
            Cell::Count(i64::from(self.version)),
            self.from
                .map_or(Cell::Empty, |from| Cell::text(from.to_string())),
            Cell::Flag(self.is_in_force),
            Cell::text(terms.cycle.as_str()),
            Cell::Fen(terms.minimum_fen),
            Cell::Fen(terms.payout_fee_fen),
            Cell::Count(i64::from(terms.reserve_ppm)),
            Cell::Count(i64::from(terms.reserve_days)),
            Cell::Fen(terms.debt_limit_fen),
        ]
    }
}
