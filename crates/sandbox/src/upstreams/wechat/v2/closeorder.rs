//! `POST /pay/closeorder` (channels.md 1.18): not for barcode orders.

use super::asked::{Asked, Stop, refuse};
use crate::book::Book;
use crate::conduct::Conduct;
use crate::upstreams::wechat::rules::{self, CloseRefusal};
use crate::upstreams::wechat::wire::Fields;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    let sub_mch_id = asked.required("sub_mch_id", 32)?;
    match rules::close(book, asked.number()?, sub_mch_id)? {
        Ok(()) => {
            let mut fields = Fields::new();
            fields.insert("result_msg".into(), "OK".into());
            Ok(fields)
        }
        Err(CloseRefusal::Unknown) => refuse("ORDERNOTEXIST", "订单不存在"),
        Err(CloseRefusal::AtTill) => {
            refuse("INVALID_REQUEST", "付款码支付的订单不能关闭，请调用撤销")
        }
        Err(CloseRefusal::Paid) => refuse("ORDERPAID", "该订单已支付"),
        Err(CloseRefusal::AlreadyClosed) => refuse("ORDERCLOSED", "该订单已关闭"),
        Err(CloseRefusal::TooEarly) => refuse("INVALID_REQUEST", "订单生成后 5 分钟内不能关单"),
    }
}
