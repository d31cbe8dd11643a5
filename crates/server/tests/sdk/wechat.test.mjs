// wechatpay-axios-plugin drives every call of the sandbox's WeChat, and verifies what it answers and tells. It signs
// paths relative to the host, so the sandbox is spoken to without its prefix, and with it.

import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import plugin from 'wechatpay-axios-plugin';
import {
  control, eventually, keys, listen, number, SANDBOX, uncalled, wechatCode,
} from './world.mjs';

const { Wechatpay, Aes, Formatter, Hash, Rsa, Transformer } = plugin;
const our = keys.wechat;
const parties = { sp_mchid: our.sp_mchid, sub_mchid: our.sub_mchid };
const v2Parties = { appid: our.sp_appid, mch_id: our.sp_mchid, sub_mch_id: our.sub_mchid };
const OPENID = 'oPayer0000000000000000000001';

const merchant = (more = {}) => new Wechatpay({
  mchid: our.sp_mchid,
  serial: our.merchant_serial_no,
  privateKey: our.merchant_private_key_pem,
  certs: { [our.wechatpay_public_key_id]: our.wechatpay_public_key_pem },
  secret: our.api_v2_key,
  baseURL: `${SANDBOX}/`,
  ...more,
});
const wxpay = merchant();
let listener;
before(async () => { listener = await listen(''); });
after(() => listener.close());

const prepaid = (no, more = {}) => ({
  ...parties,
  sp_appid: our.sp_appid,
  description: '茶 & cake',
  out_trade_no: no,
  notify_url: listener.url(`/${no}`),
  amount: { total: 120, currency: 'CNY' },
  ...more,
});
const orderByNo = (no) => wxpay.v3.pay.partner.transactions.outTradeNo.$no$.get({ params: parties, no });

/** What the SDK's primitives make of a v3 notice: its content, or an error. */
function opened({ headers, body }, certs = { [our.wechatpay_public_key_id]: our.wechatpay_public_key_pem }) {
  const key = certs[headers['wechatpay-serial']];
  assert.ok(key, `a known key: ${headers['wechatpay-serial']}`);
  const text = Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body);
  const presented = headers['wechatpay-signature'];
  assert.ok(Rsa.verify(text, presented, key), 'the notice is signed');
  assert.ok(!Rsa.verify(`${text} `, presented, key), 'another text is not');
  const { resource } = JSON.parse(body);
  const { ciphertext, nonce, associated_data: associated } = resource;
  const content = Aes.AesGcm.decrypt(ciphertext, our.api_v3_key, nonce, associated);
  assert.throws(() => Aes.AesGcm.decrypt(ciphertext, our.api_v3_key, nonce, 'another'));
  return JSON.parse(content);
}

test('v3: an order is made in every way, paid, asked about, refunded, and told', async () => {
  const native = number('N');
  const made = await wxpay.v3.pay.partner.transactions.native.post(prepaid(native));
  assert.match(made.data.code_url, /^weixin:\/\//);
  const waiting = await orderByNo(native);
  assert.equal(waiting.data.trade_state, 'NOTPAY');
  await control('pay', { code: made.data.code_url });
  const paid = opened(await listener.notice(`/${native}`));
  assert.equal(paid.trade_state, 'SUCCESS');
  assert.equal(paid.out_trade_no, native);
  const id = paid.transaction_id;
  const found = await wxpay.v3.pay.partner.transactions.id.$id$.get({ params: parties, id });
  assert.equal(found.data.out_trade_no, native);

  const refund = number('R');
  const asked = await wxpay.v3.refund.domestic.refunds.post({
    sub_mchid: our.sub_mchid,
    out_trade_no: native,
    out_refund_no: refund,
    notify_url: listener.url(`/${refund}`),
    amount: { refund: 20, total: 120, currency: 'CNY' },
  });
  assert.equal(asked.data.status, 'PROCESSING');
  const told = opened(await listener.notice(`/${refund}`));
  assert.equal(told.refund_status, 'SUCCESS');
  const params = { sub_mchid: our.sub_mchid };
  const done = await wxpay.v3.refund.domestic.refunds.$refund$.get({ params, refund });
  assert.equal(done.data.status, 'SUCCESS');

  const page = number('J');
  const jsapi = await wxpay.v3.pay.partner.transactions.jsapi.post(
    prepaid(page, { payer: { sp_openid: OPENID } }),
  );
  assert.ok(jsapi.data.prepay_id);
  await control('pay', { code: jsapi.data.prepay_id });
  assert.equal((await orderByNo(page)).data.trade_state, 'SUCCESS');

  const app = await wxpay.v3.pay.partner.transactions.app.post(prepaid(number('A')));
  assert.ok(app.data.prepay_id);
  const scene = { payer_client_ip: '127.0.0.1', h5_info: { type: 'Wap' } };
  const h5 = await wxpay.v3.pay.partner.transactions.h5.post(prepaid(number('H'), { scene_info: scene }));
  assert.match(h5.data.h5_url, /^https:/);

  const shut = number('C');
  await wxpay.v3.pay.partner.transactions.native.post(prepaid(shut));
  const closed = await wxpay.v3.pay.partner.transactions.outTradeNo.$no$.close.post(parties, { no: shut });
  assert.equal(closed.status, 204);
  assert.equal((await orderByNo(shut)).data.trade_state, 'CLOSED');
});

test('v3: the prefix is signed where it stands in the address', async () => {
  const prefixed = merchant({ baseURL: `${SANDBOX}/wechat/` });
  const made = await prefixed.v3.pay.partner.transactions.native.post(prepaid(number('N')));
  assert.ok(made.data.code_url);
});

test('v3: refusals come in the form that the SDK knows', async () => {
  await assert.rejects(orderByNo(number('X')), ({ response }) => {
    assert.equal(response.status, 404);
    assert.equal(response.data.code, 'ORDER_NOT_EXIST');
    return true;
  });
});

test('v3: controls that must fail do', async () => {
  const order = () => prepaid(number('N'));
  const refused = (client, check) => assert.rejects(
    client.v3.pay.partner.transactions.native.post(order()),
    check,
  );
  const other = merchant({ privateKey: keys.unionpay.provider_private_key_pem });
  await refused(other, ({ response }) => response.status === 401 && response.data.code === 'SIGN_ERROR');
  const stranger = merchant({ certs: { [our.wechatpay_public_key_id]: keys.unionpay.unionpay_public_key_pem } });
  await refused(stranger, ({ code }) => code === 'EV3_RES_HEADER_SIGNATURE_DIGEST');
  const unnamed = merchant({ certs: { PUB_KEY_ID_ANOTHER: our.wechatpay_public_key_pem } });
  await refused(unnamed, ({ code }) => code === 'EV3_RES_HEADER_PLATFORM_SERIAL');
  for (const [fault, code] of [
    ['wrong_signature', 'EV3_RES_HEADER_SIGNATURE_DIGEST'],
    ['sign_test', 'EV3_RES_HEADER_SIGNATURE_DIGEST'],
    ['unknown_serial', 'EV3_RES_HEADER_PLATFORM_SERIAL'],
    ['stale_timestamp', 'EV3_RES_HEADER_TIMESTAMP_OFFSET'],
  ]) {
    await control('faults', { channel: 'wechat', verb: 'prepay', fault, count: 1 });
    await refused(wxpay, (error) => error.code === code);
  }
});

test('v3: certificates are opened, and verify what is signed by them', async () => {
  await control('wechat_keys', { phase: 'certificate' });
  try {
    // As the SDK's own downloader does it: nothing verifies the answer that brings the first certificate.
    const privateKey = createPrivateKey(our.merchant_private_key_pem);
    const [nonce, timestamp, path] = [Formatter.nonce(), Formatter.timestamp(), '/v3/certificates'];
    const signature = Rsa.sign(Formatter.request('GET', path, timestamp, nonce), privateKey);
    const Authorization = Formatter.authorization(our.sp_mchid, nonce, signature, timestamp, our.merchant_serial_no);
    const answer = await fetch(`${SANDBOX}${path}`, {
      headers: { Authorization, Accept: 'application/json', 'User-Agent': 'sdk' },
    });
    const body = await answer.text();
    const certs = Object.fromEntries(JSON.parse(body).data.map(({ serial_no: serial, encrypt_certificate: box }) => {
      const pem = Aes.AesGcm.decrypt(box.ciphertext, our.api_v3_key, box.nonce, box.associated_data);
      assert.equal(new X509Certificate(pem).serialNumber, serial);
      return [serial, Rsa.from(pem, Rsa.KEY_TYPE_PUBLIC)];
    }));
    const header = (name) => answer.headers.get(`wechatpay-${name}`);
    const text = Formatter.response(header('timestamp'), header('nonce'), body);
    assert.ok(Rsa.verify(text, header('signature'), certs[header('serial')]));

    const older = merchant({ certs });
    const no = number('N');
    const made = await older.v3.pay.partner.transactions.native.post(prepaid(no));
    await control('pay', { code: made.data.code_url });
    assert.equal(opened(await listener.notice(`/${no}`), certs).out_trade_no, no);
    await assert.rejects(orderByNo(no), ({ code }) => code === 'EV3_RES_HEADER_PLATFORM_SERIAL');
  } finally {
    await control('wechat_keys', { phase: 'public_key' });
  }
});

const v2Order = (no, more = {}) => ({
  ...v2Parties, body: '茶 & <cake>', out_trade_no: no, total_fee: '120', spbill_create_ip: '127.0.0.1', ...more,
});

test('v2: a payment code is paid, asked about, refunded and reversed', async () => {
  for (const type of ['MD5', 'HMAC-SHA256']) {
    const sign_type = type;
    const no = number('M');
    const paid = await wxpay.v2.pay.micropay(v2Order(no, { auth_code: wechatCode('00'), sign_type }));
    assert.equal(paid.data.trade_type, 'MICROPAY');
    const asked = await wxpay.v2.pay.orderquery({ ...v2Parties, out_trade_no: no, sign_type });
    assert.equal(asked.data.trade_state, 'SUCCESS');
    const refund = number('R');
    const about = { ...v2Parties, out_trade_no: no, out_refund_no: refund, total_fee: '120', refund_fee: '20', sign_type };
    const taken = await wxpay.v2.secapi.pay.refund({ ...about, notify_url: listener.url(`/${refund}`) });
    assert.equal(taken.data.out_refund_no, refund);
    const found = await wxpay.v2.pay.refundquery({ ...v2Parties, out_refund_no: refund, sign_type });
    assert.equal(found.data.out_refund_no_0, refund);
    const notice = Transformer.toObject((await listener.notice(`/${refund}`)).body);
    const sealed = Aes.AesEcb.decrypt(notice.req_info, Hash.md5(our.api_v2_key));
    assert.equal(Transformer.toObject(sealed).out_refund_no, refund);
    const other = number('M');
    await wxpay.v2.pay.micropay(v2Order(other, { auth_code: wechatCode('00'), sign_type }));
    const reversed = await wxpay.v2.secapi.pay.reverse({ ...v2Parties, out_trade_no: other, sign_type });
    assert.equal(reversed.data.recall, 'N');
  }
});

test('v2: a prepaid order is told once it is paid, and closed', async () => {
  const no = number('U');
  const unpaid = v2Order(no, { notify_url: listener.url(`/${no}`), trade_type: 'NATIVE', product_id: '1' });
  const made = await wxpay.v2.pay.unifiedorder(unpaid);
  assert.match(made.data.code_url, /^weixin:\/\//);
  await control('pay', { code: made.data.code_url });
  const notice = Transformer.toObject((await listener.notice(`/${no}`)).body);
  assert.equal(notice.out_trade_no, no);
  const key = our.api_v2_key;
  assert.ok(Hash.equals(Hash.sign(Hash.ALGO_MD5, notice, key), notice.sign));
  assert.ok(!Hash.equals(Hash.sign(Hash.ALGO_MD5, { ...notice, total_fee: '1' }, key), notice.sign));
  const shut = number('U');
  await wxpay.v2.pay.unifiedorder({ ...unpaid, out_trade_no: shut });
  const closed = await wxpay.v2.pay.closeorder({ ...v2Parties, out_trade_no: shut });
  assert.equal(closed.data.result_code, 'SUCCESS');
});

test('v2: faces are paid by, and payers of codes are found', async () => {
  const now = `${Formatter.timestamp()}`;
  const credential = await wxpay.v2.face.get_wxpayface_authinfo({
    ...v2Parties, store_id: 's1', store_name: '一店', device_id: 'd1', rawdata: 'raw', now, version: '1', sign_type: 'MD5',
  });
  assert.ok(credential.data.authinfo);
  const sign_type = 'HMAC-SHA256';
  const no = number('F');
  const { notify_url: _, ...order } = v2Order(no, { face_code: 'face00', fee_type: 'CNY', sign_type });
  const paid = await wxpay.v2.pay.facepay(order);
  assert.equal(paid.data.trade_type, 'FACEPAY');
  const asked = await wxpay.v2.pay.facepayquery({ ...v2Parties, out_trade_no: no, sign_type });
  assert.equal(asked.data.trade_state, 'SUCCESS');
  const reversed = await wxpay.v2.secapi.pay.facepayreverse({ ...v2Parties, out_trade_no: no, sign_type });
  assert.equal(reversed.data.recall, 'N');
  const payer = await wxpay.v2.tools.authcodetoopenid({ ...v2Parties, auth_code: wechatCode('00') });
  assert.ok(payer.data.openid);
});

test('v2: controls that must fail do', async () => {
  const pay = (client, digits) => client.v2.pay.micropay(v2Order(number('M'), { auth_code: wechatCode(digits) }));
  const other = merchant({ secret: '0'.repeat(32) });
  await assert.rejects(pay(other, '00'), ({ code, response }) => {
    assert.equal(code, 'EV2_RES_STATUS_CODE_NOT_SUCESS');
    assert.equal(response.data.return_code ?? Transformer.toObject(response.data).return_code, 'FAIL');
    return true;
  });
  await assert.rejects(pay(wxpay, '99'), ({ code }) => code === 'EV2_RES_SIGNATURE_NOT_EQUAL');
  await assert.rejects(pay(wxpay, '93'), ({ code }) => code === 'EV2_RES_STATUS_CODE_NOT_SUCESS');
});

test('every call of WeChat was made', async () => {
  await eventually('nothing is left', async () => (await uncalled('wechat')).length === 0)
    .catch(async () => assert.deepEqual(await uncalled('wechat'), []));
});
