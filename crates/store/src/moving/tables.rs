//! Which tables travel, in what order, and which stay behind for what reason. A test compares both
//! lists with the schemas of both databases, so that none is forgotten.

/// A table that travels.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its key, in whose order its rows are written: whichever database writes a file, the file is
    /// the same.
    pub(crate) key: &'static str,
    /// Columns of which another value travels, and which one.
    pub(crate) instead: &'static [(&'static str, &'static str)],
}

const fn table(name: &'static str, key: &'static str) -> Table {
    let instead = &[];
    Table { name, key, instead }
}

const ORDER: &str = "merchant_id, order_no";

/// The tables that travel; what others refer to comes first.
pub const TABLES: [Table; 35] = [
    table("merchant", "merchant_id"),
    table("party", "party_id"),
    table("agent", "dialect_id, agent_id"),
    table("app", "dialect_id, app_id"),
    table("contract", "merchant_id, wallet, channel_account_id"),
    table("fee_schedule", "owner, wallet, channel_account_id, version"),
    table("channel_account", "channel_account_id"),
    table("sealed_key", "owner, role, version"),
    table("exchange_rate", "currency"),
    table("record", "owner, subject_no"),
    table("record_name", "kind, what, text"),
    table("record_mark", "kind, what, text, subject_no"),
    table("issued_code", "content"),
    table("damage", "accepted_at"),
    table("consent_state", "merchant_id, order_no, nonce"),
    table("person", "name"),
    table("audit", "seq"),
    table("trade_order", ORDER),
    table("order_state", ORDER),
    table("refund_totals", ORDER),
    table("attempt", "merchant_id, order_no, attempt_no"),
    table("evidence", "merchant_id, order_no, attempt_no"),
    table("refund", "merchant_id, refund_no"),
    table("journal_row", "owner, subject_no, entry_index, line_index"),
    table("settlement_item", "owner, subject_no, entry_index"),
    table("business_day", "open_from"),
    table("sandbox_clock", "one"),
    table("holidays", "year"),
    table("day_balance", "owner, account, open_from"),
    table("event", "owner, subject_no, event_index"),
    Table {
        // A job that is under way where it came from is due at once where it goes: nobody holds it
        // there.
        instead: &[("due_at", "coalesce(leased_at, due_at)")],
        ..table("job", "owner, subject_no, kind, about")
    },
    table("notification", "owner, subject_no, notification_no"),
    table("delivery", "owner, subject_no, notification_no, try_index"),
    table("exchange", "exchange_no"),
    table("exchange_answer", "exchange_no"),
];

/// The tables that stay behind, and why.
pub const STAYING: [(&str, &str); 6] = [
    ("committer", "batches under way; nobody is under way"),
    (
        "fee_tree",
        "it tells states of these books apart, and nobody has looked at any where they go",
    ),
    ("mark", "its rows stand at the head of the file"),
    (
        "node",
        "nodes differ; the highest second that any has seen stands at the head of the file",
    ),
    ("order_register", "made anew from the orders"),
    (
        "schema_version",
        "the version stands at the head of the file",
    ),
];

/// Columns that stay behind: they say who holds what at this instant.
pub const STAYING_COLUMNS: [(&str, &str); 2] = [("job", "leased_at"), ("job", "leased_by")];

impl Table {
    /// Whether a column of it travels.
    pub(crate) fn takes(&self, column: &str) -> bool {
        !STAYING_COLUMNS.contains(&(self.name, column))
    }

    /// Whether a column holds what strangers sent, for whoever looks into an order's story: in such
    /// a text a character that the database cannot hold is replaced, also when it comes in by a
    /// request.
    pub(crate) fn is_hearsay(&self, column: &str) -> bool {
        match self.name {
            "exchange" | "exchange_answer" => true,
            "event" => column == "detail",
            "delivery" => column == "answer",
            _ => false,
        }
    }

    /// What is read for a column.
    fn read<'c>(&self, column: &'c str) -> &'c str {
        let instead = self.instead.iter().find(|(name, _)| *name == column);
        instead.map_or(column, |(_, sql)| sql)
    }

    /// All its rows, in the order of its key; both databases understand it.
    pub(crate) fn select(&self, columns: &[String]) -> String {
        let read: Vec<&str> = columns.iter().map(|column| self.read(column)).collect();
        let (read, name, key) = (read.join(", "), self.name, self.key);
        format!("SELECT {read} FROM {name} ORDER BY {key}")
    }
}

/// The sum of the journal and what was moved in it, in fen; both databases understand it but for
/// the type.
pub(crate) fn select_journal(integer: &str) -> String {
    format!(
        "SELECT CAST(coalesce(sum(CASE WHEN counter_account IS NULL THEN amount_fen ELSE 0 END), 0) AS {integer}),
            CAST(coalesce(sum(abs(amount_fen)), 0) AS {integer}) FROM journal_row"
    )
}

/// The lowest and the highest number of what months are told by.
pub(crate) const SELECT_NUMBERS: &str = "SELECT min(lowest), max(highest) FROM (
        SELECT min(order_no) AS lowest, max(order_no) AS highest FROM trade_order
        UNION ALL SELECT min(exchange_no), max(exchange_no) FROM exchange) AS numbers";
