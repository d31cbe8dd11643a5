//! Rows for the tables that batches write, column by column: what `unnest` takes.

use std::borrow::Cow;

use tokio_postgres::types::ToSql;

/// Rows of one table.
pub(super) trait Rows {
    /// Its name.
    const TABLE: &'static str;
    /// Its columns and their types.
    const COLUMNS: &'static [(&'static str, &'static str)];

    /// How many.
    fn len(&self) -> usize;
    /// One array a column.
    fn arrays(&self) -> Vec<&(dyn ToSql + Sync)>;
}

/// The given rows, to select from.
pub(super) fn given<R: Rows>() -> String {
    given_with::<R>(&[])
}

/// The given rows with further columns.
pub(super) fn given_with<R: Rows>(further: &[(&str, &str)]) -> String {
    let columns = || R::COLUMNS.iter().chain(further);
    let arrays = (1..).zip(columns());
    let arrays: Vec<String> = arrays
        .map(|(at, (_, of))| format!("${at}::{of}[]"))
        .collect();
    let names: Vec<&str> = columns().map(|(name, _)| *name).collect();
    format!(
        "unnest({}) AS given ({})",
        arrays.join(", "),
        names.join(", ")
    )
}

/// Adds the given rows; `tail` may say what a row does that is there.
pub(super) fn insert<R: Rows>(tail: &str) -> String {
    insert_reading::<R>(&[], tail)
}

/// The same, with something else in place of what was given for some columns.
pub(super) fn insert_reading<R: Rows>(instead: &[(&str, &str)], tail: &str) -> String {
    let names: Vec<&str> = R::COLUMNS.iter().map(|(name, _)| *name).collect();
    let read = names.iter().map(|name| {
        let instead = instead.iter().find(|(column, _)| column == name);
        instead.map_or(*name, |(_, sql)| *sql)
    });
    let read = read.collect::<Vec<_>>().join(", ");
    let columns = names.join(", ");
    let (table, given) = (R::TABLE, given::<R>());
    format!("INSERT INTO {table} ({columns}) SELECT {read} FROM {given} {tail}")
}

macro_rules! rows {
    ($(#[$doc:meta])* $rows:ident of $row:ident in $table:literal {
        $($column:ident: $value:ty => $sql:literal,)*
    }) => {
        $(#[$doc])*
        pub(super) struct $row<'a> { $(pub(super) $column: $value,)* }

        $(#[$doc])*
        #[derive(Default)]
        pub(super) struct $rows<'a> { $(pub(super) $column: Vec<$value>,)* }

        impl<'a> $rows<'a> {
            pub(super) fn push(&mut self, row: $row<'a>) {
                $(self.$column.push(row.$column);)*
            }
        }

        impl Rows for $rows<'_> {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [(&'static str, &'static str)] =
                &[$((stringify!($column), $sql),)*];

            fn len(&self) -> usize {
                [$(self.$column.len(),)*].first().copied().unwrap_or(0)
            }

            fn arrays(&self) -> Vec<&(dyn ToSql + Sync)> {
                vec![$(&self.$column as &(dyn ToSql + Sync),)*]
            }
        }
    };
}

rows! {
    /// `trade_order`
    OrderRows of OrderRow in "trade_order" {
        merchant_id: &'a str => "TEXT",
        order_no: i64 => "BIGINT",
        app_id: &'a str => "TEXT",
        merchant_order_no: &'a str => "TEXT",
        scene: &'a str => "TEXT",
        amount_minor: i64 => "BIGINT",
        currency: &'a str => "TEXT",
        rate_scaled: Option<i64> => "BIGINT",
        rate_direction: Option<&'a str> => "TEXT",
        charge_fen: i64 => "BIGINT",
        created_at: i64 => "BIGINT",
        expires_at: Option<i64> => "BIGINT",
        horizon_at: Option<i64> => "BIGINT",
        details: String => "TEXT",
    }
}

rows! {
    /// `order_state`
    StateRows of StateRow in "order_state" {
        merchant_id: &'a str => "TEXT",
        order_no: i64 => "BIGINT",
        version: i64 => "BIGINT",
        state: &'a str => "TEXT",
        attempts: String => "TEXT",
        wallet: Option<&'a str> => "TEXT",
        channel_account_id: Option<&'a str> => "TEXT",
        paid_attempt_no: Option<i64> => "BIGINT",
        fee_fen: Option<i64> => "BIGINT",
        decline: Option<String> => "TEXT",
        ended_at: Option<i64> => "BIGINT",
        entry_count: i64 => "BIGINT",
        event_count: i64 => "BIGINT",
    }
}

rows! {
    /// `refund_totals`
    TotalsRows of TotalsRow in "refund_totals" {
        merchant_id: &'a str => "TEXT",
        order_no: i64 => "BIGINT",
        amount_minor: i64 => "BIGINT",
        payable_fen: i64 => "BIGINT",
        cash_fen: i64 => "BIGINT",
        receivable_fen: i64 => "BIGINT",
        refunded_minor: i64 => "BIGINT",
        refunded_payable_fen: i64 => "BIGINT",
        refunded_cash_fen: i64 => "BIGINT",
        refunded_receivable_fen: i64 => "BIGINT",
        refunding_minor: i64 => "BIGINT",
        refunding_payable_fen: i64 => "BIGINT",
        refunding_cash_fen: i64 => "BIGINT",
        refunding_receivable_fen: i64 => "BIGINT",
        fee_returned_fen: i64 => "BIGINT",
        cost_returned_fen: i64 => "BIGINT",
        shares_returned: String => "TEXT",
        refund_count: i64 => "BIGINT",
        last_refund_failed: bool => "BOOLEAN",
        refund_not_before: Option<i64> => "BIGINT",
    }
}

rows! {
    /// `attempt`
    AttemptRows of AttemptRow in "attempt" {
        merchant_id: &'a str => "TEXT",
        order_no: i64 => "BIGINT",
        attempt_no: i64 => "BIGINT",
        sent_at: i64 => "BIGINT",
        route: String => "TEXT",
        handoff: Option<String> => "TEXT",
    }
}

rows! {
    /// What channels gave to attempts that stand already.
    HandoffRows of HandoffRow in "attempt" {
        merchant_id: &'a str => "TEXT",
        order_no: i64 => "BIGINT",
        attempt_no: i64 => "BIGINT",
        handoff: String => "TEXT",
    }
}

rows! {
    /// `evidence`
    EvidenceRows of EvidenceRow in "evidence" {
        merchant_id: &'a str => "TEXT",
        order_no: i64 => "BIGINT",
        attempt_no: i64 => "BIGINT",
        channel_order_no: &'a str => "TEXT",
        evidence: String => "TEXT",
    }
}

rows! {
    /// `refund`, new ones.
    RefundRows of RefundRow in "refund" {
        merchant_id: &'a str => "TEXT",
        refund_no: i64 => "BIGINT",
        order_no: i64 => "BIGINT",
        app_id: &'a str => "TEXT",
        merchant_refund_no: &'a str => "TEXT",
        state: &'a str => "TEXT",
        amount_minor: i64 => "BIGINT",
        payable_fen: i64 => "BIGINT",
        cash_fen: i64 => "BIGINT",
        receivable_fen: i64 => "BIGINT",
        created_at: i64 => "BIGINT",
        sent_at: Option<i64> => "BIGINT",
        ended_at: Option<i64> => "BIGINT",
        details: String => "TEXT",
    }
}

rows! {
    /// What becomes of refunds.
    RefundEndRows of RefundEndRow in "refund" {
        merchant_id: &'a str => "TEXT",
        refund_no: i64 => "BIGINT",
        state: &'a str => "TEXT",
        payable_fen: i64 => "BIGINT",
        cash_fen: i64 => "BIGINT",
        receivable_fen: i64 => "BIGINT",
        sent_at: Option<i64> => "BIGINT",
        ended_at: Option<i64> => "BIGINT",
        details: String => "TEXT",
    }
}

rows! {
    /// `journal_row`
    JournalRows of JournalRow in "journal_row" {
        owner: Cow<'a, str> => "TEXT",
        subject_no: i64 => "BIGINT",
        entry_index: i64 => "BIGINT",
        line_index: i64 => "BIGINT",
        kind: &'a str => "TEXT",
        at: i64 => "BIGINT",
        attempt_no: Option<i64> => "BIGINT",
        refund_no: Option<i64> => "BIGINT",
        account: String => "TEXT",
        amount_fen: i64 => "BIGINT",
        counter_account: Option<String> => "TEXT",
    }
}

rows! {
    /// `event`
    EventRows of EventRow in "event" {
        owner: Cow<'a, str> => "TEXT",
        subject_no: i64 => "BIGINT",
        event_index: i64 => "BIGINT",
        at: i64 => "BIGINT",
        kind: &'a str => "TEXT",
        detail: Cow<'a, str> => "TEXT",
    }
}

rows! {
    /// `notification`, new ones.
    NotificationRows of NotificationRow in "notification" {
        owner: Cow<'a, str> => "TEXT",
        subject_no: i64 => "BIGINT",
        notification_no: i64 => "BIGINT",
        about: Option<i64> => "BIGINT",
        kind: &'a str => "TEXT",
        url: &'a str => "TEXT",
        state: &'a str => "TEXT",
        tries: i64 => "BIGINT",
        body: Option<&'a str> => "TEXT",
        moment: Option<&'a str> => "TEXT",
        created_at: i64 => "BIGINT",
    }
}

rows! {
    /// What becomes of notifications.
    NotificationEndRows of NotificationEndRow in "notification" {
        owner: Cow<'a, str> => "TEXT",
        subject_no: i64 => "BIGINT",
        notification_no: i64 => "BIGINT",
        state: &'a str => "TEXT",
        tries: i64 => "BIGINT",
        body: Option<&'a str> => "TEXT",
    }
}

rows! {
    /// `delivery`
    DeliveryRows of DeliveryRow in "delivery" {
        owner: Cow<'a, str> => "TEXT",
        subject_no: i64 => "BIGINT",
        notification_no: i64 => "BIGINT",
        try_index: i64 => "BIGINT",
        begun_at: i64 => "BIGINT",
        ended_at: Option<i64> => "BIGINT",
        answer: Option<Cow<'a, str>> => "TEXT",
    }
}

rows! {
    /// `job`
    JobRows of JobRow in "job" {
        owner: Cow<'a, str> => "TEXT",
        subject_no: i64 => "BIGINT",
        kind: &'a str => "TEXT",
        about: i64 => "BIGINT",
        due_at: i64 => "BIGINT",
        tries: i64 => "BIGINT",
    }
}

rows! {
    /// Jobs that are done or needless.
    JobKeyRows of JobKeyRow in "job" {
        owner: Cow<'a, str> => "TEXT",
        subject_no: i64 => "BIGINT",
        kind: &'a str => "TEXT",
        about: i64 => "BIGINT",
    }
}

rows! {
    /// Merchants' numbers, and which orders they name.
    NumberRows of NumberRow in "order_register" {
        merchant_id: &'a str => "TEXT",
        app_id: &'a str => "TEXT",
        merchant_order_no: &'a str => "TEXT",
        order_no: i64 => "BIGINT",
    }
}

rows! {
    /// `exchange`
    RequestRows of RequestRow in "exchange" {
        exchange_no: i64 => "BIGINT",
        bytes: i64 => "BIGINT",
        at: i64 => "BIGINT",
        dialect_id: &'a str => "TEXT",
        app_id: Option<&'a str> => "TEXT",
        path: Cow<'a, str> => "TEXT",
        query: Cow<'a, str> => "TEXT",
        body: Cow<'a, str> => "TEXT",
        peer: &'a str => "TEXT",
        order_no: Option<i64> => "BIGINT",
    }
}

rows! {
    /// `exchange_answer`
    AnswerRows of AnswerRow in "exchange_answer" {
        exchange_no: i64 => "BIGINT",
        bytes: i64 => "BIGINT",
        status: i64 => "BIGINT",
        body: Cow<'a, str> => "TEXT",
        outcome: &'a str => "TEXT",
        reading: Option<&'a str> => "TEXT",
        signing: Option<Cow<'a, str>> => "TEXT",
        order_no: Option<i64> => "BIGINT",
        duration_ms: i64 => "BIGINT",
    }
}
