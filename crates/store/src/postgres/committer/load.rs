//! A batch begins: takes the numbers of new orders, locks the others, loads what is not known yet.
//!
//! One round trip, as a rule. Numbers are taken before orders are locked, both in the order of
//! their keys, so that two batches that want the same things wait for one another and never both at
//! once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use heliu_ports::store::Commit;
use heliu_trade::followup::notification::Notification;
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::{AppId, MerchantId, NotificationNo, OrderNo, RefundNo};
use heliu_trade::record::{Record, SavedRecord};
use heliu_trade::refund::Refund;
use heliu_trade::refund_limit::RefundCover;
use heliu_trade::step::{Action, Loaded, Step, Target};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use super::link::Link;
use super::recent::{Key, Known, Recent};
use crate::columns::{Columns, integer};
use crate::postgres::fault::Fault;
use crate::postgres::read::orders::read_all;
use crate::postgres::read::weighing;
use crate::rows::{refund, timeline};

/// A merchant's number of an order or a refund, under an app.
pub(super) type NumberKey = (MerchantId, AppId, String);

/// What the steps of a batch name.
#[derive(Default)]
struct Wanted {
    /// Numbers of new orders, and ours that the first step with each proposes.
    numbers: BTreeMap<NumberKey, OrderNo>,
    orders: BTreeSet<Key>,
    refunds: BTreeSet<(MerchantId, RefundNo)>,
    refund_numbers: BTreeSet<NumberKey>,
    notifications: BTreeSet<(Subject, NotificationNo)>,
    /// Orders for whose refunds it is weighed what stands behind them.
    weighed: BTreeSet<Subject>,
}

impl Wanted {
    fn of(commits: &[Commit]) -> Self {
        let mut wanted = Self::default();
        for Commit { step, .. } in commits {
            wanted.weighed.extend(step.weighs());
            let merchant = || step.merchant_id.clone();
            let mut order = |order_no: OrderNo| wanted.orders.insert((merchant(), order_no));
            match &step.target {
                Target::NewOrder {
                    app_id,
                    merchant_order_no,
                } => {
                    if let Action::CreateOrder(create) = &step.action {
                        let key = (merchant(), app_id.clone(), merchant_order_no.clone());
                        wanted.numbers.entry(key).or_insert(create.order_no);
                    }
                }
                Target::Order(order_no) => {
                    order(*order_no);
                }
                Target::NewRefund(order_no, app_id, number) => {
                    order(*order_no);
                    let key = (merchant(), app_id.clone(), number.clone());
                    wanted.refund_numbers.insert(key);
                }
                Target::Refund(order_no, refund_no) => {
                    order(*order_no);
                    wanted.refunds.insert((merchant(), *refund_no));
                }
                Target::Notification(order_no, notification_no) => {
                    order(*order_no);
                    let subject = Subject::of_merchant(&step.merchant_id, order_no.0);
                    wanted.notifications.insert((subject, *notification_no));
                }
            }
        }
        wanted
    }
}

/// What the books hold of all that a batch names, kept up to date as its steps are decided.
#[derive(Default)]
pub(super) struct Books {
    pub(super) orders: HashMap<Key, Known>,
    /// Which order has a merchant's number.
    pub(super) numbers: HashMap<NumberKey, OrderNo>,
    /// Numbers that this batch has taken, and for which of ours.
    pub(super) taken: BTreeMap<NumberKey, OrderNo>,
    refunds: HashMap<(MerchantId, RefundNo), Refund>,
    refund_numbers: HashMap<NumberKey, RefundNo>,
    notifications: HashMap<NotificationNo, Notification>,
    covers: BTreeMap<Subject, RefundCover>,
    bills: BTreeMap<Subject, Record>,
    /// Which of them have a mark, by its text.
    bills_of: BTreeMap<String, Vec<Subject>>,
}

impl Books {
    /// What a step names and weighs, as it stands after the steps before it.
    pub(super) fn loaded(&self, step: &Step) -> Loaded {
        let weighed = step.weighs();
        let mut loaded = Loaded {
            cover: weighed.and_then(|order| self.covers.get(&order).copied()),
            ..self.target(&step.merchant_id, &step.target)
        };
        if let Some(mark) = step.frees(&loaded) {
            let marked = self.bills_of.get(&mark.text).into_iter().flatten();
            let bills = marked.filter_map(|subject| self.bills.get(subject));
            loaded.bills = bills.cloned().collect();
        }
        loaded
    }

    fn target(&self, merchant: &MerchantId, target: &Target) -> Loaded {
        let order = |order_no: OrderNo| {
            let known = self.orders.get(&(merchant.clone(), order_no));
            let (order, attempts) = known.cloned().unzip();
            let attempts = attempts.unwrap_or_default();
            Loaded {
                order,
                attempts,
                ..Loaded::default()
            }
        };
        let refund = |number: RefundNo| self.refunds.get(&(merchant.clone(), number)).cloned();
        match target {
            Target::NewOrder {
                app_id,
                merchant_order_no,
            } => {
                let key = (merchant.clone(), app_id.clone(), merchant_order_no.clone());
                let number = self.numbers.get(&key);
                number.map_or_else(Loaded::default, |number| order(*number))
            }
            Target::Order(order_no) => order(*order_no),
            Target::NewRefund(order_no, app_id, number) => {
                let key = (merchant.clone(), app_id.clone(), number.clone());
                let number = self.refund_numbers.get(&key);
                Loaded {
                    refund: number.and_then(|number| refund(*number)),
                    ..order(*order_no)
                }
            }
            Target::Refund(order_no, refund_no) => Loaded {
                refund: refund(*refund_no).filter(|refund| refund.order_no == *order_no),
                ..order(*order_no)
            },
            Target::Notification(order_no, number) => Loaded {
                notification: self.notifications.get(number).cloned(),
                ..order(*order_no)
            },
        }
    }

    /// A step was decided: those after it see what it made.
    pub(super) fn keep(&mut self, merchant: &MerchantId, target: &Target, after: &Loaded) {
        let Some(order) = &after.order else { return };
        if let Target::NewOrder {
            app_id,
            merchant_order_no,
        } = target
        {
            let key = (merchant.clone(), app_id.clone(), merchant_order_no.clone());
            self.numbers.insert(key, order.order_no);
        }
        if let Some(refund) = &after.refund {
            if let Target::NewRefund(_, app_id, number) = target {
                let key = (merchant.clone(), app_id.clone(), number.clone());
                self.refund_numbers.insert(key, refund.refund_no);
            }
            let key = (merchant.clone(), refund.refund_no);
            self.refunds.insert(key, refund.clone());
        }
        if let Some(notification) = &after.notification {
            self.keep_notification(notification);
        }
        let key = (merchant.clone(), order.order_no);
        self.orders
            .insert(key, (order.clone(), after.attempts.clone()));
    }

    /// Bills keep less than before.
    pub(super) fn keep_bills(&mut self, bills: &[SavedRecord]) {
        for saved in bills {
            let subject = saved.record.subject.clone();
            self.bills.insert(subject, saved.record.clone());
        }
    }

    /// A refund was accepted: further ones of the same owner's money have so much less behind
    /// them.
    pub(super) fn keep_running(&mut self, order: &Subject, amount_fen: i64) {
        let of_owner = self.covers.iter_mut();
        for (_, cover) in of_owner.filter(|(of, _)| of.owner == order.owner) {
            cover.running_fen += amount_fen;
        }
    }

    /// A notification is new or changed.
    pub(super) fn keep_notification(&mut self, notification: &Notification) {
        let number = notification.notification_no;
        self.notifications.insert(number, notification.clone());
    }

    fn keep_orders(&mut self, rows: &[Row]) -> Result<(), Fault> {
        for (order, attempts) in read_all(rows)? {
            let key = (order.merchant_id.clone(), order.order_no);
            self.orders.insert(key, (order, attempts));
        }
        Ok(())
    }

    fn keep_refunds(&mut self, rows: &[Row]) -> Result<(), Fault> {
        for row in rows {
            let mut columns = Columns::of(row);
            let (merchant, app): (MerchantId, AppId) = (columns.name()?, columns.name()?);
            let refund = refund::read(&mut columns)?;
            let key = (merchant.clone(), app, refund.merchant_refund_no.clone());
            self.refund_numbers.insert(key, refund.refund_no);
            self.refunds.insert((merchant, refund.refund_no), refund);
        }
        Ok(())
    }
}

/// Sends a query, unless there is nothing to ask for.
async fn ask(
    client: &Client,
    statement: &Statement,
    parameters: &[&(dyn ToSql + Sync)],
    is_needed: bool,
) -> Result<Vec<Row>, Error> {
    if is_needed {
        client.query(statement, parameters).await
    } else {
        Ok(Vec::new())
    }
}

fn order_arrays<'k>(keys: impl Iterator<Item = &'k Key>) -> (Vec<&'k str>, Vec<i64>) {
    keys.map(|(merchant, number)| (merchant.as_str(), integer(number.as_u64())))
        .unzip()
}

#[derive(Default)]
struct NumberArrays<'k> {
    merchants: Vec<&'k str>,
    apps: Vec<&'k str>,
    numbers: Vec<&'k str>,
}

impl<'k> NumberArrays<'k> {
    fn of(keys: impl Iterator<Item = &'k NumberKey>) -> Self {
        let mut arrays = Self::default();
        for (merchant, app, number) in keys {
            arrays.merchants.push(merchant.as_str());
            arrays.apps.push(app.as_str());
            arrays.numbers.push(number.as_str());
        }
        arrays
    }
}

/// Begins the transaction of the batch that the link is at.
pub(super) async fn begin(
    link: &Link,
    commits: &[Commit],
    recent: &Recent,
) -> Result<Books, Fault> {
    let wanted = &Wanted::of(commits);
    let (client, sql) = (&link.client, &link.statements);
    let recent = recent.take(wanted.orders.iter());
    let new = NumberArrays::of(wanted.numbers.keys());
    let ours: Vec<i64> = wanted
        .numbers
        .values()
        .map(|number| integer(number.as_u64()))
        .collect();
    let locked = order_arrays(wanted.orders.iter());
    let unknown = order_arrays(wanted.orders.iter().filter(|key| !recent.contains_key(key)));
    let refunds: (Vec<&str>, Vec<i64>) = wanted
        .refunds
        .iter()
        .map(|(merchant, number)| (merchant.as_str(), integer(number.as_u64())))
        .unzip();
    let refund_numbers = NumberArrays::of(wanted.refund_numbers.iter());
    let mut notices: (Vec<Cow<'_, str>>, Vec<i64>, Vec<i64>) = Default::default();
    for (subject, number) in &wanted.notifications {
        notices.0.push(subject.owner.name());
        notices.1.push(integer(subject.no.as_u64()));
        notices.2.push(integer(number.as_u64()));
    }
    let mark: [&(dyn ToSql + Sync); 3] = [&link.run_no, &link.committer_index, &link.batch_index];
    let register: [&(dyn ToSql + Sync); 4] = [&new.merchants, &new.apps, &new.numbers, &ours];
    let lock: [&(dyn ToSql + Sync); 2] = [&locked.0, &locked.1];
    let orders: [&(dyn ToSql + Sync); 2] = [&unknown.0, &unknown.1];
    let by_no: [&(dyn ToSql + Sync); 2] = [&refunds.0, &refunds.1];
    let by_number: [&(dyn ToSql + Sync); 3] = [
        &refund_numbers.merchants,
        &refund_numbers.apps,
        &refund_numbers.numbers,
    ];
    let notifications: [&(dyn ToSql + Sync); 3] = [&notices.0, &notices.1, &notices.2];
    // All are sent before the first answer is read; each sees what those before it waited for.
    let answers = futures::join!(
        client.batch_execute("BEGIN"),
        client.execute(&sql.mark, &mark),
        ask(client, &sql.register, &register, !ours.is_empty()),
        ask(client, &sql.lock, &lock, !locked.0.is_empty()),
        ask(client, &sql.find_orders, &orders, !unknown.0.is_empty()),
        ask(client, &sql.find_refunds, &by_no, !refunds.0.is_empty()),
        ask(
            client,
            &sql.find_registered_refunds,
            &by_number,
            !refund_numbers.apps.is_empty()
        ),
        ask(
            client,
            &sql.find_notifications,
            &notifications,
            !notices.0.is_empty()
        ),
    );
    answers.0?;
    if answers.1? != 1 {
        return Err(Fault::NodeLost);
    }
    let (registered, versions) = (answers.2?, answers.3?);
    let mut books = Books::default();
    books.keep_orders(&answers.4?)?;
    books.keep_refunds(&answers.5?)?;
    books.keep_refunds(&answers.6?)?;
    for row in &answers.7? {
        let notification = timeline::read_notification(&mut Columns::of(row))?;
        books.keep_notification(&notification);
    }
    let stale = keep_recent(&mut books, recent, &versions)?;
    let lost = keep_taken(&mut books, wanted, &registered)?;
    if !stale.is_empty() || !lost.is_empty() {
        load_rest(link, &mut books, &stale, &lost).await?;
    }
    lock_bills(client, &mut books, commits).await?;
    weigh(client, &mut books, &wanted.weighed).await?;
    Ok(books)
}

/// Locks the bills that keep something for refunds that may end. Nearly every batch ends none of
/// held money.
async fn lock_bills(client: &Client, books: &mut Books, commits: &[Commit]) -> Result<(), Fault> {
    for Commit { step, .. } in commits {
        if !matches!(step.action, Action::RecordRefund { .. }) {
            continue;
        }
        let loaded = books.target(&step.merchant_id, &step.target);
        let Some(mark) = step.frees(&loaded) else {
            continue;
        };
        let bills = weighing::bills(client, &mark).await?;
        let subjects = bills.iter().map(|bill| bill.subject.clone()).collect();
        books.bills_of.insert(mark.text, subjects);
        let bills = bills.into_iter().map(|bill| (bill.subject.clone(), bill));
        books.bills.extend(bills);
    }
    Ok(())
}

/// Reads what stands behind refunds, each owner's in its turn. Turns come after all locks on orders
/// and, like these, in the order of their names. Nearly every batch weighs nothing.
async fn weigh(
    client: &Client,
    books: &mut Books,
    weighed: &BTreeSet<Subject>,
) -> Result<(), Fault> {
    let owners: BTreeSet<&Owner> = weighed.iter().map(|order| &order.owner).collect();
    for owner in owners {
        weighing::take_turn(client, owner).await?;
    }
    for order in weighed {
        let cover = weighing::cover(client, order).await?;
        books.covers.insert(order.clone(), cover);
    }
    Ok(())
}

/// Believes what is known of orders whose locked rows have the same version; the others are stale.
fn keep_recent(
    books: &mut Books,
    mut recent: HashMap<Key, Known>,
    versions: &[Row],
) -> Result<Vec<Key>, Fault> {
    let mut stale = Vec::new();
    for row in versions {
        let mut columns = Columns::of(row);
        let key = (columns.name()?, OrderNo::from_u64(columns.number()?));
        let version = columns.count()?;
        match recent.remove(&key) {
            Some(known) if known.0.version == version => {
                books.orders.insert(key, known);
            }
            Some(_) => stale.push(key),
            None => {}
        }
    }
    Ok(stale)
}

/// Notes the numbers that were free; the others name orders that stand.
fn keep_taken<'w>(
    books: &mut Books,
    wanted: &'w Wanted,
    registered: &[Row],
) -> Result<Vec<&'w NumberKey>, Fault> {
    let mut ours = BTreeSet::new();
    for row in registered {
        ours.insert(OrderNo::from_u64(Columns::of(row).number()?));
    }
    let mut lost = Vec::new();
    for (key, order_no) in &wanted.numbers {
        if ours.contains(order_no) {
            books.taken.insert(key.clone(), *order_no);
        } else {
            lost.push(key);
        }
    }
    Ok(lost)
}

/// Orders that another node changed, and those whose numbers were taken: the latter unlocked, since
/// no step changes an order that it wanted to create.
async fn load_rest(
    link: &Link,
    books: &mut Books,
    stale: &[Key],
    lost: &[&NumberKey],
) -> Result<(), Fault> {
    let (client, sql) = (&link.client, &link.statements);
    let orders = order_arrays(stale.iter());
    let numbers = NumberArrays::of(lost.iter().copied());
    let by_key: [&(dyn ToSql + Sync); 2] = [&orders.0, &orders.1];
    let by_number: [&(dyn ToSql + Sync); 3] = [&numbers.merchants, &numbers.apps, &numbers.numbers];
    let answers = futures::join!(
        ask(client, &sql.find_orders, &by_key, !stale.is_empty()),
        ask(client, &sql.find_registered, &by_number, !lost.is_empty()),
    );
    books.keep_orders(&answers.0?)?;
    for (order, attempts) in read_all(&answers.1?)? {
        let (merchant, app) = (order.merchant_id.clone(), order.app_id.clone());
        let key = (merchant.clone(), app, order.merchant_order_no.clone());
        books.numbers.insert(key, order.order_no);
        // One that is locked, and perhaps changed by this batch, is known better.
        let key = (merchant, order.order_no);
        books.orders.entry(key).or_insert((order, attempts));
    }
    Ok(())
}
