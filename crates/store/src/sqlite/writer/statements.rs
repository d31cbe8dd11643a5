//! The statements of the hot path, prepared once. Whatever a payment does not need is prepared on use.
//!
//! `OR FAIL` spares SQLite a journal for each statement: a statement that fails half-way is never kept,
//! since its whole transaction is rolled back.

use rusqlite::{Connection, Result, Statement};

use crate::sqlite::rows::{attempt, order};

/// Prepared for the life of the writer.
pub(super) struct Statements<'c> {
    pub(super) begin: Statement<'c>,
    pub(super) commit: Statement<'c>,
    pub(super) find_registered: Statement<'c>,
    pub(super) find_order: Statement<'c>,
    pub(super) find_attempts: Statement<'c>,
    pub(super) insert_order: Statement<'c>,
    pub(super) update_order: Statement<'c>,
    pub(super) insert_attempt: Statement<'c>,
    pub(super) update_attempt: Statement<'c>,
    pub(super) insert_line: Statement<'c>,
    pub(super) insert_two_lines: Statement<'c>,
    pub(super) insert_event: Statement<'c>,
    pub(super) insert_notification: Statement<'c>,
    pub(super) put_job: Statement<'c>,
    pub(super) drop_job: Statement<'c>,
    pub(super) insert_request: Statement<'c>,
    pub(super) insert_answer: Statement<'c>,
    pub(super) name_order: Statement<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> Result<Self> {
        let sql = |text: &str| connection.prepare(text);
        Ok(Self {
            begin: sql("BEGIN IMMEDIATE")?,
            commit: sql("COMMIT")?,
            find_registered: sql("SELECT order_no FROM trade_order
                WHERE merchant_id = ?1 AND app_id = ?2 AND merchant_order_no = ?3")?,
            find_order: sql(&format!(
                "SELECT {} FROM trade_order WHERE merchant_id = ?1 AND order_no = ?2",
                order::COLUMNS
            ))?,
            find_attempts: sql(attempt::OF_ORDER)?,
            insert_order: sql(INSERT_ORDER)?,
            update_order: sql(UPDATE_ORDER)?,
            insert_attempt: sql(
                "INSERT OR FAIL INTO attempt (merchant_id, order_no, attempt_no, state,
                sent_at, asked_at, channel_order_no, route, handoff, evidence)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            update_attempt: sql(
                "UPDATE OR FAIL attempt SET state = ?4, asked_at = ?5, channel_order_no = ?6,
                handoff = ?7, evidence = ?8
                WHERE merchant_id = ?1 AND order_no = ?2 AND attempt_no = ?3",
            )?,
            insert_line: sql(
                "INSERT OR FAIL INTO journal_line (merchant_id, order_no, entry_index,
                line_index, kind, at, attempt_no, refund_no, account, amount_fen)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            insert_two_lines: sql(
                "INSERT OR FAIL INTO journal_line (merchant_id, order_no, entry_index,
                line_index, kind, at, attempt_no, refund_no, account, amount_fen)
                VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9),
                    (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?10, ?11)",
            )?,
            insert_event: sql(
                "INSERT OR FAIL INTO order_event (merchant_id, order_no, event_index, at, kind,
                detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            insert_notification: sql("INSERT OR FAIL INTO notification (merchant_id, order_no,
                notification_no, refund_no, kind, url, state, tries, body, created_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?,
            put_job: sql(
                "INSERT INTO job (merchant_id, order_no, kind, subject, due_at, tries)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT (merchant_id, order_no, kind, subject) DO UPDATE
                SET due_at = excluded.due_at, tries = excluded.tries, leased_at = NULL",
            )?,
            drop_job: sql("DELETE FROM job
                WHERE merchant_id = ?1 AND order_no = ?2 AND kind = ?3 AND subject = ?4")?,
            insert_request: sql(
                "INSERT INTO exchange (exchange_no, at, dialect_id, app_id, path,
                query, body, peer, order_no) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                ON CONFLICT (exchange_no) DO NOTHING",
            )?,
            insert_answer: sql(
                "INSERT INTO exchange_answer (exchange_no, status, body, outcome,
                reading, signing, order_no, duration_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                ON CONFLICT (exchange_no) DO NOTHING",
            )?,
            name_order: sql("UPDATE exchange SET order_no = ?2
                WHERE exchange_no = ?1 AND order_no IS NULL")?,
        })
    }
}

const INSERT_ORDER: &str = "INSERT OR FAIL INTO trade_order (merchant_id, order_no, app_id,
    merchant_order_no, version, scene, wallet, state, amount_minor, currency, rate_scaled,
    rate_direction, charge_fen, payment, paid_cash_fen, paid_receivable_fen, refunded_minor,
    refunded_payable_fen, refunded_cash_fen, refunded_receivable_fen, refunding_minor,
    refunding_payable_fen, refunding_cash_fen, refunding_receivable_fen, fee_returned_fen,
    refund_count, last_refund_failed, refund_not_before, decline, created_at, expires_at,
    horizon_at, ended_at, entry_count, event_count, details)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
    ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36)";

/// Names the version that was read: 0 rows changed means that somebody else wrote (ruling 11).
const UPDATE_ORDER: &str = "UPDATE OR FAIL trade_order SET version = ?4, wallet = ?5, state = ?6,
    payment = ?7, paid_cash_fen = ?8, paid_receivable_fen = ?9, refunded_minor = ?10,
    refunded_payable_fen = ?11, refunded_cash_fen = ?12, refunded_receivable_fen = ?13,
    refunding_minor = ?14, refunding_payable_fen = ?15, refunding_cash_fen = ?16,
    refunding_receivable_fen = ?17, fee_returned_fen = ?18, refund_count = ?19,
    last_refund_failed = ?20, refund_not_before = ?21, decline = ?22, ended_at = ?23,
    entry_count = ?24, event_count = ?25
    WHERE merchant_id = ?1 AND order_no = ?2 AND version = ?3";
