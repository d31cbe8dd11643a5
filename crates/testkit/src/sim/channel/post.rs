//! The post that carries channels' callbacks to us: what is on its way, and how one letter is
//! brought.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use bytes::Bytes;
use heliu_ports::channel::CallbackNews;
use heliu_ports::wire::WireRequest;

use crate::sim::house::House;

/// The post: letters on their way, named by their place in the pile.
#[derive(Default)]
pub(in crate::sim) struct Post {
    letters: Mutex<Vec<(String, CallbackNews)>>,
    /// The house holds the channels, and they hold the post.
    house: OnceLock<Weak<House>>,
}

impl Post {
    /// Tells the post where we live.
    pub(in crate::sim) fn deliver_to(&self, house: &Arc<House>) {
        let _ = self.house.set(Arc::downgrade(house));
    }

    /// A new letter; its place in the pile.
    pub(super) fn write(&self, number: &str, news: CallbackNews) -> usize {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.push((number.to_owned(), news));
        letters.len() - 1
    }

    /// The news of a callback about `number`; `None` if it is about something else.
    pub(super) fn read(&self, number: &str, body: &Bytes) -> Option<CallbackNews> {
        let place: usize = std::str::from_utf8(body).ok()?.parse().ok()?;
        let letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        let (about, news) = letters.get(place)?;
        (about == number).then(|| news.clone())
    }
    /// Brings one letter; the status that we answer, `None` while we are down.
    pub(super) async fn send(&self, token: &str, place: usize) -> Option<u16> {
        let house = self.house.get()?.upgrade()?;
        let token = token.to_owned();
        let request = WireRequest {
            method: http::Method::POST,
            path: String::new(),
            query: String::new(),
            headers: http::HeaderMap::new(),
            body: place.to_string().into(),
            peer: std::net::Ipv4Addr::LOCALHOST.into(),
        };
        let answered = house
            .run(|engine| async move { engine.callback(&token, &request).await })
            .await;
        answered.map(|answer| answer.map_or(404, |answer| answer.status))
    }
}
