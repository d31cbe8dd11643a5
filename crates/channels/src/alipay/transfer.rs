//! Pays from the platform's own account to bank cards: alipay.fund.trans.uni.transfer, and
//! alipay.fund.trans.common.query. Source: channel notes 2.9.
//!
//! No merchant's token goes with these calls: the account is that of the application's owner.

use heliu_ports::channel::{PayoutOrder, SentPayout, Upstream};
use heliu_trade::money::yuan_text;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn};
use serde_json::{Value, json};

use super::codes;
use super::evidence::parse_time;
use super::gateway::{Answer, Call, call};
use crate::account::optional;
use crate::answer::{Doubt, Stop, absent, present, same, same_fen, short, unknown};
use crate::json::{put, text, yuan};
use crate::text::{cut, mask_accounts};

/// For a whole call, in ms.
const TIMEOUT_MS: i64 = 10_000;
/// Transfers to bank cards.
const PRODUCT: &str = "TRANS_BANKCARD_NO_PWD";
/// What both calls are about.
const SCENE: &str = "DIRECT_TRANSFER";
/// What a transfer is called where the account says nothing.
const TITLE: &str = "结算款";
/// Longest title and remark, in bytes; the limits are 128 and 200 characters.
const TITLE_BYTES_MAX: usize = 128;
const REMARK_BYTES_MAX: usize = 200;

/// A repeat under the same number pays nothing.
pub(super) async fn send(
    upstream: &dyn Upstream,
    payout: &PayoutOrder<'_>,
) -> Result<PayoutResult, Stop> {
    let account = payout.account;
    let call_of = Call {
        method: "alipay.fund.trans.uni.transfer",
        timeout_ms: TIMEOUT_MS,
        parameters: Vec::new(),
        content: Some(content(payout)),
    };
    let answer = match call(upstream, account, call_of).await? {
        Answer::Done(answer) => answer,
        Answer::Waiting(_) => return Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) if codes::is_transfer_refused(&refusal) => {
            return Ok(PayoutResult::Refused(failure(&refusal.word)));
        }
        Answer::Refused(refusal) => return Ok(PayoutResult::Unknown(codes::unasked(&refusal))),
    };
    same("out_biz_no", payout.request_no, text(&answer, "out_biz_no"))?;
    match present("status", text(&answer, "status"))? {
        "SUCCESS" => Ok(PayoutResult::Paid(payment(&answer, "trans_date")?)),
        // Why it failed, or when it was paid, is told by the query only.
        "FAIL" | "REFUND" => {
            let sent = SentPayout {
                account,
                request_no: payout.request_no,
                amount_fen: payout.amount_fen,
                sent_at: upstream.now(),
            };
            query(upstream, &sent).await
        }
        other => Ok(undecided(other)),
    }
}

/// Changes nothing.
pub(super) async fn query(
    upstream: &dyn Upstream,
    payout: &SentPayout<'_>,
) -> Result<PayoutResult, Stop> {
    let call_of = Call {
        method: "alipay.fund.trans.common.query",
        timeout_ms: TIMEOUT_MS,
        parameters: Vec::new(),
        content: Some(json!({
            "out_biz_no": payout.request_no, "product_code": PRODUCT, "biz_scene": SCENE,
        })),
    };
    let answer = match call(upstream, payout.account, call_of).await? {
        Answer::Done(answer) => answer,
        Answer::Waiting(_) => return Err(Stop::unknown("10003 makes no sense here")),
        Answer::Refused(refusal) if codes::is_transfer_absent(&refusal) => {
            return Ok(absent(upstream, payout));
        }
        Answer::Refused(refusal) => return Ok(PayoutResult::Unknown(codes::unasked(&refusal))),
    };
    same("out_biz_no", payout.request_no, text(&answer, "out_biz_no"))?;
    let amount_fen = yuan(&answer, "trans_amount");
    same_fen("trans_amount", payout.amount_fen, amount_fen)?;
    Ok(match present("status", text(&answer, "status"))? {
        "SUCCESS" => PayoutResult::Paid(payment(&answer, "pay_date")?),
        "FAIL" | "CLOSED" => PayoutResult::Failed(failure(&reason(&answer))),
        "REFUND" => PayoutResult::Returned(PayoutReturn {
            payment: payment(&answer, "pay_date")?,
            // Nothing tells when it came back.
            returned_at: upstream.now(),
            reason: reason(&answer),
        }),
        other => undecided(other),
    })
}

fn content(payout: &PayoutOrder<'_>) -> Value {
    let payee = payout.payee;
    let mut card = json!({"account_type": if payee.is_company { "1" } else { "2" }});
    for (name, value) in [
        ("inst_name", payee.bank_name),
        ("bank_code", payee.clearing_no),
    ] {
        if !value.is_empty() {
            put(&mut card, name, value);
        }
    }
    let title = optional(payout.account, "transfer_title").unwrap_or(TITLE);
    let mut content = json!({
        "out_biz_no": payout.request_no,
        "trans_amount": yuan_text(payout.amount_fen),
        "product_code": PRODUCT,
        "biz_scene": SCENE,
        "order_title": cut(title, TITLE_BYTES_MAX, TITLE),
        "payee_info": {
            "identity": payee.account_no,
            "identity_type": "BANKCARD_ACCOUNT",
            "name": payee.holder,
            "bankcard_ext_info": card,
        },
    });
    let remark = cut(payout.remark, REMARK_BYTES_MAX, "");
    if !remark.is_empty() {
        put(&mut content, "remark", remark);
    }
    content
}

fn payment(answer: &Value, time: &str) -> Result<PayoutEvidence, Doubt> {
    let paid_at: Option<Timestamp> = text(answer, time).and_then(parse_time);
    Ok(PayoutEvidence {
        bank_no: present("order_id", text(answer, "order_id"))?.to_owned(),
        paid_at: present(time, paid_at)?,
        remark: String::new(),
    })
}

fn reason(answer: &Value) -> String {
    let said = text(answer, "fail_reason").or(text(answer, "error_code"));
    mask_accounts(&short(said.unwrap_or_default()))
}

fn failure(reason: &str) -> PayoutFailure {
    PayoutFailure {
        reason: short(reason),
    }
}

fn undecided(status: &str) -> PayoutResult {
    PayoutResult::Unknown(unknown(format!("status {}", short(status))))
}
