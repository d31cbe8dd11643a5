-- The books, first edition.
--
-- Every large table's key begins with the merchant, so that the same schema can be spread over
-- machines by it. Numbers are bigints, amounts bigint minor units or fen, instants UTC
-- milliseconds, states and kinds words. Text that holds JSON is never searched. Checks are a
-- backstop for money: the core decides, and has decided right before any of them can fail. Words
-- are not checked, since the core has no others. The hot tables have no foreign keys: what is
-- written was derived from the order itself, whose row is locked.
--
-- Names are compared byte by byte (COLLATE "C"), as the program does; that is faster too.
--
-- What an order, and an attempt, is from the beginning stands apart from what becomes of it: the
-- wide rows are written once, and what changes is a short row with room on its page for its next
-- version.
--
-- What grows is cut by months of the order's or the exchange's number, which rises with time; what
-- is unique for ever stays whole.

-- The register of merchants' numbers: each names one order for ever.
CREATE TABLE order_register (
    merchant_id TEXT COLLATE "C" NOT NULL,
    app_id TEXT COLLATE "C" NOT NULL,
    merchant_order_no TEXT COLLATE "C" NOT NULL,
    order_no BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, app_id, merchant_order_no)
);

CREATE TABLE trade_order (
    merchant_id TEXT COLLATE "C" NOT NULL,
    order_no BIGINT NOT NULL,
    app_id TEXT COLLATE "C" NOT NULL,
    merchant_order_no TEXT COLLATE "C" NOT NULL,
    scene TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    rate_scaled BIGINT CHECK (rate_scaled > 0),
    rate_direction TEXT,
    charge_fen BIGINT NOT NULL CHECK (charge_fen > 0),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    horizon_at BIGINT,
    details TEXT NOT NULL, -- JSON: subject, notify_url, sealed payment code, attributes ...
    PRIMARY KEY (merchant_id, order_no)
);

-- Numbers rise with time: newest first, over all merchants, and between two instants. It grows at
-- its end and so costs a payment little; what lists filter by most stands in it, so that the wide
-- rows need not be read.
CREATE INDEX trade_order_by_number ON trade_order (order_no) INCLUDE (merchant_id, app_id, charge_fen);

CREATE TABLE order_state (
    merchant_id TEXT COLLATE "C" NOT NULL,
    order_no BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- JSON: of each attempt, oldest first, its state and when it was last asked about
    attempts TEXT NOT NULL,
    wallet TEXT,
    -- of the attempt that paid, else of the newest; also in its route, here for lists
    channel_account_id TEXT,
    paid_attempt_no BIGINT, -- whose evidence is the payment's
    fee_fen BIGINT, -- once paid
    decline TEXT, -- JSON: reason, kind
    ended_at BIGINT,
    entry_count BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, order_no)
) WITH (fillfactor = 50);

-- What was given back of an order, from the first time on that something is; most orders have no
-- row. What there is to give back is written once, with the row, so that no later sum can move it.
CREATE TABLE refund_totals (
    merchant_id TEXT COLLATE "C" NOT NULL,
    order_no BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    payable_fen BIGINT NOT NULL CHECK (payable_fen >= 0),
    cash_fen BIGINT NOT NULL CHECK (cash_fen BETWEEN 0 AND payable_fen),
    receivable_fen BIGINT NOT NULL CHECK (receivable_fen BETWEEN 0 AND payable_fen),
    refunded_minor BIGINT NOT NULL CHECK (refunded_minor >= 0),
    refunded_payable_fen BIGINT NOT NULL CHECK (refunded_payable_fen >= 0),
    refunded_cash_fen BIGINT NOT NULL CHECK (refunded_cash_fen >= 0),
    refunded_receivable_fen BIGINT NOT NULL CHECK (refunded_receivable_fen >= 0),
    refunding_minor BIGINT NOT NULL CHECK (refunding_minor >= 0),
    refunding_payable_fen BIGINT NOT NULL CHECK (refunding_payable_fen >= 0),
    refunding_cash_fen BIGINT NOT NULL CHECK (refunding_cash_fen >= 0),
    refunding_receivable_fen BIGINT NOT NULL CHECK (refunding_receivable_fen >= 0),
    fee_returned_fen BIGINT NOT NULL CHECK (fee_returned_fen >= 0),
    cost_returned_fen BIGINT NOT NULL CHECK (cost_returned_fen >= 0),
    shares_returned TEXT NOT NULL, -- by agents, in fen, the nearest to the merchant first: 4/3
    refund_count BIGINT NOT NULL,
    last_refund_failed BOOLEAN NOT NULL,
    refund_not_before BIGINT,
    PRIMARY KEY (merchant_id, order_no),
    CONSTRAINT refunds_fit_amount CHECK (refunded_minor + refunding_minor <= amount_minor),
    CONSTRAINT refunds_fit_payable CHECK (refunded_payable_fen + refunding_payable_fen <= payable_fen),
    CONSTRAINT refunds_fit_cash CHECK (refunded_cash_fen + refunding_cash_fen <= cash_fen),
    CONSTRAINT refunds_fit_receivable CHECK (refunded_receivable_fen + refunding_receivable_fen
        <= receivable_fen)
);

CREATE TABLE attempt (
    merchant_id TEXT COLLATE "C" NOT NULL,
    order_no BIGINT NOT NULL,
    attempt_no BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    route TEXT NOT NULL, -- JSON
    handoff TEXT, -- JSON
    PRIMARY KEY (merchant_id, order_no, attempt_no)
);

-- Our numbers of attempts that are not their orders': few, since the first has its order's.
CREATE INDEX attempt_again ON attempt (attempt_no) WHERE attempt_no <> order_no;

-- Money that arrived by an attempt; it never changes.
CREATE TABLE evidence (
    merchant_id TEXT COLLATE "C" NOT NULL,
    order_no BIGINT NOT NULL,
    attempt_no BIGINT NOT NULL,
    channel_order_no TEXT COLLATE "C" NOT NULL, -- also in the JSON; here to be found by it
    evidence TEXT NOT NULL, -- JSON
    PRIMARY KEY (merchant_id, order_no, attempt_no)
);

CREATE INDEX evidence_by_channel_order_no ON evidence (channel_order_no);

CREATE TABLE refund (
    merchant_id TEXT COLLATE "C" NOT NULL,
    refund_no BIGINT NOT NULL,
    order_no BIGINT NOT NULL,
    app_id TEXT COLLATE "C" NOT NULL,
    merchant_refund_no TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    payable_fen BIGINT NOT NULL CHECK (payable_fen > 0),
    cash_fen BIGINT NOT NULL CHECK (cash_fen BETWEEN 0 AND payable_fen),
    receivable_fen BIGINT NOT NULL CHECK (receivable_fen BETWEEN 0 AND payable_fen),
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    ended_at BIGINT,
    details TEXT NOT NULL, -- JSON: reason, attributes, evidence, decline
    PRIMARY KEY (merchant_id, refund_no),
    CONSTRAINT refund_register UNIQUE (merchant_id, app_id, merchant_refund_no),
    FOREIGN KEY (merchant_id, order_no) REFERENCES trade_order (merchant_id, order_no)
);

CREATE INDEX refund_by_order ON refund (merchant_id, order_no);
CREATE INDEX refund_by_number ON refund (refund_no);
-- The few of a merchant that run: what they may take of its balance is weighed.
CREATE INDEX refund_running ON refund (merchant_id, refund_no) WHERE state = 'refunding';

-- Nearly every entry moves an amount from one account to another. Such an entry is one row, which
-- names both, so that it cannot but balance. Of an entry with other lines each line is a row
-- without a counter-account.
CREATE TABLE journal_row (
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    entry_index BIGINT NOT NULL,
    line_index BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    attempt_no BIGINT,
    refund_no BIGINT,
    account TEXT NOT NULL,
    amount_fen BIGINT NOT NULL, -- positive debits, negative credits
    counter_account TEXT, -- takes the opposite
    PRIMARY KEY (owner, subject_no, entry_index, line_index)
) PARTITION BY RANGE (subject_no);

-- Rows are written in the order of time, so a summary of each stretch of the table finds a day's,
-- and costs nothing.
CREATE INDEX journal_by_time ON journal_row USING brin (at) WITH (pages_per_range = 32);

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
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    entry_index BIGINT NOT NULL,
    settlement_no BIGINT NOT NULL,
    PRIMARY KEY (owner, subject_no, entry_index)
);

CREATE INDEX settlement_item_by_settlement ON settlement_item (owner, settlement_no);

CREATE TABLE event (
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (owner, subject_no, event_index)
) PARTITION BY RANGE (subject_no);

-- Rows come and go with every payment: their places are to be found again soon.
CREATE TABLE job (
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    about BIGINT NOT NULL,
    due_at BIGINT NOT NULL, -- while a worker holds it, the end of its lease
    tries BIGINT NOT NULL,
    leased_at BIGINT, -- when a worker took it; NULL: nobody holds it, due_at is a plan
    leased_by SMALLINT, -- the node of that worker
    PRIMARY KEY (owner, subject_no, kind, about)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);

CREATE INDEX job_by_due_at ON job (due_at);

CREATE TABLE notification (
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    notification_no BIGINT NOT NULL,
    about BIGINT,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    body TEXT, -- as rendered at the first delivery
    moment TEXT, -- JSON: what it tells of a refund and its order, as they stood when it was made
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner, subject_no, notification_no)
) PARTITION BY RANGE (subject_no);

-- Numbers rise with time: newest first, over all merchants. The second index holds the few that an
-- operator asks for, so that they are found however long the history is.
CREATE INDEX notification_by_number ON notification (notification_no);
CREATE INDEX notification_open ON notification (state, notification_no) WHERE state <> 'acknowledged';

CREATE TABLE delivery (
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    notification_no BIGINT NOT NULL,
    try_index BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    answer TEXT,
    PRIMARY KEY (owner, subject_no, notification_no, try_index)
) PARTITION BY RANGE (subject_no);

-- The exchange log: two halves, joined by number. Its number alone is its key: it rises with time,
-- so that lines are added at one end and cut off at the other, and some lines belong to no
-- merchant.
CREATE TABLE exchange (
    exchange_no BIGINT NOT NULL,
    bytes BIGINT NOT NULL, -- what it takes of its app's share
    at BIGINT NOT NULL,
    dialect_id TEXT NOT NULL,
    app_id TEXT,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    body TEXT NOT NULL,
    peer TEXT NOT NULL,
    order_no BIGINT, -- once it is known which order it was about
    -- What is needed to see whose lines there are too many of.
    PRIMARY KEY (exchange_no) INCLUDE (app_id, bytes)
) PARTITION BY RANGE (exchange_no);

CREATE INDEX exchange_by_order ON exchange (order_no) WHERE order_no IS NOT NULL;

CREATE TABLE exchange_answer (
    exchange_no BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    status BIGINT NOT NULL, -- what a list shows stands before the long texts
    outcome TEXT NOT NULL,
    duration_ms BIGINT NOT NULL,
    body TEXT NOT NULL,
    reading TEXT,
    signing TEXT,
    order_no BIGINT,
    PRIMARY KEY (exchange_no) INCLUDE (bytes)
) PARTITION BY RANGE (exchange_no);

CREATE TABLE merchant (
    merchant_id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL, -- empty: the full one
    state TEXT NOT NULL CHECK (state IN ('pending', 'enabled', 'disabled'))
);

CREATE TABLE party ( -- an agent, apart from its numbers and keys on wires
    party_id TEXT COLLATE "C" PRIMARY KEY,
    parent_id TEXT COLLATE "C" -- NULL: the root of a tree; at most five levels, without a circle
        REFERENCES party (party_id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL
);

CREATE TABLE agent ( -- a party on one wire
    dialect_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    party_id TEXT COLLATE "C" NOT NULL REFERENCES party (party_id),
    is_enabled BOOLEAN NOT NULL,
    settings TEXT NOT NULL, -- JSON
    mini_programs TEXT NOT NULL, -- JSON: app id to channel account
    PRIMARY KEY (dialect_id, agent_id)
);

CREATE TABLE app (
    dialect_id TEXT COLLATE "C" NOT NULL,
    app_id TEXT COLLATE "C" NOT NULL,
    merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchant (merchant_id),
    agent_id TEXT COLLATE "C", -- whose keys sign for it; NULL: its own
    partners TEXT NOT NULL, -- JSON: its numbers at institutions
    settings TEXT NOT NULL, -- JSON: switches of its dialect
    PRIMARY KEY (dialect_id, app_id)
);

CREATE INDEX app_by_merchant ON app (merchant_id);

CREATE TABLE contract (
    merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchant (merchant_id),
    wallet TEXT COLLATE "C" NOT NULL,
    channel_account_id TEXT COLLATE "C" NOT NULL,
    sub_merchant_id TEXT NOT NULL,
    sub_app_id TEXT,
    priority BIGINT NOT NULL CHECK (priority >= 0), -- the lowest number of a wallet's is taken
    weight BIGINT NOT NULL CHECK (weight >= 1), -- from here on nothing counts yet
    amount_fen_min BIGINT,
    amount_fen_max BIGINT,
    from_minute BIGINT CHECK (from_minute BETWEEN 0 AND 1439), -- of the day in Beijing
    until_minute BIGINT CHECK (until_minute BETWEEN 0 AND 1440),
    daily_sum_fen_max BIGINT,
    PRIMARY KEY (merchant_id, wallet, channel_account_id)
);

-- What a merchant is asked for under a contract, and what an agent pays for a wallet, by version;
-- the highest that has begun is in force. A row is never changed: what changes is a further
-- version. It outlives its contract.
CREATE TABLE fee_schedule (
    owner TEXT COLLATE "C" NOT NULL, -- whose book, as in the journal
    wallet TEXT COLLATE "C" NOT NULL,
    channel_account_id TEXT COLLATE "C" NOT NULL, -- empty: all that have no schedule of their own
    version BIGINT NOT NULL CHECK (version >= 1),
    from_at BIGINT NOT NULL, -- 0: it begins before all time
    terms TEXT NOT NULL, -- JSON
    PRIMARY KEY (owner, wallet, channel_account_id, version)
);

CREATE TABLE channel_account (
    channel_account_id TEXT COLLATE "C" PRIMARY KEY,
    channel_id TEXT NOT NULL,
    settings TEXT NOT NULL -- JSON
);

CREATE TABLE sealed_key (
    owner TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    is_proved BOOLEAN NOT NULL, -- a request was verified by it
    PRIMARY KEY (owner, role, version)
);

CREATE TABLE exchange_rate (
    currency TEXT COLLATE "C" PRIMARY KEY,
    scaled BIGINT NOT NULL CHECK (scaled > 0),
    direction TEXT NOT NULL CHECK (direction IN ('cny_per_unit', 'units_per_cny'))
);

-- Contents of QR codes that channels gave, so that pictures are drawn of ours only.
CREATE TABLE issued_code (
    content TEXT COLLATE "C" PRIMARY KEY
);

-- Aggregates that are not hot, whole: applications of merchants, login codes.
CREATE TABLE record (
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    entry_count BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    body TEXT NOT NULL, -- JSON; what is private is digested or sealed in it
    PRIMARY KEY (owner, subject_no)
);

CREATE INDEX record_by_number ON record (kind, subject_no);

-- Whose records wait for what comes next.
CREATE INDEX record_by_state ON record (kind, state, owner, subject_no);

-- What one record only is found by.
CREATE TABLE record_name (
    kind TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    PRIMARY KEY (kind, what, text)
);

-- What several records are found by.
CREATE TABLE record_mark (
    kind TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    subject_no BIGINT NOT NULL,
    PRIMARY KEY (kind, what, text, subject_no)
);

-- What all nodes must have alike, written by the first: the mode, and what tells a wrong root key.
CREATE TABLE mark (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);

-- The numbers that nodes can have, and who has them until when. A run is one process from its start
-- to its end; an instance is the same before and after a restart.
CREATE TABLE node (
    node SMALLINT PRIMARY KEY CHECK (node BETWEEN 0 AND 63),
    high_water_second BIGINT NOT NULL, -- from 2020-01-01 UTC
    instance TEXT COLLATE "C",
    run_no BIGINT,
    leased_until TIMESTAMPTZ NOT NULL
);

INSERT INTO node (node, high_water_second, leased_until)
SELECT node, 0, '-infinity' FROM generate_series(0, 63) AS node;

-- One row for each connection that commits: the last batch it committed. A batch writes its index
-- before anything else, so that whoever did not hear of its end finds out here, and whoever takes a
-- node's number removes the rows of the run before, after which nothing of that run can be
-- committed.
CREATE TABLE committer (
    run_no BIGINT NOT NULL,
    committer_index BIGINT NOT NULL,
    batch_index BIGINT NOT NULL,
    PRIMARY KEY (run_no, committer_index)
) WITH (fillfactor = 10);

-- Ends a transaction that changed other rows than it had locked: as a serialisation failure, so
-- that it is tried again.
CREATE FUNCTION expect_rows(changed BIGINT, expected BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $$
BEGIN
    IF changed <> expected THEN
        RAISE EXCEPTION 'changed % rows, expected %', changed, expected USING ERRCODE = '40001';
    END IF;
    RETURN changed;
END $$;

-- The first number of a month: seconds since 2020-01-01 UTC, then 23 bits for node and sequence.
CREATE FUNCTION first_number(month DATE) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
    SELECT (extract(epoch FROM month)::BIGINT - 1577836800) << 23
$$;

-- Makes the partitions of a month that are missing; nodes that want the same take turns. One that
-- cannot be made, since the default partition holds rows of it already, is left to that one.
CREATE FUNCTION make_partitions(month DATE) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    whole TEXT;
    part TEXT;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_partitions'));
    FOREACH whole IN ARRAY ARRAY['event', 'journal_row', 'notification', 'delivery', 'exchange',
        'exchange_answer']
    LOOP
        part := whole || to_char(month, '_YYYY_MM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)', part, whole,
                first_number(month), first_number((month + INTERVAL '1 month')::DATE));
        EXCEPTION WHEN check_violation THEN
            NULL;
        END;
    END LOOP;
END $$;

-- The backstop.
CREATE TABLE event_default PARTITION OF event DEFAULT;
CREATE TABLE journal_row_default PARTITION OF journal_row DEFAULT;
CREATE TABLE notification_default PARTITION OF notification DEFAULT;
CREATE TABLE delivery_default PARTITION OF delivery DEFAULT;
CREATE TABLE exchange_default PARTITION OF exchange DEFAULT;
CREATE TABLE exchange_answer_default PARTITION OF exchange_answer DEFAULT;

-- Dates that are closed: nothing is booked before the last of these instants any more.
CREATE TABLE business_day (
    open_from BIGINT PRIMARY KEY, -- the first instant after the date, in Beijing
    closed_at BIGINT NOT NULL,
    audit_seq BIGINT NOT NULL, -- the end of the office's record when it was closed; 0: none
    audit_hash TEXT NOT NULL,
    rolled_lines BIGINT -- once rolled up: how many lines of the journal
);

-- What was booked on an account on a closed date; computed from the journal.
CREATE TABLE day_balance (
    owner TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    open_from BIGINT NOT NULL, -- of business_day
    debit_fen BIGINT NOT NULL CHECK (debit_fen >= 0),
    credit_fen BIGINT NOT NULL CHECK (credit_fen >= 0),
    bridged_fen BIGINT NOT NULL,
    line_count BIGINT NOT NULL,
    PRIMARY KEY (owner, account, open_from)
);

CREATE INDEX day_balance_by_date ON day_balance (open_from, owner, account);

-- What stands on the bridge between books, which is nothing over all of them.
CREATE INDEX day_balance_of_bridge ON day_balance (debit_fen, credit_fen) WHERE account = 'bridge';

-- How far the clock was moved, in a sandbox's books only.
CREATE TABLE sandbox_clock (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    ahead_ms BIGINT NOT NULL CHECK (ahead_ms >= 0)
);

-- The state of who pays what, as a number: a change that was checked against one is written only
-- while that one stands.
CREATE TABLE fee_tree (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    revision BIGINT NOT NULL CHECK (revision >= 0)
);

INSERT INTO fee_tree VALUES (1, 0);

-- Days of a year that do not follow the week, as operators imported them; they go before our own.
CREATE TABLE holidays (
    year BIGINT PRIMARY KEY,
    days TEXT NOT NULL -- such as: off 0101-0103 work 0104
);

-- Damages of a SQLite file in spite of which somebody went on; the mark stays, wherever the books
-- go.
CREATE TABLE damage (
    accepted_at BIGINT PRIMARY KEY, -- when somebody went on in spite of it
    told TEXT NOT NULL -- what was wrong, and what is lost at most
);

-- States of payers who have come back from a wallet's consent page, until their time is over.
CREATE TABLE consent_state (
    merchant_id TEXT COLLATE "C" NOT NULL,
    order_no BIGINT NOT NULL,
    nonce TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, order_no, nonce)
);

-- People of the office.
CREATE TABLE person (
    name TEXT COLLATE "C" PRIMARY KEY,
    role TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- Who did what, as a chain of digests. Rows are added and nothing else, whoever asks.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    audit_id TEXT COLLATE "C" NOT NULL UNIQUE, -- a change that is sent again is written down once
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    os_user TEXT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    was TEXT, -- JSON
    became TEXT, -- JSON
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE FUNCTION keep_rows() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of the % are never changed or deleted', TG_TABLE_NAME;
END $$;

CREATE TRIGGER audit_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION keep_rows();

CREATE TRIGGER fee_schedule_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON fee_schedule
    FOR EACH STATEMENT EXECUTE FUNCTION keep_rows();
