//! Wallets as the payer sees them, scenes, and what a payment was funded with.

use serde::{Deserialize, Serialize};

/// 支付方式: the wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalletKind {
    /// 微信支付
    Wechat,
    /// 支付宝
    Alipay,
    /// 云闪付 and bank apps
    Unionpay,
    /// QQ钱包
    Qq,
    /// 京东支付
    Jd,
    /// 翼支付
    Bestpay,
    /// 数字人民币
    Ecny,
    /// 苏宁支付
    Suning,
}

impl WalletKind {
    /// Every wallet, in the order of the table of payment codes.
    pub const ALL: [Self; 8] = [
        Self::Wechat,
        Self::Alipay,
        Self::Unionpay,
        Self::Qq,
        Self::Jd,
        Self::Bestpay,
        Self::Ecny,
        Self::Suning,
    ];

    /// The word in tables and configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::Unionpay => "unionpay",
            Self::Qq => "qq",
            Self::Jd => "jd",
            Self::Bestpay => "bestpay",
            Self::Ecny => "ecny",
            Self::Suning => "suning",
        }
    }

    /// The wallet of a word of [`WalletKind::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wallet| wallet.as_str() == word)
    }
}

/// 支付场景: how the payer and the order meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scene {
    /// 付款码: the merchant scans the payer's code.
    Barcode,
    /// 刷脸: the shop's terminal recognised the payer's face.
    Face,
    /// 扫码: the payer scans the order's code, which leads to our cashier page.
    Qr,
    /// 扫码: the payer scans a code that the wallet itself gave.
    Native,
    /// 公众号、生活号: a page inside the wallet invokes it.
    Jsapi,
    /// 小程序: a mini program inside the wallet invokes it.
    MiniProgram,
    /// The merchant's own app on the payer's phone invokes it.
    App,
}

impl Scene {
    /// Every scene.
    pub const ALL: [Self; 7] = [
        Self::Barcode,
        Self::Face,
        Self::Qr,
        Self::Native,
        Self::Jsapi,
        Self::MiniProgram,
        Self::App,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Barcode => "barcode",
            Self::Face => "face",
            Self::Qr => "qr",
            Self::Native => "native",
            Self::Jsapi => "jsapi",
            Self::MiniProgram => "mini_program",
            Self::App => "app",
        }
    }

    /// Whether the payer has consented before the first call, so that the money is taken by it; in
    /// the other scenes nothing moves before the payer acts.
    #[must_use]
    pub const fn takes_at_once(self) -> bool {
        matches!(self, Self::Barcode | Self::Face)
    }

    /// The scene of a word of [`Scene::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scene| scene.as_str() == word)
    }
}

/// What the payer paid with, as far as the channel says (ruling 34).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Funding {
    /// Credit card.
    Credit,
    /// The wallet's own credit line (花呗).
    WalletCredit,
    /// Debit card.
    Debit,
    /// Wallet balance.
    Balance,
    /// The channel does not say. Counts as credit where a fee depends on it (ruling 5).
    Unknown,
}

/// One row of the table that tells a wallet from a payment code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodePrefix {
    /// First two digits.
    pub prefix: String,
    /// Shortest length, in digits.
    pub length_min: usize,
    /// Longest length, in digits.
    pub length_max: usize,
    /// The wallet that shows such codes.
    pub wallet: WalletKind,
}

/// The table of payment-code prefixes: configuration, since wallets add to it without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePrefixes(Vec<CodePrefix>);

impl CodePrefixes {
    /// A table; two rows must not claim the same code.
    ///
    /// # Errors
    /// The prefix that stands twice with overlapping lengths.
    pub fn try_new(rows: Vec<CodePrefix>) -> Result<Self, String> {
        for (index, row) in rows.iter().enumerate() {
            let clash = rows.iter().take(index).any(|other| {
                other.prefix == row.prefix
                    && other.length_min <= row.length_max
                    && row.length_min <= other.length_max
            });
            if clash {
                return Err(format!("payment-code prefix {} stands twice", row.prefix));
            }
        }
        Ok(Self(rows))
    }

    /// The wallet of `auth_code`, `None` if no row fits both prefix and length: never a default.
    #[must_use]
    pub fn wallet_of(&self, auth_code: &str) -> Option<WalletKind> {
        if !auth_code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let fits = |row: &&CodePrefix| {
            auth_code.starts_with(&row.prefix)
                && (row.length_min..=row.length_max).contains(&auth_code.len())
        };
        self.0.iter().find(fits).map(|row| row.wallet)
    }
}

impl Default for CodePrefixes {
    /// The table known today (channel notes, section 5).
    fn default() -> Self {
        let row = |prefix: &str, length_min, length_max, wallet| CodePrefix {
            prefix: prefix.to_owned(),
            length_min,
            length_max,
            wallet,
        };
        let mut rows: Vec<_> = (10..=15)
            .map(|prefix| row(&prefix.to_string(), 18, 18, WalletKind::Wechat))
            .collect();
        rows.extend((25..=30).map(|prefix| row(&prefix.to_string(), 16, 24, WalletKind::Alipay)));
        rows.extend([
            row("62", 19, 19, WalletKind::Unionpay),
            row("91", 18, 18, WalletKind::Qq),
            row("51", 18, 18, WalletKind::Bestpay),
            row("18", 18, 18, WalletKind::Jd),
            row("01", 19, 19, WalletKind::Ecny),
            row("83", 18, 18, WalletKind::Suning),
        ]);
        Self(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_code_names_its_wallet_by_prefix_and_length() {
        let table = CodePrefixes::default();
        for (code, wallet) in [
            ("134886863488188613", Some(WalletKind::Wechat)),
            ("284214903060794755", Some(WalletKind::Alipay)),
            ("6220485073630469936", Some(WalletKind::Unionpay)),
            ("13488686348818861", None),
            ("991234567890123456", None),
            ("13488686348818861x", None),
        ] {
            assert_eq!(table.wallet_of(code), wallet, "{code}");
        }
    }

    #[test]
    fn two_rows_for_one_code_are_refused() {
        let row = CodePrefix {
            prefix: "13".to_owned(),
            length_min: 18,
            length_max: 18,
            wallet: WalletKind::Wechat,
        };
        assert!(CodePrefixes::try_new(vec![row.clone(), row]).is_err());
    }
}
