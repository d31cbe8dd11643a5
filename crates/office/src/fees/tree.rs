//! Where somebody would pay less than who stands above it: looked for over all that is below a
//! party, as it would be after a change.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_ports::store::{Store, StoreError};
use heliu_trade::directory::Contract;
use heliu_trade::fee::schedule::{Below, FeeVersion, first_below};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{MerchantId, PartyId};
use heliu_trade::parties::{Party, Tree};
use heliu_trade::time::Timestamp;

/// All parties and what they pay, as they would be after a change.
pub(super) struct FeeTree {
    store: Arc<dyn Store>,
    now: Timestamp,
    parties: Vec<Party>,
    costs: BTreeMap<PartyId, Vec<FeeVersion>>,
    /// Versions of merchants that are not written yet.
    given: Vec<FeeVersion>,
}

impl FeeTree {
    /// As they stand.
    ///
    /// # Errors
    /// The books are away.
    pub(super) async fn read(store: &Arc<dyn Store>, now: Timestamp) -> Result<Self, StoreError> {
        let mut tree = Self {
            store: Arc::clone(store),
            now,
            parties: store.list_parties().await?,
            costs: BTreeMap::new(),
            given: Vec::new(),
        };
        for version in store.list_costs().await? {
            tree.put(version);
        }
        Ok(tree)
    }

    /// As if a version were written.
    pub(super) fn put(&mut self, version: FeeVersion) {
        match &version.owner {
            Owner::Agent(party_id) => {
                let versions = self.costs.entry(party_id.clone()).or_default();
                versions.push(version);
            }
            Owner::Merchant(_) | Owner::Platform => self.given.push(version),
        }
    }

    /// As if a party stood where it says.
    pub(super) fn place(&mut self, party: Party) {
        self.parties.retain(|it| it.party_id != party.party_id);
        self.parties.push(party);
    }

    /// Where a merchant under a party, with contracts beside those that stand, or the fees that are
    /// given of one, would be too low.
    ///
    /// # Errors
    /// The books are away.
    pub(super) async fn below_for_merchant(
        &self,
        merchant_id: &MerchantId,
        party_ids: &[PartyId],
        contracts: &[Contract],
    ) -> Result<Option<Below>, StoreError> {
        let owner = Owner::Merchant(merchant_id.clone());
        let mut fees = self.store.list_fees(owner.clone()).await?;
        // What it paid under contracts that were dropped it pays no more.
        let standing = self.store.find_merchant(merchant_id).await?;
        let mut charged = standing.map_or_else(Vec::new, |standing| standing.contracts);
        charged.extend_from_slice(contracts);
        fees.retain(|version| charged.iter().any(|of| of.is_charged_by(version)));
        let given = self.given.iter().filter(|version| version.owner == owner);
        fees.extend(given.cloned());
        let above = |party_id: &PartyId| self.first_below(&fees, self.with_above(party_id));
        Ok(party_ids.iter().find_map(above))
    }

    /// Where a party or anybody below it, merchants among them, would be too low.
    ///
    /// # Errors
    /// The books are away.
    pub(super) async fn below_for_party(
        &self,
        party_id: &PartyId,
    ) -> Result<Option<Below>, StoreError> {
        let tree = Tree::of(&self.parties);
        let mut all: Vec<&PartyId> = vec![party_id];
        all.extend(tree.below(party_id).into_iter().map(|it| &it.party_id));
        for party_id in all {
            let above = self.with_above(party_id);
            let mut own = above.iter().copied().filter(|it| *it == party_id);
            let costs = own.next().and_then(|own| self.costs.get(own));
            let others = above.iter().copied().filter(|it| *it != party_id);
            let costs = costs.map_or(&[][..], Vec::as_slice);
            if let Some(below) = self.first_below(costs, others.collect()) {
                return Ok(Some(below));
            }
            let brought = self.store.list_fees_brought(party_id.clone()).await?;
            let mut merchants = brought.chunk_by(|one, next| one.owner == next.owner);
            let below = merchants.find_map(|fees| self.first_below(fees, above.clone()));
            if below.is_some() {
                return Ok(below);
            }
        }
        Ok(None)
    }

    /// A party and those above it.
    fn with_above(&self, party_id: &PartyId) -> Vec<&PartyId> {
        let tree = Tree::of(&self.parties);
        let party = tree.find(party_id);
        let above = party.into_iter().flat_map(|party| tree.above(party));
        let all = party.into_iter().chain(above);
        all.map(|party| &party.party_id).collect()
    }

    fn first_below(&self, fees: &[FeeVersion], parents: Vec<&PartyId>) -> Option<Below> {
        let costs = parents.into_iter().filter_map(|it| self.costs.get(it));
        let mut below = costs.map(|costs| first_below(fees, costs, self.now));
        below.find_map(|below| below)
    }
}
