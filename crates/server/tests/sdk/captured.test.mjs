// What our connectors have just sent to the sandbox, checked with the SDKs' primitives: signatures over the bytes that
// came, by the keys of the platform's side.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlipaySdk } from 'alipay-sdk';
import plugin from 'wechatpay-axios-plugin';
import { keys, publicHalf, received } from './world.mjs';

const { Formatter, Hash, Rsa, Transformer } = plugin;
const exchanges = await received();
const below = (prefix) => exchanges.filter((one) => one.line.split(' ')[1].startsWith(prefix));
const merchantKey = publicHalf(keys.wechat.merchant_private_key_pem);

test('v3 requests are signed over their method, target, time, nonce and body', () => {
  const requests = below('/wechat/v3/');
  const methods = new Set(requests.map((one) => one.line.split(' ')[0]));
  assert.deepEqual([...methods].sort(), ['GET', 'POST'], 'with a body and without one');
  for (const { line, request } of requests) {
    const [method, target] = line.split(' ');
    const [scheme, attributes] = request.headers.authorization.split(/ (.*)/);
    assert.equal(scheme, 'WECHATPAY2-SHA256-RSA2048');
    const of = Object.fromEntries([...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    assert.equal(of.mchid, keys.wechat.sp_mchid);
    assert.equal(of.serial_no, keys.wechat.merchant_serial_no);
    const text = (body) => Formatter.request(method, target, of.timestamp, of.nonce_str, body);
    assert.ok(Rsa.verify(text(request.body), of.signature, merchantKey), line);
    assert.ok(!Rsa.verify(text(`${request.body} `), of.signature, merchantKey), 'another body is not signed');
    const otherKey = publicHalf(keys.alipay.app_private_key_pem);
    assert.ok(!Rsa.verify(text(request.body), of.signature, otherKey), 'another key did not sign');
  }
});

test('v2 requests are signed over all their fields', () => {
  const requests = [...below('/wechat/pay/'), ...below('/wechat/secapi/')];
  const types = new Set();
  for (const { line, request } of requests) {
    const fields = Transformer.toObject(request.body);
    const type = fields.sign_type ?? Hash.ALGO_MD5;
    types.add(type);
    const key = keys.wechat.api_v2_key;
    assert.ok(Hash.equals(Hash.sign(type, fields, key), fields.sign), line);
    assert.ok(!Hash.equals(Hash.sign(type, { ...fields, body: '?' }, key), fields.sign), 'other fields are not signed');
    assert.ok(!Hash.equals(Hash.sign(type, fields, '0'.repeat(32)), fields.sign), 'another key did not sign');
  }
  assert.deepEqual([...types].sort(), ['HMAC-SHA256', 'MD5'], 'codes and faces');
});

test('Alipay requests are signed over all their parameters', () => {
  const requests = below('/alipay/gateway.do');
  const sdk = (alipayPublicKey) => new AlipaySdk({
    appId: keys.alipay.app_id, privateKey: keys.alipay.app_private_key_pem, keyType: 'PKCS8', alipayPublicKey,
  });
  const ours = sdk(publicHalf(keys.alipay.app_private_key_pem));
  const others = sdk(publicHalf(keys.wechat.merchant_private_key_pem));
  const methods = new Set();
  for (const { line, request } of requests) {
    assert.equal(line, 'POST /alipay/gateway.do', 'tokens and codes stay out of addresses');
    const parameters = Object.fromEntries(new URLSearchParams(request.body));
    methods.add(parameters.method);
    assert.equal(ours.checkNotifySignV2(parameters), true, parameters.method);
    assert.equal(ours.checkNotifySignV2({ ...parameters, biz_content: '{}' }), false, 'other parameters are not signed');
    assert.equal(others.checkNotifySignV2(parameters), false, 'another key did not sign');
  }
  for (const method of ['pay', 'query', 'precreate', 'refund', 'cancel']) {
    assert.ok(methods.has(`alipay.trade.${method}`), `${method} among ${[...methods]}`);
  }
});
