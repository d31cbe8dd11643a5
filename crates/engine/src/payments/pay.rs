//! 付款码支付: take the money now.

use std::sync::Arc;

use heliu_ports::channel::UpstreamScene;
use heliu_ports::dialect::{Policy, Repeat};
use heliu_trade::attempt::Attempt;
use heliu_trade::command::{Consent, NewOrder, Pay, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::{Order, OrderDetails};
use heliu_trade::step::{Action, CreateOrder, Target};
use heliu_trade::verdict::Verdict;
use heliu_trade::wallet::WalletKind;

use super::Caller;
use crate::Inner;
use crate::common::books::{order_of, refused};
use crate::common::directory::books_unavailable;
use crate::payments::check_notify_url;
use crate::payments::check_same_day;
use crate::payments::fingerprint;
use crate::payments::rate_of;
use crate::payments::wait::wait_until_decided;

/// Time kept for wording and sending the answer before the merchant's patience ends, in ms.
const ANSWER_RESERVE_MS: i64 = 500;

pub(super) async fn run(inner: &Inner, caller: &mut Caller, pay: Pay) -> Result<Reply, TradeError> {
    let policy = caller.policy();
    let spent_ms = inner.now().since_ms(caller.received_at).max(0);
    let patience = inner.patience(policy.pay_wait_ms - ANSWER_RESERVE_MS - spent_ms);
    let wallet = wallet_of(inner, caller, &pay)?;
    let rate = rate_of(inner, pay.order.currency).await?;
    check_notify_url(inner, pay.order.notify_url.as_deref())?;
    check_same_day(inner, caller, &pay.order)?;
    check_terminal(policy, wallet, &pay.order)?;
    let (scene, payer_id) = match pay.consent {
        Consent::Barcode => (UpstreamScene::Barcode, None),
        Consent::Face { payer_id } => (UpstreamScene::Face, payer_id),
    };
    let mut route = inner.route(&caller.profile, wallet, scene).await?;
    route.payer_id = payer_id;
    let order_no = inner.mint_order_no();
    let fingerprint = fingerprint(inner, &pay.order, &pay.auth_code);
    let sealed = inner.vault.seal(
        &auth_code_context(caller.merchant_id(), order_no),
        &pay.auth_code,
    );
    let target = Target::NewOrder {
        app_id: caller.app_id().clone(),
        merchant_order_no: pay.order.merchant_order_no.clone(),
    };
    let create = CreateOrder {
        order_no,
        app_id: caller.app_id().clone(),
        merchant_order_no: pay.order.merchant_order_no,
        scene: route.scene,
        wallet: Some(wallet),
        amount_minor: pay.order.amount_minor,
        currency: pay.order.currency,
        rate,
        route: Some(Arc::new(route)),
        received_at: caller.received_at,
        life_ms: None,
        horizon_ms: Some(policy.horizon_ms),
        details: Arc::new(OrderDetails {
            subject: pay.order.subject,
            notify_url: pay.order.notify_url,
            auth_code_sealed: Some(sealed),
            attributes: pay.order.attributes,
            terms: pay.order.terms,
            return_url: None,
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
            return repeat(inner, policy.repeat, &fingerprint, refused(error)).await;
        }
    };
    let attempts = committed.after.attempts;
    let (Some(order), Some(attempt)) = (committed.after.order, attempts.first()) else {
        return Err(TradeError::new(ErrorCode::Internal, "a fault on our side"));
    };
    let verdict = call_pay(inner, caller.merchant_id(), &order, attempt, &pay.auth_code).await?;
    let is_pending = verdict == Verdict::Pending;
    let attempt_no = attempt.attempt_no;
    let recorded = inner
        .commit_verdict(
            caller.merchant_id(),
            order_no,
            attempt_no,
            verdict,
            patience,
        )
        .await
        .map_err(refused)?;
    let (mut order, mut attempts) = order_of(recorded)?;
    if !(order.state.is_decided() || is_pending && policy.answers_pending) {
        let waited = wait_until_decided(inner, caller.merchant_id(), order_no, patience).await;
        (order, attempts) = waited.map_err(books_unavailable)?;
    }
    Ok(Reply::Order {
        order: Box::new(order),
        attempts,
        auth_code: Some(pay.auth_code),
    })
}

/// The wallet that the merchant states, or that the code shows; never a default.
fn wallet_of(inner: &Inner, caller: &Caller, pay: &Pay) -> Result<WalletKind, TradeError> {
    let known = caller.profile.descriptor().wallets;
    pay.wallet
        .or_else(|| inner.settings.code_prefixes.wallet_of(&pay.auth_code))
        .filter(|wallet| known.contains(wallet))
        .ok_or_else(|| {
            TradeError::field(
                ErrorCode::UnsupportedWallet,
                "auth_code",
                "the payment code belongs to no wallet that this interface knows; scan it again",
            )
        })
}

async fn call_pay(
    inner: &Inner,
    merchant_id: &MerchantId,
    order: &Order,
    attempt: &Attempt,
    auth_code: &str,
) -> Result<Verdict, TradeError> {
    let connection = inner
        .connect(merchant_id, order, attempt)
        .await
        .map_err(books_unavailable)?;
    let (channel, line) = (connection.channel(), &connection.line);
    Ok(channel.pay(line, &connection.view(), auth_code).await)
}

/// A repeat of an order's number, by the wire's policy.
async fn repeat(
    inner: &Inner,
    repeat: Repeat,
    fingerprint: &str,
    error: TradeError,
) -> Result<Reply, TradeError> {
    match (repeat, error.code, &error.order) {
        (Repeat::ReturnPresent, ErrorCode::DuplicateOrder, Some(order))
            if order.details.fingerprint == fingerprint =>
        {
            let loaded = inner.load_order(&order.merchant_id, order.order_no).await;
            let (order, attempts) = loaded.map_err(books_unavailable)?;
            let auth_code = auth_code_of(inner, &order);
            Ok(Reply::Order {
                order: Box::new(order),
                attempts,
                auth_code,
            })
        }
        _ => Err(error),
    }
}

/// The payer's code of an order, opened for an answer that must echo it.
pub(crate) fn auth_code_of(inner: &Inner, order: &Order) -> Option<String> {
    let context = auth_code_context(&order.merchant_id, order.order_no);
    inner
        .vault
        .open(&context, order.details.auth_code_sealed.as_deref()?)
}

/// Some wallets take no payment without the terminal's number.
fn check_terminal(policy: &Policy, wallet: WalletKind, order: &NewOrder) -> Result<(), TradeError> {
    if order.terms.terminal_id.is_some() || !policy.terminal_wallets.contains(&wallet) {
        return Ok(());
    }
    let message = format!(
        "{} takes no payment without the terminal's number; state the device",
        wallet.as_str()
    );
    Err(TradeError::new(ErrorCode::TerminalRequired, message))
}

fn auth_code_context(merchant_id: &MerchantId, order_no: OrderNo) -> String {
    format!("order:{merchant_id}:{order_no}:auth_code")
}
