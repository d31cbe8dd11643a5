-- Plain tables for `payment.sql`: what a payment writes, with keys and indexes and nothing else.
DROP TABLE IF EXISTS bare_order, bare_attempt, bare_job, bare_event, bare_line, bare_exchange;
CREATE TABLE bare_order (
    merchant_id TEXT NOT NULL, order_no BIGINT NOT NULL, app_id TEXT NOT NULL,
    merchant_order_no TEXT NOT NULL, version BIGINT NOT NULL, state TEXT NOT NULL,
    amount_fen BIGINT NOT NULL, payment TEXT, created_at BIGINT NOT NULL, ended_at BIGINT,
    details TEXT NOT NULL, PRIMARY KEY (merchant_id, order_no),
    UNIQUE (merchant_id, app_id, merchant_order_no)
) WITH (fillfactor = 50);
CREATE TABLE bare_attempt (
    merchant_id TEXT NOT NULL, order_no BIGINT NOT NULL, attempt_no BIGINT NOT NULL, state TEXT NOT NULL,
    sent_at BIGINT NOT NULL, asked_at BIGINT, route TEXT NOT NULL, evidence TEXT,
    PRIMARY KEY (merchant_id, order_no, attempt_no)
) WITH (fillfactor = 50);
CREATE TABLE bare_job (
    merchant_id TEXT NOT NULL, order_no BIGINT NOT NULL, kind TEXT NOT NULL, subject BIGINT NOT NULL,
    due_at BIGINT NOT NULL, tries BIGINT NOT NULL, PRIMARY KEY (merchant_id, order_no, kind, subject)
);
CREATE INDEX bare_job_by_due_at ON bare_job (due_at);
CREATE TABLE bare_event (
    merchant_id TEXT NOT NULL, order_no BIGINT NOT NULL, event_index BIGINT NOT NULL, at BIGINT NOT NULL,
    kind TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (merchant_id, order_no, event_index)
);
CREATE TABLE bare_line (
    merchant_id TEXT NOT NULL, order_no BIGINT NOT NULL, line_index BIGINT NOT NULL, at BIGINT NOT NULL,
    account TEXT NOT NULL, amount_fen BIGINT NOT NULL, PRIMARY KEY (merchant_id, order_no, line_index)
);
CREATE TABLE bare_exchange (
    exchange_no BIGINT PRIMARY KEY, at BIGINT NOT NULL, app_id TEXT, path TEXT NOT NULL,
    body TEXT NOT NULL, order_no BIGINT
);
CREATE INDEX bare_exchange_by_order ON bare_exchange (order_no);
