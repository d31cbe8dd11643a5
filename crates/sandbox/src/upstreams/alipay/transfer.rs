//! `alipay.fund.trans.uni.transfer` and `alipay.fund.trans.common.query` (channels.md 2.9): money
//! from the vendor's account to a bank card, by what the card leads to.

use serde_json::{Value, json};

use super::ID;
use super::asked::{Asked, Stop, refuse};
use crate::book::{Book, Transfer, TransferState, yuan};
use crate::clock;
use crate::conduct::Conduct;
use crate::transfers::{self, Taken, Wanted};

const PRODUCT: &str = "TRANS_BANKCARD_NO_PWD";
const SCENE: &str = "DIRECT_TRANSFER";
/// The least that is transferred, in fen.
const LEAST_FEN: i64 = 10;

pub(super) fn work(
    book: &mut Book<'_>,
    asked: &Asked,
    conduct: &mut Conduct,
) -> Result<Value, Stop> {
    let number = number(asked)?;
    let amount_fen = asked.amount_fen("trans_amount")?;
    if amount_fen < LEAST_FEN {
        return refuse("EXCEED_LIMIT_SM_MIN_AMOUNT", "转账金额低于最小限额");
    }
    products(asked)?;
    asked.optional("order_title", 128)?;
    asked.optional("remark", 200)?;
    let payee = asked.member("payee_info").cloned().unwrap_or_default();
    let member = |name: &str| payee[name].as_str().unwrap_or_default();
    if member("identity_type") != "BANKCARD_ACCOUNT" || member("name").is_empty() {
        return refuse("INVALID_PARAMETER", "收款方应为银行卡，姓名必填");
    }
    let kind = payee["bankcard_ext_info"]["account_type"].as_str();
    let is_company = match kind {
        Some("1") => true,
        Some("2") => false,
        _ => return refuse("INVALID_PARAMETER", "account_type 应为 1 或 2"),
    };
    let taken = transfers::take(
        book,
        Wanted {
            channel: ID,
            number,
            payee: member("identity"),
            holder: member("name"),
            is_company,
            amount_fen,
            content: asked.content.to_string(),
        },
    )?;
    match taken {
        Taken::Stands(transfer) => Ok(json!({
            "code": "10000", "msg": "Success", "out_biz_no": transfer.number,
            "order_id": transfer.bank_no, "pay_fund_order_id": transfer.bank_no,
            "status": status(&transfer),
            "trans_date": clock::spaced(transfer.paid_ms.unwrap_or(transfer.received_ms)),
        })),
        Taken::OtherContent => refuse(
            "PAYMENT_INFO_INCONSISTENCY",
            "两次请求商户单号一样，但是参数不一致",
        ),
        Taken::StandsUnsaid | Taken::Lost => {
            conduct.silent = true;
            Ok(Value::Null)
        }
    }
}

pub(super) fn query(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Value, Stop> {
    products(asked)?;
    let Some(transfer) = book.transfer(ID, number(asked)?)? else {
        return refuse("ORDER_NOT_EXIST", "转账订单不存在");
    };
    let mut node = json!({
        "code": "10000", "msg": "Success", "out_biz_no": transfer.number,
        "order_id": transfer.bank_no, "pay_fund_order_id": transfer.bank_no,
        "trans_amount": yuan(transfer.amount_fen), "status": status(&transfer),
    });
    if let Some(paid_ms) = transfer.paid_ms {
        node["pay_date"] = clock::spaced(paid_ms).into();
    }
    let has_gone_wrong = matches!(
        transfer.state,
        TransferState::Failed | TransferState::Returned
    );
    if has_gone_wrong {
        node["error_code"] = "PAYEE_CARD_INFO_ERROR".into();
        node["fail_reason"] = transfer.text.into();
    }
    Ok(node)
}

fn number(asked: &Asked) -> Result<&str, Stop> {
    let number = asked.required("out_biz_no", 64)?;
    let is_plain = number
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain {
        Ok(number)
    } else {
        refuse("INVALID_PARAMETER", "out_biz_no 只能包含字母、数字、下划线")
    }
}

/// Both calls must say which product they are about.
fn products(asked: &Asked) -> Result<(), Stop> {
    for (name, expected) in [("product_code", PRODUCT), ("biz_scene", SCENE)] {
        if asked.required(name, 64)? != expected {
            return refuse("PRODUCT_NOT_SIGN", &format!("{name} 应为 {expected}"));
        }
    }
    Ok(())
}

const fn status(transfer: &Transfer) -> &'static str {
    match transfer.state {
        TransferState::Processing => "DEALING",
        TransferState::Paid => "SUCCESS",
        TransferState::Failed => "FAIL",
        TransferState::Returned => "REFUND",
    }
}
