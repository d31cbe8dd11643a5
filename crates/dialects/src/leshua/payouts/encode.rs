//! Wording an answer: HTTP 200 always, and nothing is signed. An error has one shape for the whole
//! section. Source: Leshua, sections 6.1, 6.11 and 7.1.

use heliu_ports::signature::Outgoing;
use heliu_ports::wire::WireResponse;
use heliu_trade::command::Reply;
use heliu_trade::directory::Agent;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::time::SECOND_MS;

use crate::detail;
use crate::object::Object;

use super::super::statements::Format;
use super::PACE;
use super::interface::Interface;

/// Type of every answer but a file.
const CONTENT_TYPE: &str = "application/json;charset=UTF-8";
/// `error_code` and `error_msg` of what went well.
pub(super) const DONE: (&str, &str) = ("0", "Success");
/// Characters of a field's name that are told.
const FIELD_MAX: usize = 32;

pub(super) fn encode(
    interface: Option<&Interface>,
    outcome: Result<&Reply, &TradeError>,
    agent: Option<&Agent>,
) -> Outgoing<WireResponse> {
    let response = match outcome {
        Ok(reply) => match interface.and_then(|interface| (interface.told)(reply)) {
            Some(body) => {
                let is_file = matches!(reply, Reply::Statement(_));
                let content_type = if is_file {
                    agent.map(Format::of).unwrap_or_default().content_type()
                } else {
                    CONTENT_TYPE
                };
                WireResponse::new(200, content_type, body)
            }
            // The engine answers each verb with its own reply: another one is a fault on our side.
            None => WireResponse::new(200, CONTENT_TYPE, refused("000500", "系统异常")),
        },
        Err(error) => {
            let (code, sentence) = word(error);
            let mut response = WireResponse::new(200, CONTENT_TYPE, refused(code, &sentence));
            detail::attach(&mut response, error);
            response
        }
    };
    Outgoing::Plain(response)
}

fn refused(code: &str, sentence: &str) -> Vec<u8> {
    let mut object = Object::new();
    object.text("error_code", code).text("error_msg", sentence);
    object.finish()
}

/// Names the limit, and the wait where it is known.
fn too_often(wait_ms: Option<i64>) -> String {
    let Some(wait_ms) = wait_ms else {
        return "请求过于频繁".to_owned();
    };
    let (window_s, requests) = (PACE.window_ms / SECOND_MS, PACE.requests);
    // A part of a second is a second more.
    let wait_s = (wait_ms + SECOND_MS - 1) / SECOND_MS;
    format!("请求过于频繁: 每{window_s}秒最多{requests}次,请{wait_s}秒后再试")
}

/// What an error is called here. Of most errors no interface of this surface ever hears.
fn word(error: &TradeError) -> (&'static str, String) {
    let (code, sentence) = match error.code {
        ErrorCode::InvalidSignature => ("000102", "验签失败"),
        ErrorCode::UnknownAgent => ("000103", "代理商不存在"),
        ErrorCode::SignerNotAllowed => ("000105", "仅限顶级代理商调用"),
        ErrorCode::UnknownMerchant => ("000104", "商户不存在"),
        ErrorCode::PayoutNotFound => ("000109", "打款单不存在"),
        ErrorCode::StatementNotFound => ("000110", "对账单不存在"),
        ErrorCode::RateLimited => return ("000429", too_often(error.wait_ms)),
        ErrorCode::InvalidParameter | ErrorCode::InvalidAmount => {
            let field = error.field.as_deref().unwrap_or_default();
            let field: String = field.chars().take(FIELD_MAX).collect();
            let sentence = format!("参数错误 {field}");
            return ("000101", sentence.trim_end().to_owned());
        }
        ErrorCode::NotifyAddressRefused
        | ErrorCode::ReturnAddressRefused
        | ErrorCode::TerminalRequired
        | ErrorCode::ExpiryPassed
        | ErrorCode::LookupRefused
        | ErrorCode::StaleRequest
        | ErrorCode::WrongCredentials
        | ErrorCode::UsernameTaken
        | ErrorCode::UnsupportedWallet
        | ErrorCode::DuplicateOrder
        | ErrorCode::DuplicateRefund
        | ErrorCode::OrderNotFound
        | ErrorCode::RefundNotFound => ("000101", "参数错误"),
        ErrorCode::MerchantNotEnabled
        | ErrorCode::NoContract
        | ErrorCode::OrderReversed
        | ErrorCode::OrderPaid
        | ErrorCode::OrderEnded
        | ErrorCode::OrderNotPaid
        | ErrorCode::OrderKindNotSupported
        | ErrorCode::TooEarly
        | ErrorCode::TooLate
        | ErrorCode::OutsideHours
        | ErrorCode::RefundExceedsRest
        | ErrorCode::RefundConflict
        | ErrorCode::RefundBalanceShort
        | ErrorCode::TooManyRefunds
        | ErrorCode::Declined => ("000108", "当前状态不允许"),
        ErrorCode::ChannelUnreachable
        | ErrorCode::ChannelNotSecured
        | ErrorCode::OutcomeUnknown
        | ErrorCode::StatementConflict
        | ErrorCode::BooksUnavailable
        | ErrorCode::ServiceUnavailable
        | ErrorCode::Internal => ("000500", "系统异常"),
    };
    (code, sentence.to_owned())
}
