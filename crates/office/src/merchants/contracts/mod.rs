//! Contracts as they are entered, and their secrets: what a merchant gave so that we may act for it
//! at a channel (rulings 56, 70). A contract's number is told to everybody, so no secret may stand
//! there.
//!
//! | part | what it does |
//! | --- | --- |
//! | `new` | a contract that is entered |
//! | `named` | which contract a name means |
//! | `terms` | fees and priorities |
//! | `tokens` | secrets |

mod named;
mod new;
mod terms;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use heliu_engine::Engine;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::keys::SealedKey;
use heliu_trade::directory::Contract;
use heliu_trade::id::MerchantId;
use heliu_trade::routing::ContractKey;

use crate::error::OfficeError;
use named::find_named;
pub use new::NewContract;
use terms::{note_equal_priorities, set_fees, set_priorities};
use tokens::{note_missing_tokens, token_of};

/// What tells which contracts there are.
const SHOWN: &str = "heliu merchants show lists those that there are";
/// Nothing by any name.
pub(crate) const NONE: &BTreeMap<String, String> = &BTreeMap::new();

/// Contracts as they are entered for a merchant. Names are `WALLET` or `WALLET:ACCOUNT`.
pub(crate) struct Entered<'a> {
    /// Whose.
    pub(crate) merchant_id: &'a MerchantId,
    /// Those that it gets; each takes the place of one for the same wallet through the same
    /// account.
    pub(crate) new: &'a [NewContract],
    /// Tokens of those, or of contracts that stand, by name.
    pub(crate) tokens: &'a BTreeMap<String, String>,
    /// Priorities of those, or of contracts that stand, by name; a new one has 0 unless it is told.
    pub(crate) priorities: &'a BTreeMap<String, String>,
    /// Fees of contracts that stand, by name.
    pub(crate) fees: &'a BTreeMap<String, String>,
    /// Names of contracts that go.
    pub(crate) dropped: &'a [String],
    /// Its contracts that stand.
    pub(crate) standing: &'a [Contract],
}

/// What is to be written.
#[derive(Default)]
pub(crate) struct Checked {
    /// Contracts that are new or change.
    pub(crate) contracts: Vec<Contract>,
    /// Their sealed tokens, and new ones of contracts that stand.
    pub(crate) keys: Vec<SealedKey>,
    /// Contracts that go.
    pub(crate) dropped: Vec<ContractKey>,
}

impl Entered<'_> {
    /// What is to be written, as far as nothing is wrong with it; what is wrong goes to `faults`.
    pub(crate) async fn check(
        &self,
        engine: &Engine,
        faults: &mut Faults,
    ) -> Result<Checked, OfficeError> {
        let dropped = self.find_dropped(faults);
        let mut after = self.standing.to_vec();
        after.retain(|contract| !dropped.contains(&contract.key()));
        // Names under which a contract is given, even one that is wrong.
        let (mut told, mut accounts) = (BTreeSet::new(), BTreeSet::new());
        let mut given = BTreeSet::new();
        for entered in self.new {
            let (wallet, account) = (&entered.wallet, &entered.channel_account_id);
            told.extend([wallet.clone(), format!("{wallet}:{account}")]);
            if !accounts.insert((wallet, account)) {
                faults.add(format!("contract {wallet}"), Problem::Twice);
                continue;
            }
            let found = new::contract(engine, self.merchant_id, entered, self.standing, faults);
            let Some(contract) = found.await? else {
                continue;
            };
            let key = contract.key();
            if dropped.contains(&key) {
                let problem = Problem::unfit("is given and dropped at once", "do one of both");
                faults.add(format!("contract {wallet}"), problem);
            }
            after.retain(|contract| !contract.is(&key));
            after.push(contract);
            given.insert(key);
        }
        let mut touched = given.clone();
        touched.extend(set_fees(&mut after, self.fees, &given, faults));
        touched.extend(set_priorities(&mut after, self.priorities, &told, faults));
        note_equal_priorities(&after, &touched, faults);
        let mut keys = Vec::new();
        for (word, token) in self.tokens {
            let field = format!("token {word}");
            match find_named(&after, word, format!("give it too: --contract {word}=...")) {
                Ok(place) => {
                    if let Some(contract) = after.get(place) {
                        keys.extend(token_of(engine, contract, &field, token, faults).await?);
                    }
                }
                Err(_) if is_told(&told, &after, word) => {}
                Err(problem) => faults.add(field, problem),
            }
        }
        for contract in after.iter().filter(|of| given.contains(&of.key())) {
            note_missing_tokens(engine, contract, &after, &keys, faults).await?;
        }
        after.retain(|contract| touched.contains(&contract.key()));
        Ok(Checked {
            contracts: after,
            keys,
            dropped: dropped.into_iter().collect(),
        })
    }

    fn find_dropped(&self, faults: &mut Faults) -> BTreeSet<ContractKey> {
        let mut dropped = BTreeSet::new();
        for word in self.dropped {
            match find_named(self.standing, word, SHOWN) {
                Ok(place) => dropped.extend(self.standing.get(place).map(Contract::key)),
                Err(problem) => faults.add(format!("drop {word}"), problem),
            }
        }
        dropped
    }
}

/// Whether a name means a contract that was given and of which is told already what is wrong with
/// it.
fn is_told(told: &BTreeSet<String>, contracts: &[Contract], word: &str) -> bool {
    let has_wallet = || contracts.iter().any(|of| of.wallet.as_str() == word);
    told.contains(word) && !has_wallet()
}
