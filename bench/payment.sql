-- The bare statements of one payment, one by one: thirteen row operations in two commits, with
-- texts as long as the platform's. The yardstick for the books in PostgreSQL: nothing is decided,
-- checked, signed or served.
--
-- (A blank stands behind each colon that is not a variable's: pgbench looks into texts too.)
--
--   psql -f bench/payment_tables.sql
--   pgbench -n -M prepared -c 64 -j 2 -T 10 -D n=0 -f bench/payment.sql
\set n :n + 1
\set order_no 1800000000000000 + :n * 64 + :client_id
BEGIN;
INSERT INTO bare_order (merchant_id, order_no, app_id, merchant_order_no, version, state, amount_fen, created_at, details) VALUES ('bench', :order_no, '880010000000001', 'bench-' || CAST(:order_no AS TEXT), 0, 'paying', 158, 1768442400001, '{"subject":"二维码产品支付","auth_code_sealed":"v1.5Vf0m1Qm3tH0mW8m1Yw2m0a6mXk3s1Qp9c7b5Vf0m1Qm3tH0mW8m1Yw2m0a6mXk3s","attributes":{"merchant_param":"dGFibGU9MTI=","operator_id":"oper01","store_id":"02016","terminal_id":"dev01"},"fingerprint":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}');
INSERT INTO bare_attempt (merchant_id, order_no, attempt_no, state, sent_at, route) VALUES ('bench', :order_no, :order_no, 'sending', 1768442400001, '{"channel_id":"stub","channel_account_id":"bench","wallet":"wechat","scene":"barcode","sub_merchant_id":"1900000109","api":"stub","fee":{"rate_ppm": 3800},"query_gap_ms": 3000,"reverse_after_ms": 15000,"refund_gap_ms": 0,"refund_count_max": 50,"reverses_by_call": true}');
INSERT INTO bare_job (merchant_id, order_no, kind, subject, due_at, tries) VALUES ('bench', :order_no, 'query_unknown', :order_no, 1768442403001, 0);
INSERT INTO bare_event (merchant_id, order_no, event_index, at, kind, detail) VALUES ('bench', :order_no, 0, 1768442400001, 'created', 'barcode');
INSERT INTO bare_exchange (exchange_no, at, app_id, path, body, order_no) VALUES (:order_no, 1768442400001, '880010000000001', '/gateway/pay/order', '{"busi_id":"880010000000001","operator_id":"oper01","terminal_id":"dev01","merchant_param":"dGFibGU9MTI=","store_id":"02016","total_fee":"158","channel_type":"2","auth_code":"13************0755","pay_subject":"二维码产品支付","out_trade_no":"bench-0000000000000001","fee_type":"CNY","state": 1}', :order_no);
COMMIT;
BEGIN;
UPDATE bare_order SET version = 1, state = 'paid', payment = '{"attempt_no": 1800000000000000,"fee_fen": 1}', ended_at = 1768442400002 WHERE merchant_id = 'bench' AND order_no = :order_no AND version = 0;
UPDATE bare_attempt SET state = 'paid', asked_at = 1768442400002, evidence = '{"payable_fen": 158,"cash_fen": 158,"merchant_discount_fen": 0,"channel_discount_fen": 0,"channel_order_no":"C1800000000000000","payer_order_no":"P1800000000000000","funding":"balance","paid_at": 1768442400002}' WHERE merchant_id = 'bench' AND order_no = :order_no AND attempt_no = :order_no;
DELETE FROM bare_job WHERE merchant_id = 'bench' AND order_no = :order_no AND kind = 'query_unknown' AND subject = :order_no;
INSERT INTO bare_event (merchant_id, order_no, event_index, at, kind, detail) VALUES ('bench', :order_no, 1, 1768442400002, 'paid', 'C1800000000000000');
INSERT INTO bare_line (merchant_id, order_no, line_index, at, account, amount_fen) VALUES ('bench', :order_no, 0, 1768442400002, 'channel_clearing of bench', 158), ('bench', :order_no, 1, 1768442400002, 'merchant_balance', -158), ('bench', :order_no, 2, 1768442400002, 'merchant_balance', 1), ('bench', :order_no, 3, 1768442400002, 'fee_income', -1);
COMMIT;
