//! Reads.

use std::ops::Bound;

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRequest};
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{
    AgentRecord, AppRecord, Enrolment, NotificationFilter, OrderKey, OrderStory, RefundKey,
};
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{
    AgentId, AppId, ChannelAccountId, DialectId, MerchantId, OrderNo, PlatformNo,
};
use heliu_trade::invariant::OrderBook;
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;

use super::books::{Books, OrderId, Shelf};

impl Books {
    pub(super) fn find_order(
        &self,
        merchant: &MerchantId,
        key: &OrderKey,
    ) -> Option<(Order, Vec<Attempt>)> {
        let order_no = match key {
            OrderKey::Platform(order_no) => *order_no,
            OrderKey::Merchant(app, number) => {
                let key = (merchant.clone(), app.clone(), number.clone());
                *self.order_register.get(&key)?
            }
        };
        let shelf = self.orders.get(&(merchant.clone(), order_no))?;
        Some((shelf.order.clone(), shelf.attempts.clone()))
    }

    pub(super) fn find_refund(
        &self,
        merchant: &MerchantId,
        key: &RefundKey,
    ) -> Option<(OrderNo, Refund)> {
        let refund_no = match key {
            RefundKey::Platform(refund_no) => *refund_no,
            RefundKey::Merchant(app, number) => {
                let key = (merchant.clone(), app.clone(), number.clone());
                self.refund_register.get(&key)?.1
            }
        };
        let mut shelves = self
            .orders
            .values()
            .filter(|s| s.order.merchant_id == *merchant);
        shelves
            .find_map(|shelf| Some((shelf.order.order_no, shelf.refunds.get(&refund_no)?.clone())))
    }

    pub(super) fn refunds_of_order(&self, merchant: &MerchantId, order_no: OrderNo) -> Vec<Refund> {
        let shelf = self.orders.get(&(merchant.clone(), order_no));
        shelf.map_or_else(Vec::new, |shelf| shelf.refunds.values().cloned().collect())
    }

    pub(super) fn is_issued_code(&self, content: &str) -> bool {
        let attempts = self.orders.values().flat_map(|shelf| &shelf.attempts);
        let mut handoffs = attempts.filter_map(|attempt| attempt.handoff.as_ref());
        handoffs.any(|handoff| matches!(handoff, Handoff::CodeUrl(given) if given == content))
    }

    fn contracts_of(&self, merchant: &MerchantId) -> Vec<Contract> {
        let contracts = self
            .contracts
            .values()
            .filter(|c| c.merchant_id == *merchant);
        let mut contracts: Vec<Contract> = contracts.cloned().collect();
        contracts.sort_by_cached_key(|contract| {
            let account = contract.channel_account_id.clone();
            (contract.wallet.as_str(), contract.routing.priority, account)
        });
        contracts
    }

    pub(super) fn find_app(&self, dialect: &DialectId, app: &AppId) -> Option<AppRecord> {
        let found = self.apps.get(&(dialect.clone(), app.clone()))?;
        let merchant = self.merchants.get(&found.merchant_id)?.clone();
        Some(AppRecord {
            app: found.clone(),
            contracts: self.contracts_of(&merchant.merchant_id),
            fees: self.list_fees(&Owner::Merchant(merchant.merchant_id.clone())),
            merchant,
            keys: self.list_keys(&KeyOwner::App(dialect.clone(), app.clone()).name()),
        })
    }

    pub(super) fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Option<AgentRecord> {
        let found = self.agents.get(&(dialect.clone(), agent.clone()))?;
        Some(AgentRecord {
            agent: found.clone(),
            party: self.parties.get(&found.party_id)?.clone(),
            keys: self.list_keys(&KeyOwner::Agent(dialect.clone(), agent.clone()).name()),
        })
    }

    pub(super) fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Option<(ChannelAccount, Vec<SealedKey>)> {
        let found = self.accounts.get(account)?.clone();
        Some((
            found,
            self.list_keys(&KeyOwner::ChannelAccount(account.clone()).name()),
        ))
    }

    pub(super) fn list_keys(&self, owner: &str) -> Vec<SealedKey> {
        self.keys
            .values()
            .filter(|key| key.owner == owner)
            .cloned()
            .collect()
    }

    pub(super) fn list_merchants(&self) -> Vec<Enrolment> {
        let enrolment = |merchant: &heliu_trade::directory::Merchant| Enrolment {
            merchant: merchant.clone(),
            apps: {
                let apps = self.apps.values();
                apps.filter(|app| app.merchant_id == merchant.merchant_id)
                    .cloned()
                    .collect()
            },
            contracts: self.contracts_of(&merchant.merchant_id),
        };
        self.merchants.values().map(enrolment).collect()
    }

    pub(super) fn search_orders(&self, number: &str) -> Vec<OrderId> {
        let ours = number.parse::<OrderNo>().ok().map(OrderNo::as_u64);
        let carries = |shelf: &Shelf| {
            let order = &shelf.order;
            ours == Some(order.order_no.as_u64())
                || order.merchant_order_no == number
                || shelf.attempts.iter().any(|attempt| {
                    attempt
                        .evidence
                        .as_ref()
                        .is_some_and(|e| e.channel_order_no == number)
                })
                || shelf.refunds.values().any(|refund| {
                    ours == Some(refund.refund_no.as_u64()) || refund.merchant_refund_no == number
                })
        };
        let found = self.orders.iter().filter(|(_, shelf)| carries(shelf));
        found.map(|(key, _)| key.clone()).collect()
    }

    fn book(&self, shelf: &Shelf) -> OrderBook {
        OrderBook {
            order: shelf.order.clone(),
            attempts: shelf.attempts.clone(),
            refunds: shelf.refunds.values().cloned().collect(),
            trail: self.trail(&shelf.order.subject()),
        }
    }

    pub(super) fn order_story(&self, key: &OrderId) -> Option<OrderStory> {
        let shelf = self.orders.get(key)?;
        let exchanges = self
            .exchanges
            .values()
            .filter(|e| e.order_no == Some(key.1));
        Some(OrderStory {
            book: self.book(shelf),
            exchanges: exchanges
                .filter_map(|exchange| Some((exchange.request.clone()?, exchange.answer.clone())))
                .collect(),
        })
    }

    pub(super) fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Option<(ExchangeRequest, Option<ExchangeAnswer>)> {
        let exchange = self.exchanges.get(&exchange_no)?;
        Some((exchange.request.clone()?, exchange.answer.clone()))
    }

    pub(super) fn order_books(&self, after: Option<OrderId>, limit: u32) -> Vec<OrderBook> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let shelves = self.orders.range((start, Bound::Unbounded)).take(limit);
        shelves.map(|(_, shelf)| self.book(shelf)).collect()
    }

    pub(super) fn list_notifications(&self, filter: &NotificationFilter) -> Vec<Notification> {
        let all = self
            .around
            .values()
            .flat_map(|around| around.notifications.values());
        let fits = all.filter(|n| {
            filter.state.is_none_or(|state| n.state == state)
                && filter
                    .number
                    .is_none_or(|number| n.notification_no == number)
        });
        let mut found: Vec<_> = fits.cloned().collect();
        found.sort_by_key(|notification| std::cmp::Reverse(notification.notification_no));
        found.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
        found
    }
}
