-- The books, first edition.
--
-- Every large table's key begins with the merchant; rows lie in key order (WITHOUT ROWID), so that
-- all of one order stands together. Numbers are integers, amounts integer minor units or fen,
-- instants UTC milliseconds, states and kinds words. Text columns that hold JSON are never
-- searched. Checks are a backstop for money: the core decides, and has decided right before any of
-- them can fail. Words are not checked, since the core has no others. The hot tables have no
-- foreign keys: the one writer writes only what it derived from the order itself.

-- What an order, and an attempt, is from the beginning stands apart from what becomes of it: the
-- wide rows are written once and their pages left alone, and what changes is a short row.

CREATE TABLE trade_order (
    merchant_id TEXT NOT NULL,
    order_no INTEGER NOT NULL,
    app_id TEXT NOT NULL,
    merchant_order_no TEXT NOT NULL,
    scene TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    rate_scaled INTEGER CHECK (rate_scaled > 0),
    rate_direction TEXT,
    charge_fen INTEGER NOT NULL CHECK (charge_fen > 0),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    horizon_at INTEGER,
    details TEXT NOT NULL, -- JSON: subject, notify_url, sealed payment code, attributes ...
    PRIMARY KEY (merchant_id, order_no),
    CONSTRAINT trade_order_register UNIQUE (merchant_id, app_id, merchant_order_no)
) STRICT, WITHOUT ROWID;

-- Numbers rise with time: newest first, over all merchants, and between two instants. It grows at
-- its end and so costs a payment little; what lists filter by most stands in it, so that the wide
-- rows need not be read.
CREATE INDEX trade_order_by_number ON trade_order (order_no, charge_fen, app_id);

CREATE TABLE order_state (
    merchant_id TEXT NOT NULL,
    order_no INTEGER NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- JSON: of each attempt, oldest first, its state and when it was last asked about
    attempts TEXT NOT NULL,
    wallet TEXT,
    -- of the attempt that paid, else of the newest; also in its route, here for lists
    channel_account_id TEXT,
    paid_attempt_no INTEGER, -- whose evidence is the payment's
    fee_fen INTEGER, -- once paid
    decline TEXT, -- JSON: reason, kind
    ended_at INTEGER,
    entry_count INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, order_no)
) STRICT, WITHOUT ROWID;

-- What was given back of an order, from the first time on that something is; most orders have no
-- row. What there is to give back is written once, with the row, so that no later sum can move it.
CREATE TABLE refund_totals (
    merchant_id TEXT NOT NULL,
    order_no INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    payable_fen INTEGER NOT NULL CHECK (payable_fen >= 0),
    cash_fen INTEGER NOT NULL CHECK (cash_fen BETWEEN 0 AND payable_fen),
    receivable_fen INTEGER NOT NULL CHECK (receivable_fen BETWEEN 0 AND payable_fen),
    refunded_minor INTEGER NOT NULL CHECK (refunded_minor >= 0),
    refunded_payable_fen INTEGER NOT NULL CHECK (refunded_payable_fen >= 0),
    refunded_cash_fen INTEGER NOT NULL CHECK (refunded_cash_fen >= 0),
    refunded_receivable_fen INTEGER NOT NULL CHECK (refunded_receivable_fen >= 0),
    refunding_minor INTEGER NOT NULL CHECK (refunding_minor >= 0),
    refunding_payable_fen INTEGER NOT NULL CHECK (refunding_payable_fen >= 0),
    refunding_cash_fen INTEGER NOT NULL CHECK (refunding_cash_fen >= 0),
    refunding_receivable_fen INTEGER NOT NULL CHECK (refunding_receivable_fen >= 0),
    fee_returned_fen INTEGER NOT NULL CHECK (fee_returned_fen >= 0),
    cost_returned_fen INTEGER NOT NULL CHECK (cost_returned_fen >= 0),
    shares_returned TEXT NOT NULL, -- by agents, in fen, the nearest to the merchant first: 4/3
    refund_count INTEGER NOT NULL,
    last_refund_failed INTEGER NOT NULL CHECK (last_refund_failed BETWEEN 0 AND 1),
    refund_not_before INTEGER,
    PRIMARY KEY (merchant_id, order_no),
    CONSTRAINT refunds_fit_amount CHECK (refunded_minor + refunding_minor <= amount_minor),
    CONSTRAINT refunds_fit_payable CHECK (refunded_payable_fen + refunding_payable_fen <= payable_fen),
    CONSTRAINT refunds_fit_cash CHECK (refunded_cash_fen + refunding_cash_fen <= cash_fen),
    CONSTRAINT refunds_fit_receivable CHECK (refunded_receivable_fen + refunding_receivable_fen
        <= receivable_fen)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
    merchant_id TEXT NOT NULL,
    order_no INTEGER NOT NULL,
    attempt_no INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    route TEXT NOT NULL, -- JSON
    handoff TEXT, -- JSON
    PRIMARY KEY (merchant_id, order_no, attempt_no)
) STRICT, WITHOUT ROWID;

-- Our numbers of attempts that are not their orders': few, since the first has its order's.
CREATE INDEX attempt_again ON attempt (attempt_no) WHERE attempt_no <> order_no;

-- Money that arrived by an attempt; it never changes.
CREATE TABLE evidence (
    merchant_id TEXT NOT NULL,
    order_no INTEGER NOT NULL,
    attempt_no INTEGER NOT NULL,
    channel_order_no TEXT NOT NULL, -- also in the JSON; here to be found by it
    evidence TEXT NOT NULL, -- JSON
    PRIMARY KEY (merchant_id, order_no, attempt_no)
) STRICT, WITHOUT ROWID;

-- Channels' numbers rise with time, so this index grows at its end and costs little.
CREATE INDEX evidence_by_channel_order_no ON evidence (channel_order_no);

CREATE TABLE refund (
    merchant_id TEXT NOT NULL,
    refund_no INTEGER NOT NULL,
    order_no INTEGER NOT NULL,
    app_id TEXT NOT NULL,
    merchant_refund_no TEXT NOT NULL,
    state TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    payable_fen INTEGER NOT NULL CHECK (payable_fen > 0),
    cash_fen INTEGER NOT NULL CHECK (cash_fen BETWEEN 0 AND payable_fen),
    receivable_fen INTEGER NOT NULL CHECK (receivable_fen BETWEEN 0 AND payable_fen),
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    ended_at INTEGER,
    details TEXT NOT NULL, -- JSON: reason, attributes, evidence, decline
    PRIMARY KEY (merchant_id, refund_no),
    CONSTRAINT refund_register UNIQUE (merchant_id, app_id, merchant_refund_no),
    FOREIGN KEY (merchant_id, order_no) REFERENCES trade_order (merchant_id, order_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX refund_by_order ON refund (merchant_id, order_no);
CREATE INDEX refund_by_number ON refund (refund_no);
-- The few of a merchant that run: what they may take of its balance is weighed.
CREATE INDEX refund_running ON refund (merchant_id, refund_no) WHERE state = 'refunding';

-- Nearly every entry moves an amount from one account to another. Such an entry is one row, which
-- names both, so that it cannot but balance. Of an entry with other lines each line is a row
-- without a counter-account.
CREATE TABLE journal_row (
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    entry_index INTEGER NOT NULL,
    line_index INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempt_no INTEGER,
    refund_no INTEGER,
    account TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, -- positive debits, negative credits
    counter_account TEXT, -- takes the opposite
    PRIMARY KEY (owner, subject_no, entry_index, line_index)
) STRICT, WITHOUT ROWID;

-- What was booked on a day stands where that day's numbers do, but for what is booked long after
-- its subject was made (or before, by a clock that was set back): those few are found by this.
-- Reports name the same condition.
CREATE INDEX journal_apart ON journal_row (at)
    WHERE at - ((subject_no >> 23) + 1577836800) * 1000 NOT BETWEEN -60000 AND 3600000;

-- The same of one owner, for its settlements.
CREATE INDEX journal_apart_of_owner ON journal_row (owner, at)
    WHERE at - ((subject_no >> 23) + 1577836800) * 1000 NOT BETWEEN -60000 AND 3600000;

-- Which entry is an item of which settlement: of one at the most.
CREATE TABLE settlement_item (
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    entry_index INTEGER NOT NULL,
    settlement_no INTEGER NOT NULL,
    PRIMARY KEY (owner, subject_no, entry_index)
) STRICT, WITHOUT ROWID;

CREATE INDEX settlement_item_by_settlement ON settlement_item (owner, settlement_no);

CREATE TABLE event (
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    event_index INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (owner, subject_no, event_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    kind TEXT NOT NULL,
    about INTEGER NOT NULL,
    due_at INTEGER NOT NULL, -- while a worker holds it, the end of its lease
    tries INTEGER NOT NULL,
    leased_at INTEGER, -- when a worker took it; NULL: nobody holds it, due_at is a plan
    PRIMARY KEY (owner, subject_no, kind, about)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_by_due_at ON job (due_at);

CREATE TABLE notification (
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    notification_no INTEGER NOT NULL,
    about INTEGER,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    body TEXT, -- as rendered at the first delivery
    moment TEXT, -- JSON: what it tells of a refund and its order, as they stood when it was made
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner, subject_no, notification_no)
) STRICT, WITHOUT ROWID;

-- Numbers rise with time: newest first, over all merchants. The second index holds the few that an
-- operator asks for, so that they are found however long the history is.
CREATE INDEX notification_by_number ON notification (notification_no);
CREATE INDEX notification_open ON notification (state, notification_no) WHERE state <> 'acknowledged';

CREATE TABLE delivery (
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    notification_no INTEGER NOT NULL,
    try_index INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    answer TEXT,
    PRIMARY KEY (owner, subject_no, notification_no, try_index)
) STRICT, WITHOUT ROWID;

-- The exchange log: two halves, joined by number. Its number alone is its key: it rises with time,
-- so that lines are added at one end and cut off at the other, and some lines belong to no
-- merchant.
CREATE TABLE exchange (
    exchange_no INTEGER PRIMARY KEY,
    -- what it takes of its app's share; stands first, so that long texts need not be read
    bytes INTEGER NOT NULL,
    at INTEGER NOT NULL,
    dialect_id TEXT NOT NULL,
    app_id TEXT,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    body TEXT NOT NULL,
    peer TEXT NOT NULL,
    order_no INTEGER -- once it is known which order it was about
) STRICT;

CREATE INDEX exchange_by_order ON exchange (order_no) WHERE order_no IS NOT NULL;

CREATE TABLE exchange_answer (
    exchange_no INTEGER PRIMARY KEY,
    bytes INTEGER NOT NULL,
    status INTEGER NOT NULL, -- what a list shows stands before the long texts
    outcome TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    reading TEXT,
    signing TEXT,
    order_no INTEGER
) STRICT;

CREATE TABLE merchant (
    merchant_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL, -- empty: the full one
    state TEXT NOT NULL CHECK (state = 'pending' OR state = 'enabled' OR state = 'disabled')
) STRICT, WITHOUT ROWID;

CREATE TABLE party ( -- an agent, apart from its numbers and keys on wires
    party_id TEXT PRIMARY KEY,
    parent_id TEXT -- NULL: the root of a tree; at most five levels, without a circle
        REFERENCES party (party_id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    is_enabled INTEGER NOT NULL CHECK (is_enabled BETWEEN 0 AND 1)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent ( -- a party on one wire
    dialect_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    party_id TEXT NOT NULL REFERENCES party (party_id),
    is_enabled INTEGER NOT NULL CHECK (is_enabled BETWEEN 0 AND 1),
    settings TEXT NOT NULL, -- JSON
    mini_programs TEXT NOT NULL, -- JSON: app id to channel account
    PRIMARY KEY (dialect_id, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE app (
    dialect_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    merchant_id TEXT NOT NULL REFERENCES merchant (merchant_id),
    agent_id TEXT, -- whose keys sign for it; NULL: its own
    partners TEXT NOT NULL, -- JSON: its numbers at institutions
    settings TEXT NOT NULL, -- JSON: switches of its dialect
    PRIMARY KEY (dialect_id, app_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX app_by_merchant ON app (merchant_id);

CREATE TABLE contract (
    merchant_id TEXT NOT NULL REFERENCES merchant (merchant_id),
    wallet TEXT NOT NULL,
    channel_account_id TEXT NOT NULL,
    sub_merchant_id TEXT NOT NULL,
    sub_app_id TEXT,
    priority INTEGER NOT NULL CHECK (priority >= 0), -- the lowest number of a wallet's is taken
    weight INTEGER NOT NULL CHECK (weight >= 1), -- from here on nothing counts yet
    amount_fen_min INTEGER,
    amount_fen_max INTEGER,
    from_minute INTEGER CHECK (from_minute BETWEEN 0 AND 1439), -- of the day in Beijing
    until_minute INTEGER CHECK (until_minute BETWEEN 0 AND 1440),
    daily_sum_fen_max INTEGER,
    PRIMARY KEY (merchant_id, wallet, channel_account_id)
) STRICT, WITHOUT ROWID;

-- What a merchant is asked for under a contract, and what an agent pays for a wallet, by version;
-- the highest that has begun is in force. A row is never changed: what changes is a further
-- version. It outlives its contract.
CREATE TABLE fee_schedule (
    owner TEXT NOT NULL, -- whose book, as in the journal
    wallet TEXT NOT NULL,
    channel_account_id TEXT NOT NULL, -- empty: all that have no schedule of their own
    version INTEGER NOT NULL CHECK (version >= 1),
    from_at INTEGER NOT NULL, -- 0: it begins before all time
    terms TEXT NOT NULL, -- JSON
    PRIMARY KEY (owner, wallet, channel_account_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_account (
    channel_account_id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL,
    settings TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE sealed_key (
    owner TEXT NOT NULL,
    role TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    is_proved INTEGER NOT NULL CHECK (is_proved BETWEEN 0 AND 1), -- a request was verified by it
    PRIMARY KEY (owner, role, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange_rate (
    currency TEXT PRIMARY KEY,
    scaled INTEGER NOT NULL CHECK (scaled > 0),
    direction TEXT NOT NULL CHECK (direction = 'cny_per_unit' OR direction = 'units_per_cny')
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
    node INTEGER PRIMARY KEY CHECK (node BETWEEN 0 AND 63),
    high_water_second INTEGER NOT NULL -- from 2020-01-01 UTC
) STRICT;

-- Contents of QR codes that channels gave, so that pictures are drawn of ours only.
CREATE TABLE issued_code (
    content TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Aggregates that are not hot, whole: applications of merchants, login codes.
CREATE TABLE record (
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    entry_count INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    body TEXT NOT NULL, -- JSON; what is private is digested or sealed in it
    PRIMARY KEY (owner, subject_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX record_by_number ON record (kind, subject_no);

-- Whose records wait for what comes next.
CREATE INDEX record_by_state ON record (kind, state, owner, subject_no);

-- What one record only is found by.
CREATE TABLE record_name (
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    text TEXT NOT NULL,
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    PRIMARY KEY (kind, what, text)
) STRICT, WITHOUT ROWID;

-- What several records are found by.
CREATE TABLE record_mark (
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    text TEXT NOT NULL,
    owner TEXT NOT NULL,
    subject_no INTEGER NOT NULL,
    PRIMARY KEY (kind, what, text, subject_no)
) STRICT, WITHOUT ROWID;

-- Dates that are closed: nothing is booked before the last of these instants any more.
CREATE TABLE business_day (
    open_from INTEGER PRIMARY KEY, -- the first instant after the date, in Beijing
    closed_at INTEGER NOT NULL,
    audit_seq INTEGER NOT NULL, -- the end of the office's record when it was closed; 0: none
    audit_hash TEXT NOT NULL,
    rolled_lines INTEGER -- once rolled up: how many lines of the journal
) STRICT;

-- What was booked on an account on a closed date; computed from the journal.
CREATE TABLE day_balance (
    owner TEXT NOT NULL,
    account TEXT NOT NULL,
    open_from INTEGER NOT NULL, -- of business_day
    debit_fen INTEGER NOT NULL CHECK (debit_fen >= 0),
    credit_fen INTEGER NOT NULL CHECK (credit_fen >= 0),
    bridged_fen INTEGER NOT NULL,
    line_count INTEGER NOT NULL,
    PRIMARY KEY (owner, account, open_from)
) STRICT, WITHOUT ROWID;

CREATE INDEX day_balance_by_date ON day_balance (open_from, owner, account);

-- What stands on the bridge between books, which is nothing over all of them.
CREATE INDEX day_balance_of_bridge ON day_balance (debit_fen, credit_fen) WHERE account = 'bridge';

-- How far the clock was moved, in a sandbox's books only.
CREATE TABLE sandbox_clock (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    ahead_ms INTEGER NOT NULL CHECK (ahead_ms >= 0)
) STRICT;

-- The state of who pays what, as a number: a change that was checked against one is written only
-- while that one stands.
CREATE TABLE fee_tree (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL CHECK (revision >= 0)
) STRICT;

INSERT INTO fee_tree VALUES (1, 0);

-- Days of a year that do not follow the week, as operators imported them; they go before our own.
CREATE TABLE holidays (
    year INTEGER PRIMARY KEY,
    days TEXT NOT NULL -- such as: off 0101-0103 work 0104
) STRICT;

-- Damages of a SQLite file in spite of which somebody went on; the mark stays, wherever the books
-- go.
CREATE TABLE damage (
    accepted_at INTEGER PRIMARY KEY, -- when somebody went on in spite of it
    told TEXT NOT NULL -- what was wrong, and what is lost at most
) STRICT;

-- States of payers who have come back from a wallet's consent page, until their time is over.
CREATE TABLE consent_state (
    merchant_id TEXT NOT NULL,
    order_no INTEGER NOT NULL,
    nonce TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, order_no, nonce)
) STRICT, WITHOUT ROWID;

-- People of the office.
CREATE TABLE person (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    is_enabled INTEGER NOT NULL CHECK (is_enabled BETWEEN 0 AND 1),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who did what, as a chain of digests. Rows are added and nothing else, whoever asks.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    audit_id TEXT NOT NULL UNIQUE, -- a change that is sent again is written down once
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    os_user TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    was TEXT, -- JSON
    became TEXT, -- JSON
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_keeps_updated BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'rows of the audit are never changed');
END;

CREATE TRIGGER audit_keeps_deleted BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'rows of the audit are never deleted');
END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_keeps_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq OR audit_id = NEW.audit_id) BEGIN
    SELECT RAISE(ABORT, 'rows of the audit are never replaced');
END;

CREATE TRIGGER fee_schedule_keeps_updated BEFORE UPDATE ON fee_schedule BEGIN
    SELECT RAISE(ABORT, 'rows of the fee_schedule are never changed');
END;

CREATE TRIGGER fee_schedule_keeps_deleted BEFORE DELETE ON fee_schedule BEGIN
    SELECT RAISE(ABORT, 'rows of the fee_schedule are never deleted');
END;

CREATE TRIGGER fee_schedule_keeps_replaced BEFORE INSERT ON fee_schedule
WHEN EXISTS (SELECT 1 FROM fee_schedule WHERE owner = NEW.owner AND wallet = NEW.wallet
    AND channel_account_id = NEW.channel_account_id AND version = NEW.version) BEGIN
    SELECT RAISE(ABORT, 'rows of the fee_schedule are never replaced');
END;
