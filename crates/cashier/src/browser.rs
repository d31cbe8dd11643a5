//! Which wallet's browser has opened the page.

use heliu_trade::wallet::WalletKind;

/// The wallet whose browser sends this `User-Agent`, `None` for any other browser.
#[must_use]
pub(crate) fn wallet(user_agent: &str) -> Option<WalletKind> {
    let marks = [
        ("MicroMessenger", WalletKind::Wechat),
        ("AlipayClient", WalletKind::Alipay),
        ("UnionPay/", WalletKind::Unionpay),
    ];
    marks
        .into_iter()
        .find(|(mark, _)| user_agent.contains(mark))
        .map(|(_, wallet)| wallet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wallet_is_told_by_its_browser() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (iPhone) MicroMessenger/8.0.40",
                Some(WalletKind::Wechat),
            ),
            ("Mozilla/5.0 AlipayClient/10.5.20", Some(WalletKind::Alipay)),
            ("Mozilla/5.0 (X11; Linux) Firefox/128.0", None),
        ] {
            assert_eq!(wallet(agent), expected, "{agent}");
        }
    }
}
