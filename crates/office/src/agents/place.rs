//! Where a party may stand in its tree, in words for who enters it.

use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::parties::{LEVELS_MAX, Misplaced, Party, Tree};

/// What is wrong with the parent of a party, new or changed.
pub(super) fn faults_of_place(standing: &[Party], party: &Party) -> Faults {
    let mut faults = Faults::new();
    let Err(misplaced) = Tree::of(standing).check_place(party) else {
        return faults;
    };
    let party_id = &party.party_id;
    let problem = match misplaced {
        Misplaced::UnknownParent(_) => Problem::unfit(
            "is no agent here",
            "name a party of heliu agents list, or write it first: heliu agents add",
        ),
        Misplaced::OwnParent => Problem::unfit(
            "is the agent itself",
            "name another party, or none for the root of a tree",
        ),
        Misplaced::ParentBelow(parent) => Problem::unfit(
            format!("stands below {party_id} itself, so they would stand in a circle"),
            format!(
                "move {parent} first: heliu agents edit {parent}, --parent PARTY or --no-parent"
            ),
        ),
        Misplaced::TooDeep(levels) => Problem::unfit(
            format!(
                "is too far down: the tree would have {levels} levels, and there are at most \
                 {LEVELS_MAX}"
            ),
            "name a parent further up; heliu agents show PARTY tells who stands above it",
        ),
    };
    let parent = party.parent_id.as_ref().map(ToString::to_string);
    faults.add(format!("parent {}", parent.unwrap_or_default()), problem);
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(party_id: &str, parent_id: Option<&str>) -> Party {
        Party {
            party_id: party_id.into(),
            parent_id: parent_id.map(Into::into),
            name: party_id.to_owned(),
            is_enabled: true,
        }
    }

    #[test]
    fn a_parent_that_does_not_fit_is_told_with_what_helps() {
        let chain = ["a", "b", "c", "d", "e"];
        let above = [None, Some("a"), Some("b"), Some("c"), Some("d")];
        let standing: Vec<_> = chain
            .into_iter()
            .zip(above)
            .map(|(id, parent)| party(id, parent))
            .collect();
        for (asked, told) in [
            (party("f", None), &[][..]),
            (party("f", Some("d")), &[]),
            (
                party("f", Some("x")),
                &["parent x is no agent here", "agents add"],
            ),
            (party("f", Some("f")), &["parent f is the agent itself"]),
            (
                party("a", Some("c")),
                &["parent c stands below a itself", "agents edit c"],
            ),
            (
                party("f", Some("e")),
                &["parent e is too far down", "6 levels", "at most 5"],
            ),
        ] {
            let said = faults_of_place(&standing, &asked).to_string();
            assert_eq!(said.is_empty(), told.is_empty(), "{asked:?}: {said}");
            for word in told {
                assert!(said.contains(word), "{asked:?}: {word:?} in {said}");
            }
        }
    }
}
