// Hands the order to the wallet whose browser shows this page; what it takes stands in the data
// element. What the wallet's script says is only a reason to ask the platform: see follow.js.
(function () {
  'use strict';
  var BRIDGE_MS = 3000;
  var HEARING_MS = 15000;
  var words = document.currentScript.dataset;
  var order = JSON.parse(document.getElementById('heliu-invocation').textContent);
  var shown = document.getElementById('state');
  var button = document.getElementById('pay');
  var code = document.getElementById('code');
  var isOpen = false;

  // Where the order has gone on, what the platform said of it stays.
  function isWaiting() {
    var state = shown.getAttribute('data-state');
    return state === 'open' || state === 'paying';
  }

  function say(text) { if (isWaiting()) { shown.textContent = text; } }

  function offerAgain(text) {
    if (!isWaiting()) { return; }
    say(text);
    button.hidden = false;
  }

  function heard(isPaid) {
    isOpen = false;
    document.dispatchEvent(new Event('heliu-ask'));
    if (!isPaid) { offerAgain(words.unfinished); return; }
    button.hidden = true;
    say(words.checking);
    window.setTimeout(function () { offerAgain(words.unheard); }, HEARING_MS);
  }

  function payByWechat() {
    window.WeixinJSBridge.invoke('getBrandWCPayRequest', {
      appId: order.appId, timeStamp: order.timeStamp, nonceStr: order.nonceStr,
      package: order.package, signType: order.signType, paySign: order.paySign
    }, function (result) {
      heard(result.err_msg === 'get_brand_wcpay_request:ok');
    });
  }

  function payByAlipay() {
    window.AlipayJSBridge.call('tradePay', { tradeNO: order.tradeNO }, function (result) {
      heard(result.resultCode === '9000');
    });
  }

  var wallets = {
    wechat: { bridge: 'WeixinJSBridge', ready: 'WeixinJSBridgeReady', pay: payByWechat },
    alipay: { bridge: 'AlipayJSBridge', ready: 'AlipayJSBridgeReady', pay: payByAlipay }
  };
  var wallet = wallets[order.wallet];

  function hasBridge() { return Boolean(wallet && window[wallet.bridge]); }

  // One press, one wallet: a second one while it is open does nothing.
  function pay() {
    if (isOpen || !isWaiting()) { return; }
    if (!hasBridge()) { offerCode(); return; }
    isOpen = true;
    button.hidden = true;
    say(words.opening);
    wallet.pay();
  }

  function offerCode() {
    if (!isWaiting()) { return; }
    button.hidden = true;
    if (code) { code.hidden = false; }
    say(words.noBridge);
  }

  button.addEventListener('click', pay);
  if (hasBridge()) { pay(); return; }
  say(words.opening);
  if (wallet) {
    document.addEventListener(wallet.ready, function () {
      if (code) { code.hidden = true; }
      pay();
    }, false);
  }
  window.setTimeout(function () { if (!hasBridge()) { offerCode(); } }, BRIDGE_MS);
}());
