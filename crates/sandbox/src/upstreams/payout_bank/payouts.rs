//! The two calls: pay, and what became of it.

use serde_json::{Value, json};

use super::ID;
use super::asked::{Asked, is_number};
use super::envelope::{Told, refuse};
use crate::book::{Book, Transfer};
use crate::clock;
use crate::conduct::Conduct;
use crate::error::SandboxError;
use crate::transfers::{self, Taken, Wanted, word};

/// `POST /v1/payouts`.
pub(super) fn send(
    book: &Book<'_>,
    body: &[u8],
    conduct: &mut Conduct,
) -> Result<Told, SandboxError> {
    let asked = match Asked::read(body) {
        Ok(asked) => asked,
        Err(fault) => return Ok(refuse(400, "MALFORMED", &fault)),
    };
    let taken = transfers::take(
        book,
        Wanted {
            channel: ID,
            number: &asked.request_no,
            payee: &asked.account_no,
            holder: &asked.holder,
            is_company: asked.is_company(),
            amount_fen: asked.amount_fen,
            content: asked.content(),
        },
    )?;
    Ok(match taken {
        Taken::Stands(transfer) => (200, described(&transfer)),
        Taken::OtherContent => refuse(
            409,
            "NUMBER_TAKEN",
            "another payout has this request number",
        ),
        Taken::StandsUnsaid | Taken::Lost => {
            conduct.silent = true;
            (200, Value::Null)
        }
    })
}

/// `GET /v1/payouts/{request_no}`.
pub(super) fn query(book: &Book<'_>, request_no: &str) -> Result<Told, SandboxError> {
    if !is_number(request_no) {
        let text = "request_no must be 8 to 32 letters and digits";
        return Ok(refuse(400, "MALFORMED", text));
    }
    Ok(match book.transfer(ID, request_no)? {
        Some(transfer) => (200, described(&transfer)),
        None => (
            404,
            json!({
                "error": "NO_SUCH_REQUEST",
                "message": "the bank never took up this request number",
                "request_no": request_no,
            }),
        ),
    })
}

fn described(transfer: &Transfer) -> Value {
    json!({
        "request_no": transfer.number,
        "amount_fen": transfer.amount_fen,
        "state": word(transfer.state),
        "bank_no": transfer.bank_no,
        "paid_at": transfer.paid_ms.map(clock::rfc3339),
        "returned_at": transfer.returned_ms.map(clock::rfc3339),
        "text": transfer.text,
    })
}
