//! 代理商 as parties: who brought merchants, apart from the keys that it signs with on a wire. They
//! stand in trees of at most five levels, since a fee is shared level by level.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::PartyId;

/// How many levels a tree of parties may have, its root among them.
pub const LEVELS_MAX: usize = 5;

/// An agent as a party. Its balance follows from the journal; its numbers and keys on wires are its
/// [agents](crate::directory::Agent).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its id here; it never changes.
    pub party_id: PartyId,
    /// The party above it, which shares in what it earns; `None` for the root of a tree.
    pub parent_id: Option<PartyId>,
    /// Its name.
    pub name: String,
    /// Whether its keys open anything, on any wire. Parties below one that is disabled go on.
    pub is_enabled: bool,
}

/// Why a party cannot stand where it is put.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// There is no such parent.
    #[error("there is no party {0}")]
    UnknownParent(PartyId),
    /// It would be its own parent.
    #[error("a party is not its own parent")]
    OwnParent,
    /// Its parent stands below it, so the tree would be a circle.
    #[error("party {0} stands below it")]
    ParentBelow(PartyId),
    /// The tree would get too deep, by it or by those below it.
    #[error("the tree would have {0} levels; there are at most {LEVELS_MAX}")]
    TooDeep(usize),
}

/// Parties by who stands above whom.
#[derive(Debug)]
pub struct Tree<'p> {
    parties: BTreeMap<&'p PartyId, &'p Party>,
    children: BTreeMap<&'p PartyId, Vec<&'p Party>>,
}

impl<'p> Tree<'p> {
    /// Of all parties.
    #[must_use]
    pub fn of(parties: &'p [Party]) -> Self {
        let mut children = BTreeMap::<_, Vec<_>>::new();
        for party in parties {
            if let Some(parent_id) = &party.parent_id {
                children.entry(parent_id).or_default().push(party);
            }
        }
        Self {
            parties: parties.iter().map(|it| (&it.party_id, it)).collect(),
            children,
        }
    }

    /// A party.
    #[must_use]
    pub fn find(&self, party_id: &PartyId) -> Option<&'p Party> {
        self.parties.get(party_id).copied()
    }

    /// The parties above one, its parent first. At most as many as a tree has levels, so that a
    /// circle that somebody wrote into the books by hand ends too.
    pub fn above(&self, party: &Party) -> impl Iterator<Item = &'p Party> {
        let parent = |of: &Party| self.find(of.parent_id.as_ref()?);
        std::iter::successors(parent(party), move |it| parent(it)).take(LEVELS_MAX)
    }

    /// The parties below one, level by level; levels beyond those that there may be are left out.
    #[must_use]
    pub fn below(&self, party_id: &PartyId) -> Vec<&'p Party> {
        self.levels_below(party_id).into_iter().flatten().collect()
    }

    fn levels_below(&self, party_id: &PartyId) -> Vec<Vec<&'p Party>> {
        let children = |of: &PartyId| self.children.get(of).into_iter().flatten().copied();
        let next = |level: &Vec<&'p Party>| {
            let next: Vec<_> = level.iter().flat_map(|it| children(&it.party_id)).collect();
            Some(next).filter(|next| !next.is_empty())
        };
        let first: Vec<_> = children(party_id).collect();
        let first = Some(first).filter(|first| !first.is_empty());
        std::iter::successors(first, next)
            .take(LEVELS_MAX)
            .collect()
    }

    /// Whether a party, new or changed, may stand where it says, with all that is below it.
    ///
    /// # Errors
    /// Why not.
    pub fn check_place(&self, party: &Party) -> Result<(), Misplaced> {
        let Some(parent_id) = &party.parent_id else {
            return Ok(());
        };
        if *parent_id == party.party_id {
            return Err(Misplaced::OwnParent);
        }
        let parent = self.find(parent_id);
        let parent = parent.ok_or_else(|| Misplaced::UnknownParent(parent_id.clone()))?;
        let above: Vec<_> = self.above(party).collect();
        if above.iter().any(|it| it.party_id == party.party_id) {
            return Err(Misplaced::ParentBelow(parent.party_id.clone()));
        }
        let levels = above.len() + 1 + self.levels_below(&party.party_id).len();
        if levels > LEVELS_MAX {
            return Err(Misplaced::TooDeep(levels));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Parties from words such as `c<b`: c under b.
    fn parties(words: &str) -> Vec<Party> {
        words.split_whitespace().map(party).collect()
    }

    fn party(word: &str) -> Party {
        let (party_id, parent_id) = match word.split_once('<') {
            Some((party_id, parent_id)) => (party_id, Some(parent_id.into())),
            None => (word, None),
        };
        Party {
            party_id: party_id.into(),
            parent_id,
            name: party_id.to_owned(),
            is_enabled: true,
        }
    }

    fn ids<'p>(parties: impl IntoIterator<Item = &'p Party>) -> Vec<&'p str> {
        let ids = parties.into_iter().map(|it| it.party_id.as_str());
        ids.collect()
    }

    const CHAIN: &str = "a b<a c<b d<c x y<x";

    #[test]
    fn a_party_stands_at_the_root_or_below_another_at_most_five_levels_deep() {
        let standing = parties(CHAIN);
        let tree = Tree::of(&standing);
        for (word, expected) in [
            ("e", Ok(())),
            ("e<d", Ok(())),
            ("x<d", Err(Misplaced::TooDeep(6))),
            ("x<c", Ok(())),
            ("a<y", Err(Misplaced::TooDeep(6))),
            ("a<x", Ok(())),
            ("e<z", Err(Misplaced::UnknownParent("z".into()))),
            ("e<e", Err(Misplaced::OwnParent)),
            ("a<a", Err(Misplaced::OwnParent)),
            ("a<b", Err(Misplaced::ParentBelow("b".into()))),
            ("a<d", Err(Misplaced::ParentBelow("d".into()))),
            ("b<a", Ok(())),
            ("d", Ok(())),
        ] {
            assert_eq!(tree.check_place(&party(word)), expected, "{word}");
        }
        let five = parties("a b<a c<b d<c e<d");
        let sixth = Tree::of(&five).check_place(&party("f<e"));
        assert_eq!(sixth, Err(Misplaced::TooDeep(6)));
    }

    #[test]
    fn those_above_come_nearest_first_and_those_below_level_by_level() {
        let standing = parties("a b<a c<b d<b e<a f");
        let tree = Tree::of(&standing);
        assert_eq!(ids(tree.above(&party("c<b"))), ["b", "a"]);
        assert_eq!(ids(tree.above(&party("f"))), [""; 0]);
        assert_eq!(ids(tree.below(&"a".into())), ["b", "e", "c", "d"]);
        assert_eq!(ids(tree.below(&"f".into())), [""; 0]);
    }

    #[test]
    fn a_circle_that_stands_ends_and_is_never_a_place() {
        let standing = parties("a<b b<a");
        let tree = Tree::of(&standing);
        assert!(tree.above(&standing[0]).count() <= LEVELS_MAX);
        assert!(tree.below(&"a".into()).len() <= LEVELS_MAX);
        assert_eq!(
            tree.check_place(&party("c<a")),
            Err(Misplaced::TooDeep(LEVELS_MAX + 1))
        );
    }

    proptest! {
        /// Whatever is asked for, what the rule lets through is a forest of at most five levels.
        #[test]
        fn what_is_let_through_stays_a_forest(
            asked in prop::collection::vec((0_u8..12, prop::option::of(0_u8..12)), 0..80)
        ) {
            let mut standing = BTreeMap::<PartyId, Party>::new();
            for (index, parent) in asked {
                let word = match parent {
                    Some(parent) => format!("{index}<{parent}"),
                    None => index.to_string(),
                };
                let party = party(&word);
                let all: Vec<_> = standing.values().cloned().collect();
                if Tree::of(&all).check_place(&party).is_ok() {
                    standing.insert(party.party_id.clone(), party);
                }
            }
            for party in standing.values() {
                let (mut level, mut at) = (1, party);
                while let Some(parent_id) = &at.parent_id {
                    at = standing.get(parent_id).expect("a parent stands");
                    level += 1;
                    prop_assert!(level <= LEVELS_MAX, "{party:?}");
                }
            }
        }
    }
}
