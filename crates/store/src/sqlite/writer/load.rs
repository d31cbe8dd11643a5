//! Loads what a step names: from the recent orders, else from the books.

use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::step::{Loaded, Target};
use rusqlite::{OptionalExtension as _, params};

use super::additions::Additions;
use super::books::Books;
use crate::columns::integer;
use crate::rows::{attempt, order, refund, timeline};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::{all_of, first, first_of};

impl Books<'_> {
    /// What the books hold of a target.
    pub(super) fn load(
        &mut self,
        merchant: &MerchantId,
        target: &Target,
        additions: &mut Additions<'_>,
    ) -> Result<Loaded, Fault> {
        match target {
            Target::NewOrder {
                app_id,
                merchant_order_no,
            } => {
                let found = self
                    .statements
                    .find_registered
                    .query_row(
                        params![merchant.as_str(), app_id.as_str(), merchant_order_no],
                        |row| row.get::<_, i64>(0),
                    )
                    .optional()?;
                match found.map(u64::try_from) {
                    None => Ok(Loaded::default()),
                    Some(Ok(number)) => {
                        self.load_order(merchant, OrderNo::from_u64(number), additions)
                    }
                    Some(Err(error)) => Err(Fault::Damaged(error.to_string())),
                }
            }
            Target::Order(order_no) => self.load_order(merchant, *order_no, additions),
            Target::NewRefund(order_no, app_id, merchant_refund_no) => {
                let sql = format!(
                    "SELECT {} FROM refund
                     WHERE merchant_id = ?1 AND app_id = ?2 AND merchant_refund_no = ?3",
                    refund::COLUMNS
                );
                let key = params![merchant.as_str(), app_id.as_str(), merchant_refund_no];
                let found = first(self.connection, &sql, key, refund::read)?;
                let mut loaded = self.load_order(merchant, *order_no, additions)?;
                loaded.refund = found;
                Ok(loaded)
            }
            Target::Refund(order_no, refund_no) => {
                let sql = format!(
                    "SELECT {} FROM refund WHERE merchant_id = ?1 AND refund_no = ?2",
                    refund::COLUMNS
                );
                let key = params![merchant.as_str(), integer(refund_no.as_u64())];
                let found = first(self.connection, &sql, key, refund::read)?;
                let mut loaded = self.load_order(merchant, *order_no, additions)?;
                loaded.refund = found.filter(|refund| refund.order_no == *order_no);
                Ok(loaded)
            }
            Target::Notification(order_no, notification_no) => {
                let key = params![
                    merchant.as_str(),
                    integer(order_no.as_u64()),
                    integer(notification_no.as_u64())
                ];
                let sql = timeline::notification();
                let found = first(self.connection, &sql, key, timeline::read_notification)?;
                let mut loaded = self.load_order(merchant, *order_no, additions)?;
                loaded.notification = found;
                Ok(loaded)
            }
        }
    }

    fn load_order(
        &mut self,
        merchant: &MerchantId,
        order_no: OrderNo,
        additions: &mut Additions<'_>,
    ) -> Result<Loaded, Fault> {
        self.settle(order_no, additions)?;
        if let Some((order, attempts)) = self.recent.take(merchant, order_no) {
            return Ok(Loaded {
                order: Some(order),
                attempts,
                ..Loaded::default()
            });
        }
        let key = params![merchant.as_str(), integer(order_no.as_u64())];
        let statements = &mut self.statements;
        let Some(head) = first_of(&mut statements.find_order, key, order::read)? else {
            return Ok(Loaded::default());
        };
        let attempts = all_of(&mut statements.find_attempts, key, attempt::read)?;
        let (order, attempts) = head.with_attempts(attempts.into_iter().flatten().collect())?;
        Ok(Loaded {
            order: Some(order),
            attempts,
            ..Loaded::default()
        })
    }
}
