//! `POST /pay/facepayquery`: the query of face pay, which knows no other orders (channels.md 1.21).

use super::asked::{Asked, Stop};
use super::orderquery;
use crate::book::{Book, Scene};
use crate::conduct::Conduct;
use crate::upstreams::wechat::wire::Fields;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    let found = orderquery::find(book, asked)?;
    orderquery::show(book, found.filter(|order| order.scene == Scene::Face))
}
