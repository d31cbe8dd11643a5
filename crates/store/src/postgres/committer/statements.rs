//! The statements of the committers, prepared once for each connection.

use tokio_postgres::{Client, Statement};

use super::follow_sql;
use super::tables::{
    AnswerRows, AttemptRows, EvidenceRows, HandoffRows, NumberRows, OrderRows, RefundEndRows,
    RefundRows, RequestRows, StateRows, TotalsRows, given, given_with, insert,
};
use crate::postgres::fault::Fault;
use crate::postgres::read::orders::{MANY, select};
use crate::rows::{refund, timeline};

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident => $sql:expr,)*) => {
        /// Prepared for the life of a connection.
        pub(super) struct Statements {
            $($(#[$doc])* pub(super) $name: Statement,)*
        }

        impl Statements {
            /// Prepares all, without waiting for one before the next is sent.
            pub(super) async fn prepare(client: &Client) -> Result<Self, Fault> {
                $(let $name = async { client.prepare(&$sql).await };)*
                let prepared = futures::try_join!($($name,)*);
                let ($($name,)*) = prepared?;
                Ok(Self { $($name,)* })
            }
        }
    };
}

statements! {
    /// A batch begins; no row: this run has lost its node's number.
    mark => "UPDATE committer SET batch_index = $3 WHERE run_no = $1 AND committer_index = $2",
    /// Takes merchants' numbers that are free.
    register => insert::<NumberRows<'_>>(
        "ORDER BY merchant_id, app_id, merchant_order_no ON CONFLICT DO NOTHING RETURNING order_no"),
    /// The number of an order that was refused after all is free again.
    free_number => format!("DELETE FROM order_register AS r USING {} WHERE r.merchant_id = given.merchant_id
        AND r.app_id = given.app_id AND r.merchant_order_no = given.merchant_order_no",
        given::<NumberRows<'_>>()),
    /// A number that the batch took for one order names another one.
    move_number => format!("UPDATE order_register AS r SET order_no = given.order_no FROM {}
        WHERE r.merchant_id = given.merchant_id AND r.app_id = given.app_id
        AND r.merchant_order_no = given.merchant_order_no", given::<NumberRows<'_>>()),
    /// Locks orders, in the order of their keys.
    lock => format!("SELECT s.merchant_id, s.order_no, s.version FROM {} JOIN order_state s
        ON s.merchant_id = k.merchant_id AND s.order_no = k.order_no
        ORDER BY s.merchant_id, s.order_no FOR UPDATE OF s", MANY),
    find_orders => select(MANY),
    find_registered => select("(SELECT r.merchant_id, r.order_no
        FROM unnest($1::TEXT[], $2::TEXT[], $3::TEXT[]) AS n (merchant_id, app_id, number)
        JOIN order_register r ON r.merchant_id = n.merchant_id AND r.app_id = n.app_id
        AND r.merchant_order_no = n.number) AS k (merchant_id, order_no)"),
    find_refunds => format!("SELECT r.merchant_id, r.app_id, {} FROM
        unnest($1::TEXT[], $2::BIGINT[]) AS k (merchant, number)
        JOIN refund r ON r.merchant_id = k.merchant AND r.refund_no = k.number", refund::COLUMNS),
    find_registered_refunds => format!("SELECT r.merchant_id, r.app_id, {} FROM
        unnest($1::TEXT[], $2::TEXT[], $3::TEXT[]) AS k (merchant, app, number)
        JOIN refund r ON r.merchant_id = k.merchant AND r.app_id = k.app
        AND r.merchant_refund_no = k.number", refund::COLUMNS),
    find_notifications => format!("SELECT {} FROM
        unnest($1::TEXT[], $2::BIGINT[], $3::BIGINT[]) AS k (key_owner, key_no, number)
        JOIN notification n ON n.owner = k.key_owner AND n.subject_no = k.key_no
        AND n.notification_no = k.number", timeline::NOTIFICATION_COLUMNS),
    insert_order => insert::<OrderRows<'_>>(""),
    insert_state => insert::<StateRows<'_>>(""),
    /// Names the version that was read: other rows than expected mean that somebody else wrote
    /// (ruling 11). That ends the transaction by itself, so that COMMIT need not wait for our look
    /// at the count.
    update_state => format!("WITH changed AS (UPDATE order_state AS s SET version = given.version,
        state = given.state, attempts = given.attempts, wallet = given.wallet,
        channel_account_id = given.channel_account_id, paid_attempt_no = given.paid_attempt_no, fee_fen = given.fee_fen, decline = given.decline,
        ended_at = given.ended_at, entry_count = given.entry_count, event_count = given.event_count
        FROM {} WHERE s.merchant_id = given.merchant_id AND s.order_no = given.order_no
        AND s.version = given.read_version RETURNING 1)
        SELECT expect_rows((SELECT count(*) FROM changed), cardinality($14::BIGINT[]))",
        given_with::<StateRows<'_>>(&[("read_version", "BIGINT")])),
    /// What there is to give back is written with the first of these and stays.
    put_totals => insert::<TotalsRows<'_>>("ON CONFLICT (merchant_id, order_no) DO UPDATE
        SET refunded_minor = excluded.refunded_minor,
        refunded_payable_fen = excluded.refunded_payable_fen,
        refunded_cash_fen = excluded.refunded_cash_fen,
        refunded_receivable_fen = excluded.refunded_receivable_fen,
        refunding_minor = excluded.refunding_minor,
        refunding_payable_fen = excluded.refunding_payable_fen,
        refunding_cash_fen = excluded.refunding_cash_fen,
        refunding_receivable_fen = excluded.refunding_receivable_fen,
        fee_returned_fen = excluded.fee_returned_fen,
        cost_returned_fen = excluded.cost_returned_fen,
        shares_returned = excluded.shares_returned, refund_count = excluded.refund_count,
        last_refund_failed = excluded.last_refund_failed,
        refund_not_before = excluded.refund_not_before"),
    insert_attempt => insert::<AttemptRows<'_>>(""),
    put_handoff => format!("UPDATE attempt AS a SET handoff = given.handoff FROM {}
        WHERE a.merchant_id = given.merchant_id AND a.order_no = given.order_no
        AND a.attempt_no = given.attempt_no AND a.handoff IS DISTINCT FROM given.handoff",
        given::<HandoffRows<'_>>()),
    insert_evidence => insert::<EvidenceRows<'_>>("ON CONFLICT DO NOTHING"),
    insert_refund => insert::<RefundRows<'_>>(""),
    update_refund => format!("UPDATE refund AS r SET state = given.state,
        payable_fen = given.payable_fen, cash_fen = given.cash_fen,
        receivable_fen = given.receivable_fen, sent_at = given.sent_at, ended_at = given.ended_at,
        details = given.details FROM {}
        WHERE r.merchant_id = given.merchant_id AND r.refund_no = given.refund_no",
        given::<RefundEndRows<'_>>()),
    insert_journal => follow_sql::insert_journal(),
    insert_event => follow_sql::insert_event(),
    insert_notification => follow_sql::insert_notification(),
    update_notification => follow_sql::update_notification(),
    put_delivery => follow_sql::put_delivery(),
    put_job => follow_sql::put_job(),
    drop_job => follow_sql::drop_job(),
    keep_code => "INSERT INTO issued_code (content) SELECT content FROM unnest($1::TEXT[]) AS given (content)
        ORDER BY content ON CONFLICT DO NOTHING",
    insert_request => insert::<RequestRows<'_>>("ON CONFLICT DO NOTHING"),
    insert_answer => insert::<AnswerRows<'_>>("ON CONFLICT DO NOTHING"),
    /// An answer knows which order its request was about.
    name_order => "UPDATE exchange AS q SET order_no = given.order_no
        FROM unnest($1::BIGINT[], $2::BIGINT[]) AS given (exchange_no, order_no)
        WHERE q.exchange_no = given.exchange_no AND q.order_no IS NULL",
    raise_high_water => "UPDATE node SET high_water_second = greatest(high_water_second, $2)
        WHERE node = $1",
}
