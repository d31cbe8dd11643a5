//! Pays, and asks what became of it.

use heliu_ports::channel::{PayoutOrder, SentPayout, Upstream};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn};
use http::Method;
use serde_json::{Value, json};

use super::bank::{Answer, call};
use crate::answer::{Doubt, Stop, absent, present, same, same_fen, short, unknown};
use crate::json::{fen, text};
use crate::text::{encode, mask_accounts};

/// Where payouts are sent.
const PATH: &str = "/v1/payouts";

/// A repeat under the same number pays nothing.
pub(super) async fn send(
    upstream: &dyn Upstream,
    payout: &PayoutOrder<'_>,
) -> Result<PayoutResult, Stop> {
    let payee = payout.payee;
    let body = json!({
        "request_no": payout.request_no,
        "amount_fen": payout.amount_fen,
        "account_no": payee.account_no,
        "holder": payee.holder,
        "holder_kind": if payee.is_company { "company" } else { "person" },
        "clearing_no": payee.clearing_no,
        "bank_name": payee.bank_name,
        "remark": payout.remark,
    });
    let account = payout.account;
    let Answer { status, body } = call(upstream, account, Method::POST, PATH, Some(&body)).await?;
    match (status, text(&body, "error")) {
        (200, _) => Ok(result(payout.request_no, payout.amount_fen, &body)?),
        (400, Some("MALFORMED")) => Ok(PayoutResult::Refused(PayoutFailure {
            reason: mask_accounts(&short(text(&body, "message").unwrap_or_default())),
        })),
        _ => Ok(PayoutResult::Unknown(unknown(refused(status, &body)))),
    }
}

/// Changes nothing.
pub(super) async fn query(
    upstream: &dyn Upstream,
    payout: &SentPayout<'_>,
) -> Result<PayoutResult, Stop> {
    let (account, request_no) = (payout.account, payout.request_no);
    let path = format!("{PATH}/{}", encode(request_no));
    let Answer { status, body } = call(upstream, account, Method::GET, &path, None).await?;
    match (status, text(&body, "error")) {
        (200, _) => Ok(result(request_no, payout.amount_fen, &body)?),
        (404, Some("NO_SUCH_REQUEST")) => {
            same("request_no", request_no, text(&body, "request_no"))?;
            Ok(absent(upstream, payout))
        }
        _ => Ok(PayoutResult::Unknown(unknown(refused(status, &body)))),
    }
}

/// How a payout stands.
fn result(request_no: &str, amount_fen: i64, body: &Value) -> Result<PayoutResult, Doubt> {
    same("request_no", request_no, text(body, "request_no"))?;
    same_fen("amount_fen", amount_fen, fen(body, "amount_fen"))?;
    let said = || mask_accounts(&short(text(body, "text").unwrap_or_default()));
    Ok(match present("state", text(body, "state"))? {
        "paid" => PayoutResult::Paid(PayoutEvidence {
            remark: said(),
            ..payment(body)?
        }),
        "returned" => PayoutResult::Returned(PayoutReturn {
            payment: payment(body)?,
            returned_at: time(body, "returned_at")?,
            reason: said(),
        }),
        "failed" => PayoutResult::Failed(PayoutFailure { reason: said() }),
        "processing" => PayoutResult::Unknown(unknown("the bank has not decided yet")),
        other => PayoutResult::Unknown(unknown(format!("state {}", short(other)))),
    })
}

fn payment(body: &Value) -> Result<PayoutEvidence, Doubt> {
    Ok(PayoutEvidence {
        bank_no: present("bank_no", text(body, "bank_no"))?.to_owned(),
        paid_at: time(body, "paid_at")?,
        remark: String::new(),
    })
}

fn time(body: &Value, name: &str) -> Result<Timestamp, Doubt> {
    present(name, text(body, name).and_then(Timestamp::parse_rfc3339))
}

fn refused(status: u16, body: &Value) -> String {
    let word = text(body, "error").unwrap_or("no word");
    format!("the bank answers {status} {}", short(word))
}
