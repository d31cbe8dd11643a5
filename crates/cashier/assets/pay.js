// Hands the order to the wallet whose browser shows this page; what it takes stands in the data element.
(function () {
  'use strict';
  var order = JSON.parse(document.getElementById('heliu-invocation').textContent);
  var message = document.getElementById('message');

  function say(text) { message.textContent = text; }

  function end(isPaid) {
    say(isPaid ? '已支付，谢谢！' : '未完成付款，可重试。');
    if (isPaid && order.returnUrl) { window.location.replace(order.returnUrl); }
  }

  function payByWechat() {
    WeixinJSBridge.invoke('getBrandWCPayRequest', {
      appId: order.appId, timeStamp: order.timeStamp, nonceStr: order.nonceStr,
      package: order.package, signType: order.signType, paySign: order.paySign
    }, function (result) {
      end(result.err_msg === 'get_brand_wcpay_request:ok');
    });
  }

  function payByAlipay() {
    AlipayJSBridge.call('tradePay', { tradeNO: order.tradeNO }, function (result) {
      end(result.resultCode === '9000');
    });
  }

  var wallets = {
    wechat: { bridge: 'WeixinJSBridge', ready: 'WeixinJSBridgeReady', pay: payByWechat },
    alipay: { bridge: 'AlipayJSBridge', ready: 'AlipayJSBridgeReady', pay: payByAlipay }
  };
  var wallet = wallets[order.wallet];
  if (!wallet) { say('请用微信或支付宝打开本页。'); return; }
  document.getElementById('pay').addEventListener('click', function () {
    if (window[wallet.bridge]) { wallet.pay(); }
  });
  if (window[wallet.bridge]) { wallet.pay(); } else {
    document.addEventListener(wallet.ready, wallet.pay, false);
  }
}());
