//! The plan of a business date: which steps there are, when each is due, and what it waits for.

use serde::{Deserialize, Serialize};

use crate::calendar::BusinessDate;
use crate::time::{MINUTE_MS, Timestamp};

/// A step of a business date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Nothing is booked into the date any more.
    Close,
    /// What stands on each account at its end.
    RollUp,
    /// Agents' shares of the date go into the agents' books.
    Sweep,
    /// The invariants against the books; red stops what pays out.
    CheckBooks,
    /// Reserves and holds whose time is over.
    Release,
    /// Settlements of each owner.
    Settle,
    /// Bills and batches of those that are due.
    Draft,
    /// Approved batches go to the channels that pay out.
    Send,
    /// 对账单: files for agents.
    Statements,
    /// Bills of the channels.
    FetchBills,
    /// Bills against the books.
    Match,
    /// What the bank says against the bills.
    BankLines,
    /// Bills and batches of what was settled too late for the first ones.
    DraftAgain,
}

/// Of what a step makes one piece of work each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole platform, in one piece.
    Platform,
    /// Each book.
    Owner,
    /// Each merchant with each of its agents.
    MerchantAndAgent,
    /// Each cycle with each channel that pays out.
    CycleAndChannel,
    /// Each payout.
    Payout,
    /// Each agent with each kind of file.
    AgentAndKind,
    /// Each account with a channel.
    ChannelAccount,
}

/// When a step is due, of what it makes pieces, and what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Minute of the next day in Beijing.
    pub minute: i64,
    /// Its pieces.
    pub scope: Scope,
    /// Steps of the same date that must be done.
    pub needs: &'static [StepName],
    /// Whether the same step of the date before must be done.
    pub needs_the_day_before: bool,
}

use StepName::{
    BankLines, CheckBooks, Close, Draft, DraftAgain, FetchBills, Match, Release, RollUp, Send,
    Settle, Statements, Sweep,
};

impl StepName {
    /// Every step, in the order in which they are due.
    pub const ALL: [Self; 13] = [
        Close, RollUp, Sweep, CheckBooks, Release, Settle, Draft, Send, Statements, FetchBills,
        Match, BankLines, DraftAgain,
    ];

    /// The word in tables and commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Close => "close",
            RollUp => "roll_up",
            Sweep => "sweep",
            CheckBooks => "check_books",
            Release => "release",
            Settle => "settle",
            Draft => "draft",
            Send => "send",
            Statements => "statements",
            FetchBills => "fetch_bills",
            Match => "match",
            BankLines => "bank_lines",
            DraftAgain => "draft_again",
        }
    }

    /// The step of a word of [`StepName::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// The table of section 6 of the back half.
    #[must_use]
    pub const fn plan(self) -> Plan {
        let (minute, scope, needs): (i64, Scope, &[Self]) = match self {
            Close => (5, Scope::Platform, &[]),
            RollUp => (10, Scope::Owner, &[Close]),
            Sweep => (30, Scope::MerchantAndAgent, &[RollUp]),
            CheckBooks => (60, Scope::Platform, &[Sweep]),
            Release => (3 * 60 + 30, Scope::Owner, &[Close]),
            Settle => (4 * 60, Scope::Owner, &[Sweep, Release]),
            Draft => (5 * 60, Scope::CycleAndChannel, &[Settle, CheckBooks]),
            Send => (8 * 60, Scope::Payout, &[Draft, CheckBooks]),
            Statements => (8 * 60 + 30, Scope::AgentAndKind, &[Sweep]),
            FetchBills => (10 * 60, Scope::ChannelAccount, &[Close]),
            Match => (10 * 60 + 10, Scope::ChannelAccount, &[FetchBills]),
            BankLines => (11 * 60, Scope::ChannelAccount, &[Match]),
            DraftAgain => (14 * 60, Scope::CycleAndChannel, &[Draft]),
        };
        Plan {
            minute,
            scope,
            needs,
            needs_the_day_before: matches!(self, Close | RollUp),
        }
    }

    /// When the step of a date is due (UTC).
    #[must_use]
    pub fn due_at(self, date: BusinessDate) -> Timestamp {
        date.end().plus_ms(self.plan().minute * MINUTE_MS)
    }

    /// The steps that must be done before this one of a date is begun, each with its date.
    #[must_use]
    pub fn needs(self, date: BusinessDate) -> Vec<(BusinessDate, Self)> {
        let plan = self.plan();
        let before = plan.needs_the_day_before.then(|| (date.previous(), self));
        let same = plan.needs.iter().map(|step| (date, *step));
        before.into_iter().chain(same).collect()
    }

    /// Whether it may be run again though it is done: its files are published as a new version.
    #[must_use]
    pub const fn may_be_repeated(self) -> bool {
        matches!(self, Statements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_due_after_those_that_it_needs() {
        for (place, step) in StepName::ALL.into_iter().enumerate() {
            let plan = step.plan();
            for needed in plan.needs {
                assert!(needed.plan().minute < plan.minute, "{step:?} {needed:?}");
            }
            let next = StepName::ALL.get(place + 1);
            assert!(next.is_none_or(|next| next.plan().minute > plan.minute));
            assert_eq!(StepName::parse(step.as_str()), Some(step));
        }
    }
}
