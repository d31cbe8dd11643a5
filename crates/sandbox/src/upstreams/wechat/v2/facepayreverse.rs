//! `POST /secapi/pay/facepayreverse`: the reversal of face pay (channels.md 1.21).

use super::asked::{Asked, Stop};
use super::reverse;
use crate::book::{Book, Scene};
use crate::conduct::Conduct;
use crate::upstreams::wechat::wire::Fields;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    reverse::run(book, asked, Scene::Face)
}
