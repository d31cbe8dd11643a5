//! How many deliveries are under way to each destination, so that a slow one delays nobody else.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Deliveries to one destination at the same time.
const PER_DESTINATION_MAX: usize = 8;

#[derive(Default)]
pub(crate) struct Destinations {
    under_way: Mutex<HashMap<String, usize>>,
}

impl Destinations {
    /// A place at the destination of `url`, `None` if all are taken.
    pub(super) fn enter(&self, url: &str) -> Option<Place<'_>> {
        let destination = destination(url).to_owned();
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = under_way.entry(destination.clone()).or_default();
        if *count >= PER_DESTINATION_MAX {
            return None;
        }
        *count += 1;
        Some(Place {
            destinations: self,
            destination,
        })
    }
}

pub(super) struct Place<'a> {
    destinations: &'a Destinations,
    destination: String,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut under_way = self
            .destinations
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&self.destination) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.destination);
            }
        }
    }
}

/// Scheme, host and port of an address.
fn destination(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(after_scheme..).unwrap_or_default();
    let end = rest
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| after_scheme + at);
    url.get(..end).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_scheme_host_and_port() {
        assert_eq!(
            destination("http://a.example:81/n?x=1"),
            "http://a.example:81"
        );
        assert_eq!(destination("http://a.example?x=1"), "http://a.example");
        assert_eq!(destination("http://a.example"), "http://a.example");
    }

    #[test]
    fn a_full_destination_leaves_room_for_others() {
        let destinations = Destinations::default();
        let taken: Vec<_> = (0..PER_DESTINATION_MAX)
            .filter_map(|_| destinations.enter("http://slow/"))
            .collect();
        assert_eq!(taken.len(), PER_DESTINATION_MAX);
        assert!(destinations.enter("http://slow/other").is_none());
        assert!(destinations.enter("http://quick/").is_some());
        drop(taken);
        assert!(destinations.enter("http://slow/").is_some());
    }
}
