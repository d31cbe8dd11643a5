//! Entries become items of settlements.

use heliu_ports::store::{Gather, Gathered};
use heliu_trade::id::PlatformNo;
use rusqlite::params;

use super::books::Books;
use crate::rows::settlement::{gather_apart, gather_near, next};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::all_of;
use crate::sqlite::work::Outcome;

impl Books<'_> {
    pub(super) fn gather_items(&self, gather: &Gather) -> Result<Outcome, Fault> {
        let near = self.gather_by(gather, &gather_near(gather))?;
        let mut gathered = Gathered {
            items: near.len() as u64,
            next: next(&near, gather.limit),
        };
        if gathered.next.is_none() {
            let apart = self.gather_by(gather, &gather_apart(gather))?;
            gathered.items += apart.len() as u64;
            // Those are found by the same way again, however many are left.
            gathered.next = next(&apart, gather.limit);
        }
        Ok(Outcome::Gathered(gathered))
    }

    fn gather_by(&self, gather: &Gather, sql: &str) -> Result<Vec<PlatformNo>, Fault> {
        // It names instants, so it is another one each day and not kept.
        let mut statement = self.connection.prepare(sql)?;
        let owner = params![gather.settlement.owner.name()];
        all_of(&mut statement, owner, |columns| {
            columns.number().map(PlatformNo::from_u64)
        })
    }
}
