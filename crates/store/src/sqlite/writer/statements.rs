//! The statements of the hot path, prepared once. Whatever a payment does not need is prepared on
//! use.
//!
//! `OR FAIL` spares SQLite a journal for each statement: a statement that fails half-way is never
//! kept, since its whole transaction is rolled back.

use rusqlite::{Connection, Result, Statement};

use super::adder::Adder;
use crate::sqlite::read::orders::{select_attempts, select_orders};

/// Prepared for the life of the writer.
pub(super) struct Statements<'c> {
    pub(super) begin: Statement<'c>,
    pub(super) commit: Statement<'c>,
    pub(super) find_registered: Statement<'c>,
    pub(super) find_order: Statement<'c>,
    pub(super) find_attempts: Statement<'c>,
    pub(super) insert_order: Statement<'c>,
    pub(super) update_state: Statement<'c>,
    pub(super) insert_notification: Statement<'c>,
    pub(super) put_job: Statement<'c>,
    pub(super) drop_job: Statement<'c>,
    pub(super) name_order: Statement<'c>,
    pub(super) add_states: Adder<'c>,
    pub(super) add_attempts: Adder<'c>,
    pub(super) add_evidence: Adder<'c>,
    pub(super) add_jobs: Adder<'c>,
    pub(super) add_entries: Adder<'c>,
    pub(super) add_events: Adder<'c>,
    pub(super) add_requests: Adder<'c>,
    pub(super) add_answers: Adder<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> Result<Self> {
        let sql = |text: &str| connection.prepare(text);
        let adder = |insert: &str, columns: usize, conflict: &str| {
            Adder::prepare(connection, insert, columns, conflict)
        };
        Ok(Self {
            begin: sql("BEGIN IMMEDIATE")?,
            commit: sql("COMMIT")?,
            find_registered: sql("SELECT order_no FROM trade_order
                WHERE merchant_id = ?1 AND app_id = ?2 AND merchant_order_no = ?3")?,
            find_order: sql(&select_orders("o.merchant_id = ?1 AND o.order_no = ?2"))?,
            find_attempts: sql(&select_attempts())?,
            insert_order: sql(INSERT_ORDER)?,
            update_state: sql(UPDATE_STATE)?,
            insert_notification: sql("INSERT OR FAIL INTO notification (owner, subject_no,
                notification_no, about, kind, url, state, tries, body, moment, created_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?,
            put_job: sql(
                "INSERT OR FAIL INTO job (owner, subject_no, kind, about, due_at, tries)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT (owner, subject_no, kind, about) DO UPDATE
                SET due_at = excluded.due_at, tries = excluded.tries, leased_at = NULL",
            )?,
            drop_job: sql("DELETE FROM job
                WHERE owner = ?1 AND subject_no = ?2 AND kind = ?3 AND about = ?4")?,
            name_order: sql("UPDATE exchange SET order_no = ?2
                WHERE exchange_no = ?1 AND order_no IS NULL")?,
            add_states: adder(
                "INSERT OR FAIL INTO order_state (merchant_id, order_no, version, state, attempts,
                wallet, channel_account_id, paid_attempt_no, fee_fen, decline, ended_at, entry_count,
                event_count)",
                13,
                "",
            )?,
            add_attempts: adder(
                "INSERT OR FAIL INTO attempt (merchant_id, order_no, attempt_no, sent_at, route,
                handoff)",
                6,
                "",
            )?,
            add_evidence: adder(
                "INSERT OR FAIL INTO evidence (merchant_id, order_no, attempt_no, channel_order_no,
                evidence)",
                5,
                "ON CONFLICT (merchant_id, order_no, attempt_no) DO NOTHING",
            )?,
            add_jobs: adder(
                "INSERT OR FAIL INTO job (owner, subject_no, kind, about, due_at, tries)",
                6,
                "",
            )?,
            add_entries: adder(
                "INSERT OR FAIL INTO journal_row (owner, subject_no, entry_index, line_index,
                kind, at, attempt_no, refund_no, account, amount_fen, counter_account)",
                11,
                "",
            )?,
            add_events: adder(
                "INSERT OR FAIL INTO event (owner, subject_no, event_index, at, kind,
                detail)",
                6,
                "",
            )?,
            add_requests: adder(
                "INSERT OR FAIL INTO exchange (exchange_no, bytes, at, dialect_id, app_id, path, query, body,
                peer, order_no)",
                10,
                "ON CONFLICT (exchange_no) DO NOTHING",
            )?,
            add_answers: adder(
                "INSERT OR FAIL INTO exchange_answer (exchange_no, bytes, status, body, outcome, reading,
                signing, order_no, duration_ms)",
                9,
                "ON CONFLICT (exchange_no) DO NOTHING",
            )?,
        })
    }
}

/// Adds nothing if the merchant's number is taken: whose it is, is looked up then.
const INSERT_ORDER: &str = "INSERT OR FAIL INTO trade_order (merchant_id, order_no, app_id,
    merchant_order_no, scene, amount_minor, currency, rate_scaled, rate_direction, charge_fen,
    created_at, expires_at, horizon_at, details)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
    ON CONFLICT (merchant_id, app_id, merchant_order_no) DO NOTHING";

/// Names the version that was read: 0 rows changed means that somebody else wrote (ruling 11).
const UPDATE_STATE: &str = "UPDATE OR FAIL order_state SET version = ?4, state = ?5, attempts = ?6,
    wallet = ?7, channel_account_id = ?8, paid_attempt_no = ?9, fee_fen = ?10, decline = ?11,
    ended_at = ?12, entry_count = ?13, event_count = ?14
    WHERE merchant_id = ?1 AND order_no = ?2 AND version = ?3";
