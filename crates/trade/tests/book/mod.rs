//! The reference book: maps that take a decision's changes the way a store does, and nothing more.
#![allow(
    dead_code,
    reason = "shared by several test programs, each of which uses a part"
)]

pub(crate) mod make;

use std::collections::BTreeMap;

use heliu_trade::attempt::Attempt;
use heliu_trade::decide::decide;
use heliu_trade::error::TradeError;
use heliu_trade::followup::consequences::JobChange;
use heliu_trade::followup::event::Event;
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::followup::notification::{Delivery, Notification};
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::{NotificationNo, OrderNo, RefundNo};
use heliu_trade::invariant::{self, OrderBook};
use heliu_trade::ledger::{Account, Entry};
use heliu_trade::order::Order;
use heliu_trade::refund::Refund;
use heliu_trade::step::{Changes, Loaded, Save, Step, Target};

/// All books of one merchant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Book {
    pub(crate) orders: BTreeMap<OrderNo, Order>,
    pub(crate) attempts: BTreeMap<OrderNo, Vec<Attempt>>,
    pub(crate) refunds: BTreeMap<RefundNo, (OrderNo, Refund)>,
    pub(crate) notifications: BTreeMap<NotificationNo, Notification>,
    pub(crate) deliveries: BTreeMap<(NotificationNo, u32), Delivery>,
    pub(crate) entries: BTreeMap<OrderNo, Vec<Entry>>,
    pub(crate) events: BTreeMap<OrderNo, Vec<Event>>,
    pub(crate) jobs: BTreeMap<JobKey, Job>,
}

impl Book {
    /// Loads, decides and saves; a rejection saves nothing.
    pub(crate) fn step(&mut self, step: Step) -> Result<(), TradeError> {
        let loaded = self.load(&step.target);
        let changes = decide(loaded.clone(), step)?;
        self.save(&loaded, changes);
        Ok(())
    }

    /// What the books hold of a target.
    pub(crate) fn load(&self, target: &Target) -> Loaded {
        let by_number = |order_no: &OrderNo| Loaded {
            order: self.orders.get(order_no).cloned(),
            attempts: self.attempts.get(order_no).cloned().unwrap_or_default(),
            ..Loaded::default()
        };
        match target {
            Target::NewOrder {
                app_id,
                merchant_order_no,
            } => {
                let mut orders = self.orders.values();
                let is_it = |order: &&Order| {
                    order.app_id == *app_id && order.merchant_order_no == *merchant_order_no
                };
                orders
                    .find(is_it)
                    .map(|order| by_number(&order.order_no))
                    .unwrap_or_default()
            }
            Target::Order(order_no) => by_number(order_no),
            Target::NewRefund(order_no, app_id, merchant_refund_no) => {
                let mut refunds = self.refunds.values();
                let refund = refunds.find(|(of_order, refund)| {
                    self.orders[of_order].app_id == *app_id
                        && refund.merchant_refund_no == *merchant_refund_no
                });
                Loaded {
                    refund: refund.map(|(_, refund)| refund.clone()),
                    ..by_number(order_no)
                }
            }
            Target::Refund(order_no, refund_no) => Loaded {
                refund: self
                    .refunds
                    .get(refund_no)
                    .map(|(_, refund)| refund.clone()),
                ..by_number(order_no)
            },
            Target::Notification(order_no, notification_no) => Loaded {
                notification: self.notifications.get(notification_no).cloned(),
                ..by_number(order_no)
            },
        }
    }

    /// Saves exactly what the changes name; whatever they do not name must be as it was loaded.
    fn save(&mut self, loaded: &Loaded, changes: Changes) {
        let Changes { after, .. } = changes;
        let order = after.order.expect("every accepted step has an order");
        let order_no = order.order_no;
        match changes.order {
            Save::Nothing => assert_eq!(loaded.order.as_ref(), Some(&order), "order not saved"),
            Save::Insert => {
                assert!(loaded.order.is_none() && !self.orders.contains_key(&order_no));
                self.orders.insert(order_no, order);
            }
            Save::Update => {
                assert!(
                    self.orders.insert(order_no, order).is_some(),
                    "update of no order"
                );
            }
        }
        self.save_attempts(order_no, loaded, &after.attempts, &changes.attempts);
        if changes.refund == Save::Nothing {
            assert_eq!(loaded.refund, after.refund, "refund not saved");
        } else {
            let refund = after.refund.expect("a refund to save");
            let is_new = self
                .refunds
                .insert(refund.refund_no, (order_no, refund))
                .is_none();
            assert_eq!(
                is_new,
                changes.refund == Save::Insert,
                "refund inserted or updated"
            );
        }
        let follow = changes.consequences;
        assert_eq!(follow.subject, self.subject(order_no));
        if follow.notification.is_none() {
            assert_eq!(
                loaded.notification, after.notification,
                "notification not saved"
            );
        }
        if let Some(notification) = follow.notification {
            assert_eq!(after.notification.as_ref(), Some(&notification));
            let old = self
                .notifications
                .insert(notification.notification_no, notification);
            assert!(old.is_some(), "update of no notification");
        }
        for notification in follow.new_notifications {
            let old = self
                .notifications
                .insert(notification.notification_no, notification);
            assert!(old.is_none(), "a notification number is used twice");
        }
        self.save_deliveries(follow.deliveries);
        self.entries
            .entry(order_no)
            .or_default()
            .extend(follow.entries);
        self.events
            .entry(order_no)
            .or_default()
            .extend(follow.events);
        for job in follow.jobs {
            match job {
                JobChange::Put(job) => drop(self.jobs.insert(job.key.clone(), job)),
                JobChange::Drop(key) => drop(self.jobs.remove(&key)),
            }
        }
    }

    fn save_attempts(
        &mut self,
        order_no: OrderNo,
        loaded: &Loaded,
        after: &[Attempt],
        changed: &[(usize, Save)],
    ) {
        let saved = self.attempts.entry(order_no).or_default();
        assert!(after.len() >= saved.len(), "attempts do not vanish");
        for (index, attempt) in after.iter().enumerate() {
            let saves: Vec<_> = changed.iter().filter(|(at, _)| *at == index).collect();
            assert!(saves.len() <= 1, "attempt {index} is saved twice");
            match saves.first().map(|(_, save)| *save) {
                None | Some(Save::Nothing) => {
                    assert_eq!(
                        loaded.attempts.get(index),
                        Some(attempt),
                        "attempt not saved"
                    );
                }
                Some(Save::Insert) => {
                    assert_eq!(saved.len(), index, "attempts are inserted in order");
                    saved.push(attempt.clone());
                }
                Some(Save::Update) => saved[index] = attempt.clone(),
            }
        }
    }

    /// A delivery that stands already is completed: only its end is written.
    fn save_deliveries(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let key = (delivery.notification_no, delivery.try_index);
            match self.deliveries.get_mut(&key) {
                Some(standing) => {
                    assert!(delivery.ended_at.is_some(), "a delivery is begun twice");
                    standing.ended_at = delivery.ended_at;
                    standing.answer = delivery.answer;
                }
                None => {
                    assert!(
                        delivery.ended_at.is_none(),
                        "a delivery ends that was not begun"
                    );
                    self.deliveries.insert(key, delivery);
                }
            }
        }
    }

    /// Everything about one order, for the invariants.
    pub(crate) fn order_book(&self, order_no: OrderNo) -> OrderBook {
        let notifications = self
            .notifications
            .values()
            .filter(|n| n.subject.no == order_no.0);
        let refunds = self
            .refunds
            .values()
            .filter(|(of_order, _)| *of_order == order_no);
        let jobs = self
            .jobs
            .values()
            .filter(|job| job.key.subject.no == order_no.0);
        OrderBook {
            order: self.orders[&order_no].clone(),
            attempts: self.attempts.get(&order_no).cloned().unwrap_or_default(),
            refunds: refunds.map(|(_, refund)| refund.clone()).collect(),
            trail: Trail {
                entries: self.entries.get(&order_no).cloned().unwrap_or_default(),
                events: self.events.get(&order_no).cloned().unwrap_or_default(),
                notifications: notifications.cloned().collect(),
                deliveries: Vec::new(),
                jobs: jobs.cloned().collect(),
            },
        }
    }

    /// The order as what follows names it.
    fn subject(&self, order_no: OrderNo) -> Subject {
        Subject::of_merchant(&self.orders[&order_no].merchant_id, order_no.0)
    }

    /// Balances of all accounts, in fen, derived from the lines.
    pub(crate) fn balances(&self) -> BTreeMap<Account, i64> {
        let mut balances = BTreeMap::new();
        for line in self
            .entries
            .values()
            .flatten()
            .flat_map(|entry| &entry.lines)
        {
            *balances.entry(line.account.clone()).or_default() += line.amount_fen;
        }
        balances
    }

    /// Fails with the whole timeline if an invariant is broken.
    pub(crate) fn assert_sound(&self) {
        for order_no in self.orders.keys() {
            let book = self.order_book(*order_no);
            let violations = invariant::check(&book);
            assert!(
                violations.is_empty(),
                "{violations:#?}\n{:#?}",
                book.trail.events
            );
        }
    }
}
