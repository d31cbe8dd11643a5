//! Wording an answer: the frame, which service answers with what, and what is signed.
//!
//! HTTP 200 always. Source: Leshua trade services, sections 1.3, 2.1 (frame) and 4 (tables and
//! samples).

pub(super) mod members;
pub(super) mod order;
pub(super) mod prepaid;
pub(super) mod refund;

use heliu_ports::dialect::{Echo, EncodeContext};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::WireResponse;
use heliu_trade::attempt::Attempt;
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::routing::contract_for;

use crate::detail;
use crate::payment::line;

use self::members::Members;
use super::codes::{self, Refusal, Word};
use super::sign::{self, ERROR_CODE, RESP_CODE};
use super::{CONTENT_TYPE, NONCE_LENGTH, Service, attribute};

/// The element with 子商户号.
pub(super) const SUB_MERCHANT_ID: &str = "sub_merchant_id";

/// An answer, by whether it is to be signed.
enum Answer {
    /// The business did what was asked, or failed.
    Signed(Members),
    /// The gateway did not do what was asked.
    Plain(Members),
}

pub(super) fn encode(
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    context: EncodeContext<'_>,
) -> Outgoing<WireResponse> {
    let service = echo.get(attribute::SERVICE).and_then(Service::of);
    let call = Call {
        service,
        echo,
        context,
    };
    let answer = match outcome {
        Ok(reply) => call.told(reply),
        Err(error) => call.refused(error),
    };
    let mut error = outcome.err().cloned();
    if let Some(error) = &mut error
        && let Some(field) = codes::field_of(error.code)
    {
        error.field.get_or_insert_with(|| field.to_owned());
    }
    let response = move |body: Vec<u8>| {
        let mut response = WireResponse::new(200, CONTENT_TYPE, body);
        if let Some(error) = &error {
            detail::attach(&mut response, error);
        }
        response
    };
    match answer {
        Answer::Signed(members) if context.is_verified && context.can_sign => {
            let spec = sign::of_answer(members.pairs());
            let place = Box::new(move |hash: String| response(members.into_xml(Some(&hash))));
            Outgoing::Sign { spec, place }
        }
        Answer::Signed(members) | Answer::Plain(members) => {
            Outgoing::Plain(response(members.into_xml(None)))
        }
    }
}

/// What was asked, and what an answer needs to know beside its outcome.
#[derive(Clone, Copy)]
struct Call<'a> {
    service: Option<Service>,
    echo: &'a Echo,
    context: EncodeContext<'a>,
}

impl Call<'_> {
    fn told(self, reply: &Reply) -> Answer {
        let mut members = self.frame("0");
        match (self.service, reply) {
            (
                Some(Service::UploadAuthcode),
                Reply::Order {
                    order, attempts, ..
                },
            ) => {
                if let Some(word) = codes::declined(order) {
                    return self.failed(word);
                }
                self.order(&mut members, order, line(order, attempts));
            }
            (
                Some(Service::QueryStatus),
                Reply::Order {
                    order, attempts, ..
                },
            ) => self.order(&mut members, order, line(order, attempts)),
            (
                Some(Service::CloseOrder),
                Reply::Order {
                    order, attempts, ..
                },
            ) => {
                if order.state == OrderState::Paid {
                    return self.failed(codes::close_refused());
                }
                return self.closed(order, line(order, attempts));
            }
            (
                Some(Service::GetTdcode),
                Reply::Prepaid {
                    order,
                    attempt,
                    handoff,
                },
            ) => {
                let content = prepaid::content(order, handoff.as_ref(), self.context);
                let Some(content) = content else {
                    return self.failed(codes::not_payable(order));
                };
                members.optional(
                    SUB_MERCHANT_ID,
                    self.sub_merchant_id(order, attempt.as_deref()),
                );
                prepaid::told(&mut members, order, content, self.nonce());
            }
            (
                Some(Service::UnifiedRefund | Service::UnifiedQueryRefund),
                Reply::Refund {
                    order,
                    refund,
                    attempts,
                },
            ) => refund::told(&mut members, order, refund, attempts, self.nonce()),
            (
                Some(Service::UnifiedQueryRefund),
                Reply::Refunds {
                    order,
                    refunds,
                    attempts,
                },
            ) => match refunds.last() {
                Some(newest) => {
                    refund::told(&mut members, order, newest, attempts, self.nonce());
                }
                None => return self.failed(codes::no_refunds()),
            },
            (Some(Service::QueryOpenid), Reply::Payer { payer_id }) => {
                members
                    .text("nonce_str", self.nonce())
                    .text("sub_openid", payer_id);
            }
            (Some(Service::QueryUserid), Reply::Payer { payer_id }) => {
                members
                    .text("nonce_str", self.nonce())
                    .text("user_id", payer_id);
            }
            // The engine answers each verb with its own reply: another one is a fault on our side.
            _ => return gateway(codes::fault()),
        }
        Answer::Signed(members)
    }

    fn refused(self, error: &TradeError) -> Answer {
        let refusal = codes::refusal(self.service, error, self.context.is_verified);
        match (refusal, error.order.as_deref()) {
            (Refusal::Gateway(word), _) => gateway(word),
            (Refusal::InProgress, Some(order)) => {
                let mut members = self.frame("0");
                self.order(&mut members, order, None);
                Answer::Signed(members)
            }
            (Refusal::InProgress, None) => {
                let mut members = self.frame("0");
                members
                    .optional("third_order_id", self.echo.get(attribute::THIRD_ORDER_ID))
                    .text("nonce_str", self.nonce())
                    .text("status", codes::IN_PROGRESS);
                Answer::Signed(members)
            }
            (Refusal::Ended, Some(order)) => self.closed(order, None),
            (Refusal::RefundFailed, Some(order)) => {
                let mut members = self.frame("0");
                let refund = (
                    self.echo.get(attribute::MERCHANT_REFUND_ID),
                    self.echo.get(attribute::REFUND_AMOUNT),
                );
                let reason = error.reason.as_deref();
                refund::failed(&mut members, order, refund, reason, self.nonce());
                Answer::Signed(members)
            }
            (Refusal::Ended | Refusal::RefundFailed, None) => gateway(codes::fault()),
            (Refusal::Business(word), order) => self.failed_about(word, order),
        }
    }

    fn order(self, members: &mut Members, order: &Order, line: Option<&Attempt>) {
        let sub_merchant_id = self.sub_merchant_id(order, line);
        order::told(members, order, sub_merchant_id, self.nonce());
    }

    /// The opening elements.
    fn frame(self, result_code: &'static str) -> Members {
        let mut members = Members::default();
        members
            .text(RESP_CODE, "0")
            .optional("merchant_id", self.echo.get(attribute::MERCHANT_ID))
            .signature()
            .text("result_code", result_code);
        members
    }

    fn failed(self, word: Word) -> Answer {
        self.failed_about(word, None)
    }

    /// The business failed. The published sample is of the service that names the wallet, and has
    /// the sentence before the code.
    fn failed_about(self, word: Word, order: Option<&Order>) -> Answer {
        let mut members = self.frame("1");
        members.optional("third_order_id", self.echo.get(attribute::THIRD_ORDER_ID));
        if self.service == Some(Service::GetTdcode) {
            members
                .optional("pay_way", self.echo.get(attribute::PAY_WAY))
                .text("nonce_str", self.nonce())
                .text("error_msg", word.text)
                .text(ERROR_CODE, word.code);
            return Answer::Signed(members);
        }
        members.text("nonce_str", self.nonce());
        if self.service == Some(Service::QueryStatus) {
            members.text("pay_way", codes::failed_query_pay_way(order));
        }
        members
            .text(ERROR_CODE, word.code)
            .text("error_msg", word.text);
        Answer::Signed(members)
    }

    fn closed(self, order: &Order, line: Option<&Attempt>) -> Answer {
        let mut members = self.frame("0");
        members
            .optional(SUB_MERCHANT_ID, self.sub_merchant_id(order, line))
            .text("third_order_id", &*order.merchant_order_no)
            .text("nonce_str", self.nonce())
            .text("status", codes::closed_status(order))
            .text("leshua_order_id", order.order_no.to_string());
        Answer::Signed(members)
    }

    /// 子商户号 of the line that counts, or else of the contract by which the order's wallet will
    /// be paid.
    fn sub_merchant_id<'o>(self, order: &Order, line: Option<&'o Attempt>) -> Option<&'o str>
    where
        Self: 'o,
    {
        let contracts = self.context.contracts;
        let contract = || {
            let found = contract_for(contracts, order.wallet?)?;
            Some(found.sub_merchant_id.as_str())
        };
        sub_merchant_id(line).or_else(contract)
    }

    fn nonce(self) -> String {
        (self.context.nonce)(NONCE_LENGTH)
    }
}

/// The gateway did not do what was asked.
fn gateway(word: Word) -> Answer {
    let mut members = Members::default();
    members
        .text(RESP_CODE, word.code)
        .text("resp_msg", word.text);
    Answer::Plain(members)
}

/// 子商户号 of the line that counts, where it is known.
pub(super) fn sub_merchant_id(line: Option<&Attempt>) -> Option<&str> {
    line.map(|attempt| attempt.route.sub_merchant_id.as_str())
        .filter(|number| !number.is_empty())
}
