// alipay-sdk drives every call of the sandbox's Alipay with `validateSign`, and verifies what it tells. Its clock's zone
// is the machine's, and parameters travel in the address; both must be taken.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AlipaySdk } from 'alipay-sdk';
import {
  alipayCode, control, keys, listen, number, SANDBOX, uncalled,
} from './world.mjs';

const our = keys.alipay;
const BUYER = '2088000000000777';

const merchant = (more = {}) => new AlipaySdk({
  appId: our.app_id,
  privateKey: our.app_private_key_pem,
  keyType: 'PKCS8',
  alipayPublicKey: our.alipay_public_key_pem,
  gateway: `${SANDBOX}/gateway.do`,
  camelcase: false,
  ...more,
});
const sdk = merchant();
let listener;
before(async () => { listener = await listen('success'); });
after(() => listener.close());

const exec = (client, method, bizContent, more = {}) => client.exec(
  method,
  { appAuthToken: our.app_auth_token, bizContent, ...more },
  { validateSign: true },
);
const trade = (no, more = {}) => ({ out_trade_no: no, total_amount: '1.20', subject: '茶 & "cake" {}}', ...more });
const barcode = (no, digits, more = {}) => trade(no, { scene: 'bar_code', auth_code: alipayCode(digits), ...more });
const form = ({ body }) => Object.fromEntries(new URLSearchParams(body));

test('a payment code is paid, asked about, refunded and cancelled', async () => {
  const no = number('A');
  const notify = { notifyUrl: listener.url(`/${no}`) };
  const paid = await exec(sdk, 'alipay.trade.pay', barcode(no, '00'), notify);
  assert.equal(paid.code, '10000', JSON.stringify(paid));
  const asked = await exec(sdk, 'alipay.trade.query', { out_trade_no: no });
  assert.equal(asked.trade_status, 'TRADE_SUCCESS');
  const notice = form(await listener.notice(`/${no}`));
  assert.equal(notice.trade_status, 'TRADE_SUCCESS');
  assert.equal(sdk.checkNotifySignV2(notice), true);
  assert.equal(sdk.checkNotifySignV2({ ...notice, total_amount: '0.01' }), false);
  const refund = number('R');
  const about = { out_trade_no: no, out_request_no: refund };
  const given = await exec(sdk, 'alipay.trade.refund', { ...about, refund_amount: '0.20' });
  assert.equal(given.fund_change, 'Y');
  const found = await exec(sdk, 'alipay.trade.fastpay.refund.query', about);
  assert.equal(found.refund_status, 'REFUND_SUCCESS');
  const other = number('A');
  await exec(sdk, 'alipay.trade.pay', barcode(other, '00'));
  const cancelled = await exec(sdk, 'alipay.trade.cancel', { out_trade_no: other });
  assert.equal(cancelled.action, 'refund');
});

test('amounts may be numbers', async () => {
  const no = number('A');
  const paid = await exec(sdk, 'alipay.trade.pay', barcode(no, '00', { total_amount: 1.2 }));
  assert.equal(paid.total_amount, '1.20');
  const given = await exec(sdk, 'alipay.trade.refund', { out_trade_no: no, out_request_no: '1', refund_amount: 0.2 });
  assert.equal(given.refund_fee, '0.20');
  const refused = await exec(sdk, 'alipay.trade.pay', barcode(number('A'), '00', { total_amount: 1.234 }));
  assert.equal(refused.sub_code, 'ACQ.INVALID_PARAMETER');
});

test('orders that wait for their payer are paid, told and closed', async () => {
  const scanned = number('P');
  const notify = { notifyUrl: listener.url(`/${scanned}`) };
  const code = await exec(sdk, 'alipay.trade.precreate', trade(scanned), notify);
  await control('pay', { code: code.qr_code });
  const notice = form(await listener.notice(`/${scanned}`));
  assert.equal(sdk.checkNotifySignV2(notice), true);
  const shut = number('C');
  for (const more of [{ buyer_id: BUYER }, { op_buyer_open_id: 'open7', op_app_id: '2021000000000077', product_code: 'JSAPI_PAY' }]) {
    const made = await exec(sdk, 'alipay.trade.create', trade(number('C'), more));
    assert.ok(made.trade_no, JSON.stringify(made));
  }
  await exec(sdk, 'alipay.trade.create', trade(shut, { buyer_id: BUYER }));
  const closed = await exec(sdk, 'alipay.trade.close', { out_trade_no: shut });
  assert.equal(closed.code, '10000');
});

test('a login code is exchanged', async () => {
  const { code } = await control('login', { wallet: 'alipay' });
  const token = await sdk.exec('alipay.system.oauth.token', { grantType: 'authorization_code', code }, { validateSign: true });
  assert.match(token.user_id, /^2088/);
});

test('money is transferred to a card once, and asked about', async () => {
  const about = { out_biz_no: number('T'), product_code: 'TRANS_BANKCARD_NO_PWD', biz_scene: 'DIRECT_TRANSFER' };
  const payee = {
    identity: '6200000000000000000', identity_type: 'BANKCARD_ACCOUNT', name: '测试法人',
    bankcard_ext_info: { account_type: '2' },
  };
  const send = (amount) => exec(sdk, 'alipay.fund.trans.uni.transfer', { ...about, trans_amount: amount, payee_info: payee });
  const sent = await send('1.20');
  assert.equal(sent.status, 'SUCCESS', JSON.stringify(sent));
  assert.equal((await send('1.20')).order_id, sent.order_id);
  assert.equal((await send('1.30')).sub_code, 'PAYMENT_INFO_INCONSISTENCY');
  const asked = await exec(sdk, 'alipay.fund.trans.common.query', about);
  assert.deepEqual([asked.status, asked.trans_amount], ['SUCCESS', '1.20']);
});

test('a request that is signed wrongly is told so in a node that verifies, with the text to sign', async () => {
  const other = merchant({ privateKey: keys.unionpay.provider_private_key_pem });
  const no = number('A');
  const refused = await exec(other, 'alipay.trade.query', { out_trade_no: no });
  assert.equal(refused.code, '40002');
  assert.equal(refused.sub_code, 'isv.invalid-signature');
  assert.ok(refused.sub_msg.includes(`app_id=${our.app_id}`), refused.sub_msg);
  assert.ok(refused.sub_msg.includes(no), refused.sub_msg);
});

test('controls that must fail do', async () => {
  const stranger = merchant({ alipayPublicKey: keys.unionpay.unionpay_public_key_pem });
  const query = (client) => exec(client, 'alipay.trade.query', { out_trade_no: number('A') });
  await assert.rejects(query(stranger), /验签失败/);
  const wrong = exec(sdk, 'alipay.trade.pay', barcode(number('A'), '99'));
  await assert.rejects(wrong, /验签失败/);
  await control('faults', { channel: 'alipay', verb: 'query', fault: 'wrong_signature', count: 1 });
  await assert.rejects(query(sdk), /验签失败/);
  const no = number('A');
  await exec(sdk, 'alipay.trade.pay', barcode(no, '00'), { notifyUrl: listener.url(`/${no}`) });
  await listener.notice(`/${no}`);
  await control('notify', { out_trade_no: no, wrong_signature: true });
  const { exchanges } = await control('transcript');
  const spoilt = exchanges.filter((one) => one.direction === 'out' && one.line.endsWith(`/${no}`)).at(-1);
  assert.equal(sdk.checkNotifySignV2(form(spoilt.request)), false);
});

test('every call of Alipay was made', async () => {
  assert.deepEqual(await uncalled('alipay'), []);
});
