//! Wording an answer: the frame, which interface answers with what, and what is signed.
//!
//! HTTP 200 always. Source: Chaoying v2.5.3, sections 2.3 and 3 (frame), 4 (tables and samples).

pub(super) mod members;
pub(super) mod order;
pub(super) mod prepaid;
mod refund;
mod services;

use heliu_ports::dialect::{Echo, EncodeContext};
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::WireResponse;
use heliu_trade::attempt::Attempt;
use heliu_trade::command::Reply;
use heliu_trade::error::TradeError;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::Refund;
use heliu_trade::time::MINUTE_MS;

use crate::detail;
use crate::payment::line;

use self::members::Members;
use super::codes::{self, Status};
use super::sign::{self, NameOrder, SIGN};
use super::{CONTENT_TYPE, Interface, attribute, setting};

/// Length of a `nonce_str`.
pub(super) const NONCE_LENGTH: usize = 32;

pub(super) fn encode(
    echo: &Echo,
    outcome: Result<&Reply, &TradeError>,
    context: EncodeContext<'_>,
) -> Outgoing<WireResponse> {
    let interface = Interface::of(&echo.route, echo.get(attribute::METHOD));
    let error = outcome.err().map(|error| named(interface, error));
    let members = match (interface, outcome) {
        (Some(interface), Ok(reply)) => told(interface, echo, reply, context),
        (None, Ok(_)) => frame(&Status::fault()),
        (interface, Err(cause)) => frame(&codes::error(interface, error.as_ref().unwrap_or(cause))),
    };
    let response = move |body: Vec<u8>| {
        let mut response = WireResponse::new(200, CONTENT_TYPE, body);
        if let Some(error) = &error {
            detail::attach(&mut response, error);
        }
        response
    };
    let is_on = |name, value| {
        let agent = context.agent;
        agent.is_some_and(|agent| agent.settings.get(name).is_some_and(|set| set == value))
    };
    let is_pre_order = interface.is_some_and(Interface::is_pre_order);
    let is_signed = !is_pre_order || !is_on(setting::SIGN_PRE_ORDER, setting::OFF);
    if !context.can_sign || !is_signed {
        return Outgoing::Plain(response(members.into_body(None)));
    }
    let order = if is_on(setting::SIGN_ORDER, setting::IGNORE_CASE) {
        NameOrder::AnyCase
    } else {
        NameOrder::Ascii
    };
    let spec = sign::spec(members.pairs(), order);
    let place = Box::new(move |hash: String| response(members.into_body(Some((SIGN, hash)))));
    Outgoing::Sign { spec, place }
}

/// The error with the field that it is about, where the engine could not name it.
fn named(interface: Option<Interface>, error: &TradeError) -> TradeError {
    let mut error = error.clone();
    if error.field.is_none() {
        error.field = codes::field_of(interface, error.code).map(str::to_owned);
    }
    error
}

/// The opening words, in the samples' order: that of the trade interfaces, and that of the others.
fn frame(status: &Status) -> Members {
    let mut members = Members::default();
    members
        .text("state", status.state)
        .text("code", status.code.as_ref())
        .optional("trade_state", status.trade_state)
        .text("msg", status.msg.as_ref());
    members
}

fn told(interface: Interface, echo: &Echo, reply: &Reply, context: EncodeContext<'_>) -> Members {
    let nonce = || (context.nonce)(NONCE_LENGTH);
    let mut done = frame(&Status::done(interface));
    match (interface, reply) {
        (
            Interface::Pay | Interface::FacePay,
            Reply::Order {
                order, attempts, ..
            },
        ) => {
            if let Some(status) = codes::unpaid(order, attempts.iter().any(Attempt::is_heard)) {
                return frame(&status);
            }
            order::paid(&mut done, order, attempts, nonce(), false);
        }
        (
            Interface::OrderQuery,
            Reply::Order {
                order, attempts, ..
            },
        ) => {
            let mut members = frame(&codes::queried(order, attempts));
            if order.state == OrderState::Paid {
                order::paid(&mut members, order, attempts, nonce(), true);
            }
            return members;
        }
        (
            Interface::Cancel,
            Reply::Order {
                order, attempts, ..
            },
        ) => {
            return cancelled(order, attempts, done, nonce());
        }
        (
            Interface::WechatPreOrder | Interface::AlipayPreOrder,
            Reply::Prepaid {
                order,
                attempt,
                handoff,
            },
        ) => match (order.state, handoff) {
            (OrderState::Open | OrderState::Paying, Some(handoff)) => {
                prepaid::members(&mut done, order, attempt.as_deref(), handoff, context);
            }
            // Paid meanwhile, ended, or nothing that the payer could use.
            _ => {
                let status = codes::unpaid(order, false);
                return frame(&status.unwrap_or_else(codes::paid_already));
            }
        },
        (Interface::Refund, Reply::Refund { order, refund, .. }) => {
            let status = codes::refunded(refund);
            let is_taken = status.state == codes::SUCCESS;
            let mut members = frame(&status);
            if is_taken {
                refund::taken(&mut members, order, refund, nonce());
            }
            return members;
        }
        (
            Interface::RefundQuery,
            Reply::Refund {
                order,
                refund,
                attempts,
            },
        ) => {
            return refunds(done, order, attempts, &[refund], nonce());
        }
        (
            Interface::RefundQuery,
            Reply::Refunds {
                order,
                refunds: all,
                attempts,
            },
        ) => {
            let all: Vec<&Refund> = all.iter().collect();
            return refunds(done, order, attempts, &all, nonce());
        }
        (Interface::FaceAuth, Reply::FaceCredential(credential)) => {
            let mch_id = echo.get(attribute::MCH_ID);
            services::face_credential(&mut done, mch_id, credential, nonce());
        }
        (
            Interface::Register
            | Interface::FindMerchant
            | Interface::PartnerNumbers
            | Interface::MerchantInfo,
            Reply::Merchant(merchant),
        ) => services::merchant(&mut done, interface, merchant, context.contracts, nonce()),
        (Interface::LoginCode, Reply::LoginCodeSent { life_ms }) => {
            return frame(&Status::login_code_sent(life_ms / MINUTE_MS));
        }
        (Interface::MiniProgramSession, Reply::MiniProgramSession(session)) => {
            services::session(&mut done, session);
        }
        // The engine answers each verb with its own reply: another one is a fault on our side.
        _ => return frame(&Status::fault()),
    }
    done
}

/// A cancel worked, or goes on working (rulings 17, 19 and 65).
fn cancelled(order: &Order, attempts: &[Attempt], mut done: Members, nonce: String) -> Members {
    match order.state {
        OrderState::Paid => return frame(&codes::cancel_refused()),
        OrderState::Open | OrderState::Paying | OrderState::Reversing => {
            return frame(&codes::cancelling());
        }
        OrderState::Failed | OrderState::Closed | OrderState::Expired | OrderState::Reversed => {}
    }
    done.text("mch_id", order.app_id.as_str())
        .text("nonce_str", nonce);
    order::provider_numbers(&mut done, order, line(order, attempts));
    done
}

fn refunds(
    mut done: Members,
    order: &Order,
    attempts: &[Attempt],
    refunds: &[&Refund],
    nonce: String,
) -> Members {
    if refunds.is_empty() {
        return frame(&codes::refund_not_found());
    }
    refund::found(&mut done, order, attempts, refunds, nonce);
    done
}
