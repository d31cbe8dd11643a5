//! 预下单: an order that waits for its payer.

use std::sync::Arc;

use heliu_ports::channel::{PrepayResult, UpstreamScene};
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::command::{Prepay, PrepayScene, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::MerchantId;
use heliu_trade::order::{Order, OrderDetails};
use heliu_trade::step::{Action, CreateOrder, Target};
use heliu_trade::verdict::{Decline, DeclineKind, Verdict};
use heliu_trade::wallet::Scene;

use super::Caller;
use crate::Inner;
use crate::books::{order_of, refused};
use crate::directory::books_unavailable;

/// How often a prepay of unknown result is sent, with identical content: it moves no money.
const PREPAY_TRIES: u32 = 2;

impl Inner {
    pub(super) async fn prepay(
        &self,
        caller: &mut Caller,
        prepay: Prepay,
    ) -> Result<Reply, TradeError> {
        let policy = caller.policy();
        self.check_notify_url(&prepay.order)?;
        let rate = self.rate_of(prepay.order.currency).await?;
        let (scene, wallet, route) = match &prepay.scene {
            PrepayScene::Qr { wallet } => {
                self.check_any_contract(caller, *wallet)?;
                (Scene::Qr, *wallet, None)
            }
            PrepayScene::Jsapi {
                wallet,
                payer_id,
                sub_app_id,
            } => {
                let scene = UpstreamScene::MerchantPage;
                let mut route = self.route(&caller.profile, *wallet, scene).await?;
                route.payer_id = Some(payer_id.clone());
                route.sub_app_id.clone_from(sub_app_id);
                (Scene::Jsapi, Some(*wallet), Some(route))
            }
        };
        let life_ms = prepay.life_ms.unwrap_or(policy.prepay_life_ms);
        let fingerprint = self.fingerprint(&prepay.order, &format!("{:?}", prepay.scene));
        let target = Target::NewOrder {
            app_id: caller.app_id().clone(),
            merchant_order_no: prepay.order.merchant_order_no.clone(),
        };
        let create = CreateOrder {
            order_no: self.mint_order_no(),
            app_id: caller.app_id().clone(),
            merchant_order_no: prepay.order.merchant_order_no,
            scene,
            wallet,
            amount_minor: prepay.order.amount_minor,
            currency: prepay.order.currency,
            rate,
            route: route.map(Arc::new),
            expires_at: Some(caller.received_at.plus_ms(life_ms)),
            horizon_at: None,
            details: Arc::new(OrderDetails {
                subject: prepay.order.subject,
                notify_url: prepay.order.notify_url,
                auth_code_sealed: None,
                attributes: prepay.order.attributes,
                notifies_refunds: false,
                fingerprint: fingerprint.clone(),
            }),
        };
        let action = Action::CreateOrder(Box::new(create));
        let exchange = caller.exchange.take();
        let committed = match self
            .commit(caller.merchant_id(), target, action, exchange)
            .await
        {
            Ok(committed) => committed,
            Err(error) => return self.repeat(policy.repeat, &fingerprint, refused(error)),
        };
        let attempt = committed.after.attempts.first().cloned();
        let order = order_of(committed)?;
        match attempt {
            None => Ok(Reply::Prepaid {
                order: Box::new(order),
                handoff: None,
            }),
            Some(attempt) => {
                let handoff = self
                    .hand_over(caller.merchant_id(), &order, &attempt)
                    .await?;
                Ok(Reply::Prepaid {
                    order: Box::new(order),
                    handoff: Some(handoff),
                })
            }
        }
    }

    /// An order for our page needs at least one wallet that can pay it.
    fn check_any_contract(
        &self,
        caller: &Caller,
        wallet: Option<heliu_trade::wallet::WalletKind>,
    ) -> Result<(), TradeError> {
        let contracts = &caller.profile.contracts;
        let fits = contracts
            .iter()
            .any(|c| wallet.is_none_or(|wallet| c.wallet == wallet));
        if caller.profile.merchant.is_enabled && fits {
            return Ok(());
        }
        let message = "the merchant is not enabled or has no contract for this wallet";
        Err(TradeError::new(ErrorCode::NoContract, message))
    }

    /// Asks the channel for what the payer's wallet takes, and records it.
    pub(crate) async fn hand_over(
        &self,
        merchant_id: &MerchantId,
        order: &Order,
        attempt: &Attempt,
    ) -> Result<Handoff, TradeError> {
        let (order_no, attempt_no) = (order.order_no, attempt.attempt_no);
        let give_up_at = self.now().plus_ms(GIVE_UP_MS);
        match self.call_prepay(merchant_id, order, attempt).await? {
            PrepayResult::Handed(handoff) => {
                let action = Action::RecordHandoff {
                    attempt_no,
                    handoff: handoff.clone(),
                };
                let target = Target::Order(order_no);
                self.commit_news(merchant_id, target, action, give_up_at)
                    .await
                    .map_err(refused)?;
                Ok(handoff)
            }
            PrepayResult::Declined(decline) => {
                let is_unreachable = decline.kind == DeclineKind::Unreachable;
                let reason = decline.reason.clone();
                let verdict = Verdict::Declined(decline);
                let recorded = self
                    .commit_verdict(merchant_id, order_no, attempt_no, verdict, give_up_at)
                    .await
                    .map_err(refused)?;
                let (code, message) = if is_unreachable {
                    (
                        ErrorCode::ChannelUnreachable,
                        "the channel was not reached; nothing happened",
                    )
                } else {
                    (ErrorCode::Declined, "the channel refused the order")
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
                let recorded = self
                    .commit_news(merchant_id, target, action, give_up_at)
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
        &self,
        merchant_id: &MerchantId,
        order: &Order,
        attempt: &Attempt,
    ) -> Result<PrepayResult, TradeError> {
        let account = self
            .account(&attempt.route.channel_account_id)
            .await
            .map_err(books_unavailable)?;
        let url = self.callback_url(merchant_id, order, attempt);
        let view = self.channel_order(&account, order, attempt, &url);
        let line = self.line(&account);
        let mut result = account.channel.prepay(&line, &view).await;
        for _ in 1..PREPAY_TRIES {
            if !matches!(result, PrepayResult::Unknown(_)) {
                break;
            }
            result = account.channel.prepay(&line, &view).await;
        }
        Ok(result)
    }
}

/// How long a prepay's result is kept in hand while the books are away, in ms.
const GIVE_UP_MS: i64 = 10_000;
