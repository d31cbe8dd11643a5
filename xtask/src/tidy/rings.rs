//! Rings in a picture of arrows: groups of which each reaches each other.

use std::collections::{BTreeMap, BTreeSet};

/// All rings among these arrows, each once, in the order of their first members.
pub(crate) fn rings<'a>(
    arrows: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<BTreeSet<&'a str>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in arrows {
        next.entry(from).or_default().insert(to);
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> = next
        .keys()
        .map(|one| (*one, reachable(one, &next)))
        .collect();
    let reaches = |from: &str, to: &str| reach.get(from).is_some_and(|found| found.contains(to));
    let mut rings = Vec::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for one in next.keys().filter(|one| reaches(one, one)) {
        if told.contains(*one) {
            continue;
        }
        let ring: BTreeSet<&str> = next
            .keys()
            .copied()
            .filter(|other| reaches(one, other) && reaches(other, one))
            .collect();
        told.extend(&ring);
        rings.push(ring);
    }
    rings
}

fn reachable<'a>(from: &str, next: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&'a str> = next.get(from).into_iter().flatten().copied().collect();
    while let Some(one) = open.pop() {
        if found.insert(one) {
            open.extend(next.get(one).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ring_is_found_once_and_what_only_leads_to_one_is_in_none() {
        let arrows = [("a", "b"), ("b", "a"), ("c", "a"), ("d", "d"), ("e", "f")];
        let found = rings(arrows.into_iter());
        assert_eq!(found, [BTreeSet::from(["a", "b"]), BTreeSet::from(["d"])]);
    }
}
