//! What the page says, in one place for the page and for the script that follows the order.

use heliu_trade::order::OrderState;
use heliu_trade::wallet::WalletKind;

/// A wallet's name as its users know it.
#[must_use]
pub(crate) const fn wallet(wallet: WalletKind) -> &'static str {
    match wallet {
        WalletKind::Wechat => "微信",
        WalletKind::Alipay => "支付宝",
        WalletKind::Unionpay => "云闪付",
        WalletKind::Qq => "QQ",
        WalletKind::Jd => "京东",
        WalletKind::Bestpay => "翼支付",
        WalletKind::Ecny => "数字人民币",
        WalletKind::Suning => "苏宁",
    }
}

/// Their names as a sentence lists them: 微信、支付宝或云闪付.
#[must_use]
pub(crate) fn wallets(wallets: &[WalletKind]) -> String {
    let names: Vec<_> = wallets.iter().copied().map(wallet).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{}或{last}", rest.join("、")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

/// Where the order stands. An order whose time is over and whose end the books do not know yet
/// reads like one that has expired.
#[must_use]
pub(crate) const fn state(state: OrderState, is_payable: bool) -> &'static str {
    match state {
        OrderState::Paid => "已支付，谢谢！",
        OrderState::Open | OrderState::Paying if is_payable => "等待付款",
        OrderState::Open | OrderState::Paying | OrderState::Expired => {
            "订单已过期，请让商家重新下单。"
        }
        OrderState::Failed | OrderState::Closed => "订单已关闭，未扣款。",
        OrderState::Reversing | OrderState::Reversed => "订单已撤销，未扣款。",
    }
}

/// Whether nothing more will happen to the order that its payer should see.
#[must_use]
pub(crate) const fn is_end(state: OrderState) -> bool {
    match state {
        OrderState::Paid
        | OrderState::Failed
        | OrderState::Closed
        | OrderState::Expired
        | OrderState::Reversed => true,
        OrderState::Open | OrderState::Paying | OrderState::Reversing => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_lists_wallets_by_their_names() {
        let (wechat, alipay, unionpay) =
            (WalletKind::Wechat, WalletKind::Alipay, WalletKind::Unionpay);
        assert_eq!(wallets(&[]), "");
        assert_eq!(wallets(&[alipay]), "支付宝");
        assert_eq!(wallets(&[wechat, alipay]), "微信或支付宝");
        assert_eq!(wallets(&[wechat, alipay, unionpay]), "微信、支付宝或云闪付");
    }
}
