// Follows the order of the page: asks the platform where it stands, shows the answer, and leads
// back to the shop once it is paid. Nobody else is believed. Asks more and more seldom, at once
// when the page is looked at again, and no more after the order's end.
(function () {
  'use strict';
  var FIRST_PAUSE_MS = 1000;
  var LONGEST_PAUSE_MS = 15000;
  var GROWTH = 1.5;
  var url = document.currentScript.getAttribute('data-url');
  var shown = document.getElementById('state');
  var pauseMs = FIRST_PAUSE_MS;
  var timer = null;
  var isAsking = false;
  var isOver = false;

  // While it can be paid the page says itself what its payer is to do.
  function show(order) {
    shown.setAttribute('data-state', order.state);
    if (!order.is_payable) {
      if (shown.textContent !== order.message) { shown.textContent = order.message; }
      document.querySelectorAll('[data-while-payable]').forEach(function (element) {
        element.hidden = true;
      });
    }
    isOver = order.is_end;
    if (order.return_url) { window.location.replace(order.return_url); }
  }

  function later() {
    if (isOver) { return; }
    timer = window.setTimeout(ask, pauseMs);
    pauseMs = Math.min(pauseMs * GROWTH, LONGEST_PAUSE_MS);
  }

  function ask() {
    window.clearTimeout(timer);
    if (isAsking || isOver || document.hidden) { return; }
    isAsking = true;
    fetch(url, { cache: 'no-store' }).then(function (response) {
      return response.ok ? response.json().then(show) : null;
    }).catch(function () { return null; }).then(function () {
      isAsking = false;
      later();
    });
  }

  function askSoon() {
    pauseMs = FIRST_PAUSE_MS;
    ask();
  }

  document.addEventListener('visibilitychange', askSoon);
  // The script that invokes the wallet has heard something from it.
  document.addEventListener('heliu-ask', askSoon);
  later();
}());
