//! Loads, lets the core decide, saves.

use heliu_ports::store::{Commit, Committed, JobClass};
use heliu_trade::decide::decide;
use heliu_trade::error::TradeError;
use heliu_trade::followup::job::{Job, JobKey};
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::record::RecordKind;
use heliu_trade::step::{Changes, Loaded, Save, Target};
use heliu_trade::time::Timestamp;

use super::books::{Books, Shelf};
use super::desk::NodeIndex;

impl Books {
    pub(super) fn commit(&mut self, commit: Commit) -> Result<Committed, TradeError> {
        let Commit {
            step,
            exchange,
            audit,
        } = commit;
        let (merchant, target) = (step.merchant_id.clone(), step.target.clone());
        let mut loaded = Loaded {
            cover: step.weighs().map(|order| self.cover(&order)),
            ..self.load(&merchant, &target)
        };
        if let Some(mark) = step.frees(&loaded) {
            loaded.bills = self.marked_records(RecordKind::Payout, &mark);
        }
        let decided = decide(loaded, step);
        let order = match &decided {
            Ok(changes) => changes.after.order.as_ref(),
            Err(error) => error.order.as_deref(),
        };
        if let Some(request) = exchange {
            let order_no = order.map(|order| order.order_no);
            self.log_request(request, order_no);
        }
        let mut changes = decided?;
        if let (Some(order), Save::Update) = (&mut changes.after.order, changes.order) {
            order.version += 1;
        }
        let next_job_at = changes.consequences.next_job_at();
        let after = changes.after.clone();
        self.save(&merchant, &target, changes);
        self.write_down(audit.map(|act| *act));
        Ok(Committed { after, next_job_at })
    }

    fn load(&self, merchant: &MerchantId, target: &Target) -> Loaded {
        let order = |order_no: OrderNo| {
            let Some(shelf) = self.orders.get(&(merchant.clone(), order_no)) else {
                return Loaded::default();
            };
            let (order, attempts) = (Some(shelf.order.clone()), shelf.attempts.clone());
            Loaded {
                order,
                attempts,
                ..Loaded::default()
            }
        };
        let shelf = |order_no: OrderNo| self.orders.get(&(merchant.clone(), order_no));
        match target {
            Target::NewOrder {
                app_id,
                merchant_order_no,
            } => {
                let key = (merchant.clone(), app_id.clone(), merchant_order_no.clone());
                self.order_register
                    .get(&key)
                    .map_or_else(Loaded::default, |no| order(*no))
            }
            Target::Order(order_no) => order(*order_no),
            Target::NewRefund(order_no, app_id, number) => {
                let key = (merchant.clone(), app_id.clone(), number.clone());
                let found = self.refund_register.get(&key);
                let refund = found.and_then(|(order_no, refund_no)| {
                    shelf(*order_no)?.refunds.get(refund_no).cloned()
                });
                Loaded {
                    refund,
                    ..order(*order_no)
                }
            }
            Target::Refund(order_no, refund_no) => {
                let refund = shelf(*order_no).and_then(|s| s.refunds.get(refund_no).cloned());
                Loaded {
                    refund,
                    ..order(*order_no)
                }
            }
            Target::Notification(order_no, no) => {
                let subject = Subject::of_merchant(merchant, order_no.0);
                let notification = self.find_notification(&subject, *no);
                Loaded {
                    notification,
                    ..order(*order_no)
                }
            }
        }
    }

    fn save(&mut self, merchant: &MerchantId, target: &Target, changes: Changes) {
        for saved in changes.bills {
            self.records.insert(saved.record.subject.no, saved.record);
            self.follow(saved.consequences);
        }
        let Loaded {
            order: Some(order),
            attempts,
            refund,
            ..
        } = changes.after
        else {
            return;
        };
        let order_no = order.order_no;
        if changes.order == Save::Insert {
            self.saw(order_no.0);
            let app = order.app_id.clone();
            let key = (merchant.clone(), app, order.merchant_order_no.clone());
            self.order_register.insert(key, order_no);
        }
        for (index, save) in &changes.attempts {
            if let (Some(attempt), Save::Insert) = (attempts.get(*index), save) {
                self.saw(attempt.attempt_no.0);
            }
        }
        if let (Save::Insert, Some(refund), Target::NewRefund(_, app, number)) =
            (changes.refund, &refund, target)
        {
            self.saw(refund.refund_no.0);
            let key = (merchant.clone(), app.clone(), number.clone());
            self.refund_register
                .insert(key, (order_no, refund.refund_no));
        }
        let key = (merchant.clone(), order_no);
        let shelf = self.orders.entry(key).or_insert_with(|| Shelf {
            order: order.clone(),
            attempts: Vec::new(),
            refunds: std::collections::BTreeMap::new(),
        });
        shelf.order = order;
        shelf.attempts = attempts;
        if let (Some(refund), Save::Insert | Save::Update) = (refund, changes.refund) {
            shelf.refunds.insert(refund.refund_no, refund);
        }
        self.follow(changes.consequences);
    }

    pub(super) fn claim_jobs(
        &mut self,
        node: NodeIndex,
        class: JobClass,
        now: Timestamp,
        lease_ms: i64,
        limit: u32,
    ) -> Vec<Job> {
        let is_due = |job: &&Job| job.due_at <= now && class.takes(job.key.kind);
        let due = self.jobs.values().filter(is_due);
        let mut due: Vec<(Timestamp, JobKey)> =
            due.map(|job| (job.due_at, job.key.clone())).collect();
        due.sort();
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let mut claimed = Vec::with_capacity(due.len());
        for (_, key) in due {
            if let Some(job) = self.jobs.get_mut(&key) {
                job.due_at = now.plus_ms(lease_ms);
                job.tries = job.tries.saturating_add(1);
                self.leases.insert(key, node);
                claimed.push(job.clone());
            }
        }
        claimed
    }

    pub(super) fn next_job_at(&self) -> Option<Timestamp> {
        self.jobs.values().map(|job| job.due_at).min()
    }

    pub(super) fn pull_back(&mut self, now: Timestamp, lease_ms: i64) {
        for job in self.jobs.values_mut() {
            if job.due_at > now.plus_ms(job.key.kind.plan_max_ms()) {
                let is_held = self.leases.contains_key(&job.key);
                job.due_at = now.plus_ms(if is_held { lease_ms } else { 0 });
            }
        }
    }

    /// Unless another node has taken it since.
    pub(super) fn return_job(&mut self, node: NodeIndex, key: &JobKey, at: Timestamp) {
        let is_ours = self.leases.get(key).is_none_or(|holder| *holder == node);
        if let (true, Some(job)) = (is_ours, self.jobs.get_mut(key)) {
            job.due_at = at;
            self.leases.remove(key);
        }
    }
}
