//! Pays, and asks what became of it.

use heliu_ports::channel::{PayoutOrder, SentPayout, Upstream};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::time::{SECOND_MS, Timestamp};
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn};
use http::Method;
use serde_json::{Value, json};

use super::bank::{Answer, call};
use crate::answer::{Doubt, Stop, present, same, same_fen, short, unknown};
use crate::json::{fen, text};
use crate::text::{encode, mask_accounts};

/// Where payouts are sent.
const PATH: &str = "/v1/payouts";
/// How long after a call "no such number" is not believed yet, since the call may be on its way, in
/// ms.
const ABSENT_AFTER_MS: i64 = 60 * SECOND_MS;

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
        // An earlier call under this number may have been taken up, so the number is asked about.
        (400, Some("MALFORMED")) => {
            let told = mask_accounts(&short(text(&body, "message").unwrap_or_default()));
            let found = ask(upstream, account, payout.request_no, payout.amount_fen).await?;
            Ok(match found {
                PayoutResult::NotFound => PayoutResult::Failed(PayoutFailure { reason: told }),
                found => found,
            })
        }
        _ => Ok(PayoutResult::Unknown(unknown(refused(status, &body)))),
    }
}

/// Changes nothing.
pub(super) async fn query(
    upstream: &dyn Upstream,
    payout: &SentPayout<'_>,
) -> Result<PayoutResult, Stop> {
    let age_ms = upstream.now().since_ms(payout.sent_at);
    let account = payout.account;
    let found = ask(upstream, account, payout.request_no, payout.amount_fen).await?;
    Ok(match found {
        PayoutResult::NotFound if age_ms.abs() < ABSENT_AFTER_MS => {
            PayoutResult::Unknown(unknown("the bank knows no such number yet"))
        }
        found => found,
    })
}

/// What the bank knows of a number at this moment.
async fn ask(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
    request_no: &str,
    amount_fen: i64,
) -> Result<PayoutResult, Stop> {
    let path = format!("{PATH}/{}", encode(request_no));
    let Answer { status, body } = call(upstream, account, Method::GET, &path, None).await?;
    match (status, text(&body, "error")) {
        (200, _) => Ok(result(request_no, amount_fen, &body)?),
        (404, Some("NO_SUCH_REQUEST")) => {
            same("request_no", request_no, text(&body, "request_no"))?;
            Ok(PayoutResult::NotFound)
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
