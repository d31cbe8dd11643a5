//! The agents of a run: one merchant stands under an agent that stands under another. What both pay
//! changes while it plays, and not always is it below what the merchant is asked for.

use std::collections::BTreeMap;

use heliu_ports::store::DirectoryChange;
use heliu_trade::directory::Agent;
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::fee::{CardKind, FeeTerms, Place, Tariff};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{AgentId, DialectId, PartyId};
use heliu_trade::invariant::OrderBook;
use heliu_trade::ledger::Account;
use heliu_trade::parties::Party;
use heliu_trade::time::MINUTE_MS;

use super::clock::BEGINNING;
use super::dialect::WALLETS;
use super::merchant::Merchants;

/// The merchant that they brought.
const BROUGHT: &str = "bee";
/// The agents, the nearer one first, and what each pays for its first and its later payments, in
/// parts per million.
pub(super) const AGENTS: [(&str, [i64; 2]); 2] =
    [("hive", [4_000, 3_500]), ("meadow", [2_500, 3_000])];
/// So long after the beginning the later fees come into force, in ms.
const CHANGES_AFTER_MS: i64 = 10 * MINUTE_MS;

/// The agent of a merchant's app, if it has one.
pub(super) fn agent_of(merchant: &str) -> Option<AgentId> {
    let (nearest, _) = AGENTS.first()?;
    (merchant == BROUGHT).then(|| AgentId::from(*nearest))
}

/// What writes the agents and what they pay; `wire` is the merchant's.
pub(super) fn changes(wire: &str) -> Vec<DirectoryChange> {
    let mut changes = Vec::new();
    let mut parent_id = None;
    for (name, _) in AGENTS.iter().rev() {
        let party = Party {
            party_id: (*name).into(),
            parent_id: parent_id.replace((*name).into()),
            name: (*name).to_owned(),
            is_enabled: true,
        };
        let agent = Agent {
            agent_id: (*name).into(),
            dialect_id: DialectId::from(wire),
            party_id: (*name).into(),
            is_enabled: true,
            settings: BTreeMap::new(),
            mini_programs: BTreeMap::new(),
        };
        let agents = vec![agent];
        changes.push(DirectoryChange::PutParty { party, agents });
    }
    for (name, rates_ppm) in AGENTS {
        let versions = WALLETS.into_iter().flat_map(|wallet| {
            (1..)
                .zip(rates_ppm)
                .map(move |(version, rate_ppm)| FeeVersion {
                    owner: Owner::Agent(name.into()),
                    wallet,
                    channel_account_id: None,
                    version,
                    from: match version {
                        1 => FeeVersion::AT_ONCE,
                        _ => BEGINNING.plus_ms(CHANGES_AFTER_MS),
                    },
                    tariff: tariff(rate_ppm),
                })
        });
        changes.extend(versions.map(DirectoryChange::PutFees));
    }
    changes
}

/// A rate, another one by credit card, and a band in which a fixed part is paid.
fn tariff(rate_ppm: i64) -> Tariff {
    let terms = |rate_ppm, fixed_fen| FeeTerms {
        rate_ppm,
        fixed_fen,
        ..FeeTerms::default()
    };
    let by_credit = Place {
        card: Some(CardKind::Credit),
        ..Place::default()
    };
    let band = Place {
        from_fen: 1_000,
        until_fen: Some(5_000),
        ..Place::default()
    };
    Tariff::from(terms(rate_ppm, 0))
        .with(by_credit, terms(rate_ppm + 1_000, 0))
        .with(band, terms(rate_ppm, 1))
}

/// What an order left an agent, by what its book says was shared and given back, in fen.
pub(super) fn shared_fen(book: &OrderBook, party_id: &PartyId) -> i64 {
    let account = Account::AgentAccrued(party_id.clone());
    let lines = book.trail.entries.iter().flat_map(|entry| &entry.lines);
    let its = lines.filter(|line| line.account == account);
    -its.map(|line| line.amount_fen).sum::<i64>()
}

impl Merchants {
    /// Every attempt of the merchant that was brought froze both agents with what they paid when it
    /// was made, nobody else's froze any. What accrued to them the books' own rules compare.
    pub(super) fn compare_agents(&self, book: &OrderBook) {
        let is_brought = book.order.merchant_id.as_str() == BROUGHT;
        for attempt in &book.attempts {
            let levels = attempt.route.shares.levels();
            let frozen = levels.iter().map(|level| level.party_id.as_str());
            let expected = AGENTS.iter().filter(|_| is_brought).map(|(name, _)| *name);
            self.stage.must(frozen.eq(expected), || {
                format!(
                    "(11) attempt {} is shared by {levels:?}",
                    attempt.attempt_no
                )
            });
            for (level, (_, rates_ppm)) in levels.iter().zip(AGENTS) {
                let is_known = rates_ppm.map(tariff).contains(&level.cost);
                self.stage.must(is_known, || {
                    format!("(11) {} never paid {:?}", level.party_id, level.cost)
                });
            }
        }
    }
}
