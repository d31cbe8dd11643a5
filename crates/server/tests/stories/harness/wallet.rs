//! The two wallets that every story plays with.

use super::random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wallet {
    Wechat,
    Alipay,
}

pub(crate) const BOTH: [Wallet; 2] = [Wallet::Wechat, Wallet::Alipay];

impl Wallet {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Wallet::Wechat => "wechat",
            Wallet::Alipay => "alipay",
        }
    }

    pub(crate) fn other(self) -> Wallet {
        match self {
            Wallet::Wechat => Wallet::Alipay,
            Wallet::Alipay => Wallet::Wechat,
        }
    }

    /// A payment code of this wallet; its last two digits steer the sandbox.
    pub(crate) fn code(self, digits: &str) -> String {
        let prefix = if self == Wallet::Wechat { 13 } else { 28 };
        format!("{prefix}{:014}{digits}", random() % 100_000_000_000_000)
    }
}
