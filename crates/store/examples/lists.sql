-- A million orders of a thousand merchants within thirty days, as a payment leaves them: rows like
-- those of a real one, with numbers that rise. Both databases understand it. Before it stands a
-- table `series` with one column `i`; texts are put in where words stand in braces.

INSERT INTO merchant (merchant_id, name, short_name, state)
SELECT 'M' || i, 'Shop ' || i, '', 'enabled' FROM series WHERE i < 1000;

INSERT INTO app (dialect_id, app_id, merchant_id, agent_id, partners, settings)
SELECT 'wire', '88001000' || (1000000 + i), 'M' || i, CASE WHEN i % 50 = 7 THEN '10' || (i % 3) END, '[]', '{}'
FROM series WHERE i < 1000;

-- What of an order follows from its index. A tenth of the merchants has nine tenths of the orders.
CREATE TABLE made AS SELECT i,
    'M' || m AS merchant_id,
    '88001000' || (1000000 + m) AS app_id,
    ((189000000 + i * 2592 / 1000) * 8388608) + i % 131072 AS order_no,
    (189000000 + i * 2592 / 1000 + 1577836800) * 1000 + i % 1000 AS at,
    CASE WHEN i % 100000 = 77 THEN 'reversed' WHEN i % 50 = 3 THEN 'failed' WHEN i > 999950 THEN 'paying'
        ELSE 'paid' END AS state,
    CASE i % 5 WHEN 0 THEN 'unionpay' WHEN 1 THEN 'wechat' WHEN 2 THEN 'wechat' ELSE 'alipay' END AS wallet,
    CASE WHEN i % 200000 = 19 THEN 'rare' ELSE 'account-' || (i % 5) END AS account,
    CASE WHEN i % 250000 = 11 THEN 8888800 ELSE 100 + i * 7919 % 50000 END AS charge_fen
FROM (SELECT i, CASE WHEN i % 10 = 0 THEN i / 10 % 1000 ELSE i * 31 % 100 END AS m FROM series) AS chosen;

INSERT INTO trade_order (merchant_id, order_no, app_id, merchant_order_no, scene, amount_minor, currency, charge_fen,
    created_at, horizon_at, details)
SELECT merchant_id, order_no, app_id, '20260' || (100000000000 + i) || 'X', 'barcode', charge_fen, 'CNY', charge_fen, at,
    at + 75000, '{ORDER}'
FROM made ORDER BY i;

INSERT INTO order_state (merchant_id, order_no, version, state, attempts, wallet, channel_account_id, paid_attempt_no,
    fee_fen, ended_at, entry_count, event_count)
SELECT merchant_id, order_no, 2, state, '[["' || state || '",null]]', wallet, account,
    CASE WHEN state = 'paid' THEN order_no END, CASE WHEN state = 'paid' THEN charge_fen * 38 / 10000 END, at + 900,
    CASE WHEN state = 'paid' THEN 2 ELSE 0 END, 4
FROM made ORDER BY i;

INSERT INTO attempt (merchant_id, order_no, attempt_no, sent_at, route)
SELECT merchant_id, order_no, order_no, at, '{ROUTE}' FROM made ORDER BY i;

INSERT INTO evidence (merchant_id, order_no, attempt_no, channel_order_no, evidence)
SELECT merchant_id, order_no, order_no, '420000' || (1000000000000000 + i * 7), '{EVIDENCE}'
FROM made WHERE state = 'paid' ORDER BY i;

INSERT INTO journal_row (owner, subject_no, entry_index, line_index, kind, at, attempt_no, account, amount_fen,
    counter_account)
SELECT merchant_id, order_no, e, 0, CASE e WHEN 0 THEN 'payment_received' ELSE 'fee_charged' END, at + 900, order_no,
    CASE e WHEN 0 THEN 'channel_clearing:' || account ELSE 'merchant_balance' END,
    CASE e WHEN 0 THEN charge_fen ELSE charge_fen * 38 / 10000 END,
    CASE e WHEN 0 THEN 'merchant_balance' ELSE 'fee_income' END
FROM made CROSS JOIN (SELECT 0 AS e UNION ALL SELECT 1) AS entries WHERE state = 'paid' ORDER BY i, e;

INSERT INTO event (owner, subject_no, event_index, at, kind, detail)
SELECT merchant_id, order_no, e, at + e * 300, 'created', '{EVENT}'
FROM made CROSS JOIN (SELECT 0 AS e UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS events ORDER BY i, e;

INSERT INTO notification (owner, subject_no, notification_no, kind, url, state, tries, body, created_at)
SELECT merchant_id, order_no, order_no + 131072, 'order_paid', 'https://shop.example/notify',
    CASE WHEN i % 20000 = 5 THEN 'given_up' WHEN i > 999900 THEN 'due' ELSE 'acknowledged' END, 1, '{NOTICE}', at + 900
FROM made WHERE state = 'paid' ORDER BY i;

INSERT INTO delivery (owner, subject_no, notification_no, try_index, begun_at, ended_at, answer)
SELECT merchant_id, order_no, order_no + 131072, 1, at + 950, at + 990, '200 SUCCESS' FROM made WHERE state = 'paid'
ORDER BY i;

INSERT INTO refund (merchant_id, refund_no, order_no, app_id, merchant_refund_no, state, amount_minor, payable_fen,
    cash_fen, receivable_fen, created_at, sent_at, ended_at, details)
SELECT merchant_id, order_no + 724775731200, order_no, app_id, 'R20260' || (100000000000 + i),
    CASE WHEN i % 50000 = 0 THEN 'failed' ELSE 'succeeded' END, 50, 50, 50, 50, at + 86400000, at + 86400000,
    at + 86401000, '{REFUND}'
FROM made WHERE state = 'paid' AND i % 100 = 0 ORDER BY i;

INSERT INTO refund_totals (merchant_id, order_no, amount_minor, payable_fen, cash_fen, receivable_fen, refunded_minor,
    refunded_payable_fen, refunded_cash_fen, refunded_receivable_fen, refunding_minor, refunding_payable_fen,
    refunding_cash_fen, refunding_receivable_fen, fee_returned_fen, cost_returned_fen, shares_returned,
    refund_count, last_refund_failed)
SELECT merchant_id, order_no, charge_fen, charge_fen, charge_fen, charge_fen, 50, 50, 50, 50, 0, 0, 0, 0, 0, 0, '', 1,
    {FALSE}
FROM made WHERE state = 'paid' AND i % 100 = 0 ORDER BY i;

INSERT INTO journal_row (owner, subject_no, entry_index, line_index, kind, at, attempt_no, refund_no, account, amount_fen,
    counter_account)
SELECT merchant_id, order_no, 2, 0, 'refund_paid', at + 86401000, order_no, order_no + 724775731200,
    'merchant_balance', 50, 'channel_clearing:' || account
FROM made WHERE state = 'paid' AND i % 100 = 0 ORDER BY i;

INSERT INTO job (owner, subject_no, kind, about, due_at, tries)
SELECT merchant_id, order_no, 'query_unknown', order_no, at + 3000, 1 FROM made WHERE state = 'paying' ORDER BY i;

INSERT INTO job (owner, subject_no, kind, about, due_at, tries)
SELECT merchant_id, order_no, 'notify_merchant', order_no + 131072, at + 15000, 1 FROM made
WHERE state = 'paid' AND i > 999900 ORDER BY i;

-- As many as the log keeps.
INSERT INTO exchange (exchange_no, bytes, at, dialect_id, app_id, path, query, body, peer, order_no)
SELECT order_no + 262144, 700, at, 'wire', app_id, '/gateway/pay/order', '', '{BODY}', '127.0.0.1:5000', order_no
FROM made WHERE i >= 800000 ORDER BY i;

INSERT INTO exchange_answer (exchange_no, bytes, status, body, outcome, order_no, duration_ms)
SELECT order_no + 262144, 700, 200, '{BODY}', CASE WHEN i % 40000 = 9 THEN 'SIGN_ERROR' ELSE 'ok' END, order_no, 12
FROM made WHERE i >= 800000 ORDER BY i;

DROP TABLE made;
