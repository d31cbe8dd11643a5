//! 预下单: an order that waits for its payer.

use std::sync::Arc;

use heliu_ports::channel::{PrepayResult, UpstreamScene};
use heliu_ports::dialect::PrepayRepeat;
use heliu_trade::attempt::{Attempt, Handoff, Route};
use heliu_trade::command::{PayerName, Prepay, PrepayScene, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::MerchantId;
use heliu_trade::life::Life;
use heliu_trade::order::{Order, OrderDetails};
use heliu_trade::routing::contract_for;
use heliu_trade::step::{Action, CreateOrder, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Decline, DeclineKind, Verdict};
use heliu_trade::wallet::{Scene, WalletKind};

use super::Caller;
use crate::Inner;
use crate::common::books::{order_of, refused};
use crate::common::directory::{books_unavailable, check_enabled};
use crate::payments::check_notify_url;
use crate::payments::check_return_url;
use crate::payments::check_same_day;
use crate::payments::fingerprint;
use crate::payments::rate_of;

/// How often a prepay of unknown result is sent, with identical content: it moves no money.
const PREPAY_TRIES: u32 = 2;

pub(super) async fn run(
    inner: &Inner,
    caller: &mut Caller,
    prepay: Prepay,
) -> Result<Reply, TradeError> {
    let policy = caller.policy();
    check_notify_url(inner, prepay.order.notify_url.as_deref())?;
    check_same_day(inner, caller, &prepay.order)?;
    check_return_url(inner, prepay.order.return_url.as_deref())?;
    let rate = rate_of(inner, prepay.order.currency).await?;
    let fingerprint = match policy.prepay_repeat {
        PrepayRepeat::Refuse | PrepayRepeat::HandSame => {
            let (scene, life, url) = (&prepay.scene, prepay.life, &prepay.order.return_url);
            fingerprint(
                inner,
                &prepay.order,
                &format!("{scene:?}\n{life:?}\n{url:?}"),
            )
        }
        PrepayRepeat::HandAgain => prepay_fingerprint(inner, &prepay),
    };
    let life_ms = life_ms(caller.received_at, prepay.life, policy.prepay_life_ms)?;
    let (scene, wallet, route) = prepay_route(inner, caller, prepay.scene).await?;
    let target = Target::NewOrder {
        app_id: caller.app_id().clone(),
        merchant_order_no: prepay.order.merchant_order_no.clone(),
    };
    let create = CreateOrder {
        order_no: inner.mint_order_no(),
        app_id: caller.app_id().clone(),
        merchant_order_no: prepay.order.merchant_order_no,
        scene,
        wallet,
        amount_minor: prepay.order.amount_minor,
        currency: prepay.order.currency,
        rate,
        route: route.map(Arc::new),
        received_at: caller.received_at,
        life_ms: Some(life_ms),
        horizon_ms: None,
        details: Arc::new(OrderDetails {
            subject: prepay.order.subject,
            notify_url: prepay.order.notify_url,
            auth_code_sealed: None,
            attributes: prepay.order.attributes,
            terms: prepay.order.terms,
            return_url: prepay.order.return_url,
            fingerprint: fingerprint.clone(),
        }),
    };
    let action = Action::CreateOrder(Box::new(create));
    let exchange = caller.exchange.take();
    let committed = match inner
        .commit(caller.merchant_id(), target, action, exchange)
        .await
    {
        Ok(committed) => committed,
        Err(error) => {
            let error = refused(error);
            return match policy.prepay_repeat {
                PrepayRepeat::Refuse => Err(error),
                PrepayRepeat::HandSame | PrepayRepeat::HandAgain => {
                    hand_again(inner, caller, &fingerprint, error).await
                }
            };
        }
    };
    let (order, attempts) = order_of(committed)?;
    let attempt = attempts.into_iter().next();
    let handoff = match &attempt {
        None => None,
        Some(attempt) => {
            let merchant_id = caller.merchant_id();
            Some(hand_over(inner, merchant_id, &order, attempt).await?)
        }
    };
    Ok(Reply::Prepaid {
        order: Box::new(order),
        attempt: attempt.map(Box::new),
        handoff,
    })
}

/// The scene, the only wallet that may pay, and where the first attempt goes; none of the
/// latter for an order whose payer comes to our page.
async fn prepay_route(
    inner: &Inner,
    caller: &Caller,
    scene: PrepayScene,
) -> Result<(Scene, Option<WalletKind>, Option<Route>), TradeError> {
    let (scene, wallet, payer, sub_app_id) = match scene {
        PrepayScene::Qr { wallet } => {
            check_any_contract(caller, wallet)?;
            return Ok((Scene::Qr, wallet, None));
        }
        PrepayScene::Native { wallet } => (UpstreamScene::Native, wallet, None, None),
        PrepayScene::App { wallet, sub_app_id } => (UpstreamScene::App, wallet, None, sub_app_id),
        PrepayScene::MiniProgram {
            wallet,
            payer_id,
            sub_app_id,
        } => (
            UpstreamScene::MiniProgram,
            wallet,
            Some(PayerName::Id(payer_id)),
            sub_app_id,
        ),
        PrepayScene::Jsapi {
            wallet,
            payer,
            sub_app_id,
        } => (UpstreamScene::MerchantPage, wallet, Some(payer), sub_app_id),
    };
    let mut route = inner.route(&caller.profile, wallet, scene).await?;
    match payer {
        None => {}
        Some(PayerName::Id(id)) => route.payer_id = Some(id),
        Some(PayerName::Login(login)) => route.payer_login = Some(login),
    }
    route.sub_app_id = sub_app_id.or(route.sub_app_id);
    Ok((route.scene, Some(wallet), Some(route)))
}

/// What must be the same for a repeat to be handed the same content again: amount, scene,
/// wallet, payer and app id (ruling 24).
fn prepay_fingerprint(inner: &Inner, prepay: &Prepay) -> String {
    let text = format!(
        "{}\n{}\n{:?}",
        prepay.order.amount_minor, prepay.order.currency, prepay.scene
    );
    inner.vault.digest("fingerprint", &text)
}

/// A repeat of a prepay's number while the order can still be paid: the content that was handed
/// over.
async fn hand_again(
    inner: &Inner,
    caller: &Caller,
    fingerprint: &str,
    error: TradeError,
) -> Result<Reply, TradeError> {
    let Some(order) = &error.order else {
        return Err(error);
    };
    if error.code != ErrorCode::DuplicateOrder
        || !order.is_payable(inner.now())
        || order.details.fingerprint != fingerprint
    {
        return Err(error);
    }
    let loaded = inner.load_order(caller.merchant_id(), order.order_no).await;
    let (order, attempts) = loaded.map_err(books_unavailable)?;
    if order.scene == Scene::Qr {
        // Its payer comes to our page: the address is the content.
        return Ok(Reply::Prepaid {
            order: Box::new(order),
            attempt: None,
            handoff: None,
        });
    }
    let live = attempts
        .into_iter()
        .find(|attempt| attempt.state.is_live() && attempt.handoff.is_some());
    let Some(attempt) = live else {
        return Err(error);
    };
    Ok(Reply::Prepaid {
        order: Box::new(order),
        handoff: attempt.handoff.clone(),
        attempt: Some(Box::new(attempt)),
    })
}

/// An order for our page needs at least one wallet that can pay it.
fn check_any_contract(caller: &Caller, wallet: Option<WalletKind>) -> Result<(), TradeError> {
    let contracts = &caller.profile.contracts;
    let fits = match wallet {
        Some(wallet) => contract_for(contracts, wallet).is_some(),
        None => !contracts.is_empty(),
    };
    check_enabled(&caller.profile)?;
    if fits {
        return Ok(());
    }
    let problem = "the merchant has no contract for this wallet";
    Err(TradeError::advised(ErrorCode::NoContract, problem))
}

/// Asks the channel for what the payer's wallet takes, and records it.
pub(crate) async fn hand_over(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<Handoff, TradeError> {
    let (order_no, attempt_no) = (order.order_no, attempt.attempt_no);
    let patience = inner.patience(GIVE_UP_MS);
    match call_prepay(inner, merchant_id, order, attempt).await? {
        PrepayResult::Handed(handoff) => {
            let action = Action::RecordHandoff {
                attempt_no,
                handoff: handoff.clone(),
            };
            let target = Target::Order(order_no);
            inner
                .commit_news(merchant_id, target, action, patience)
                .await
                .map_err(refused)?;
            Ok(handoff)
        }
        PrepayResult::Declined(decline) => {
            let kind = decline.kind;
            let reason = decline.reason.clone();
            let verdict = Verdict::Declined(decline);
            let recorded = inner
                .commit_verdict(merchant_id, order_no, attempt_no, verdict, patience)
                .await
                .map_err(refused)?;
            let (code, message) = match kind {
                DeclineKind::Unreachable => (
                    ErrorCode::ChannelUnreachable,
                    "the channel was not reached; nothing happened",
                ),
                DeclineKind::NotSecured => (
                    ErrorCode::ChannelNotSecured,
                    "no secure connection to the channel could be made; nothing happened",
                ),
                DeclineKind::Refused | DeclineKind::CodeInvalid | DeclineKind::Closed => {
                    (ErrorCode::Declined, "the channel refused the order")
                }
            };
            let error = TradeError::new(code, message).because(reason);
            Err(match recorded.after.order {
                Some(order) => error.about(&order),
                None => error,
            })
        }
        PrepayResult::Unknown(unknown) => {
            // Nobody was handed anything; what the channel may hold is closed there.
            tracing::warn!(order_no = %order_no, why = %unknown.why, "a prepay stayed unknown");
            let decline = Decline {
                reason: "PREPAY_UNKNOWN".to_owned(),
                kind: DeclineKind::Unreachable,
            };
            let action = Action::AbandonAttempt {
                attempt_no,
                decline,
            };
            let target = Target::Order(order_no);
            let recorded = inner
                .commit_news(merchant_id, target, action, patience)
                .await
                .map_err(refused)?;
            let message =
                "the channel gave no usable answer; nobody can pay this order, make a new one";
            let error = TradeError::new(ErrorCode::OutcomeUnknown, message);
            Err(match recorded.after.order {
                Some(order) => error.about(&order),
                None => error,
            })
        }
    }
}

async fn call_prepay(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
) -> Result<PrepayResult, TradeError> {
    let connection = inner
        .connect(merchant_id, order, attempt)
        .await
        .map_err(books_unavailable)?;
    let (channel, line, view) = (connection.channel(), &connection.line, connection.view());
    let mut result = channel.prepay(line, &view).await;
    for _ in 1..PREPAY_TRIES {
        if !matches!(result, PrepayResult::Unknown(_)) {
            break;
        }
        result = channel.prepay(line, &view).await;
    }
    Ok(result)
}

/// How long the payer may pay, in ms. A stated end is held to what channels take; one that is
/// not in the future is refused (ruling 24).
fn life_ms(now: Timestamp, life: Life, default_ms: i64) -> Result<i64, TradeError> {
    Ok(match life {
        Life::Default => default_ms,
        Life::Ms(life_ms) => life_ms.clamp(Life::MIN_MS, Life::MAX_MS),
        Life::Until(at) if at > now => at.since_ms(now).clamp(Life::MIN_MS, Life::MAX_MS),
        Life::Until(at) => {
            let message = format!("the order would end at {at}; here it is {now}");
            return Err(TradeError::new(ErrorCode::ExpiryPassed, message));
        }
    })
}

/// How long a prepay's result is kept in hand while the books are away, in ms.
const GIVE_UP_MS: i64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stated_end_is_held_to_what_channels_take_and_must_be_to_come() {
        let now = Timestamp::parse_rfc3339("2026-01-15T02:00:00Z").unwrap();
        let life_ms = |life| life_ms(now, life, 120_000).map_err(|error| error.code);
        let until = |ms| Life::Until(now.plus_ms(ms));
        for (life, expected_ms) in [
            (Life::Default, 120_000),
            (Life::Ms(1), Life::MIN_MS),
            (Life::Ms(90_000), 90_000),
            (until(1), Life::MIN_MS),
            (until(90_000), 90_000),
            (until(Life::MAX_MS + 1), Life::MAX_MS),
            (until(i64::MAX), Life::MAX_MS),
        ] {
            assert_eq!(life_ms(life), Ok(expected_ms), "{life:?}");
        }
        for passed in [until(0), until(-1), until(i64::MIN)] {
            assert_eq!(life_ms(passed), Err(ErrorCode::ExpiryPassed), "{passed:?}");
        }
    }
}
