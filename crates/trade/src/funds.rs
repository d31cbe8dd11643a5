//! Whose account the channel pays to (資金模式), and what the channel takes for it (通道成本).

use serde::{Deserialize, Serialize};

use crate::fee::{FeeFault, FeeTerms, parse_rate};
use crate::wallet::{Funding, WalletKind};

/// Whom a channel account pays (ruling 59).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FundsMode {
    /// The channel pays the merchant itself, less its own cost and what is the platform's.
    #[default]
    Direct,
    /// The channel pays the platform, which pays the merchant.
    Held,
}

impl FundsMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Direct, Self::Held];

    /// The word of settings and commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Held => "held",
        }
    }

    /// The mode of a word of [`FundsMode::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

/// How an attempt's money comes, and what the channel takes of it; frozen when the attempt is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundsTerms {
    /// Whom the channel pays.
    #[serde(default)]
    pub mode: FundsMode,
    /// What the channel takes for a payment; `None`: nobody has said, and nothing is booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<FeeTerms>,
}

impl FundsTerms {
    /// Whether they are those of an account of which nothing was said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What the channel takes for a payment of which the merchant is to receive `receivable_fen`.
    #[must_use]
    pub fn cost_fen(&self, receivable_fen: i64, funding: Funding) -> i64 {
        self.cost
            .map_or(0, |cost| cost.fee_fen(receivable_fen, funding))
    }
}

/// The terms of a channel account, for each of its wallets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFunds {
    mode: FundsMode,
    costs: Vec<(WalletKind, FeeTerms)>,
}

/// Why a setting of an account says nothing about its funds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FundsFault {
    /// No word of [`FundsMode`].
    #[error("the funds mode is direct or held")]
    NoMode,
    /// The name has a word that is no wallet's.
    #[error("{0} is no wallet")]
    NoWallet(String),
    /// The cost is no rate.
    #[error(transparent)]
    NoCost(#[from] FeeFault),
}

impl AccountFunds {
    /// The setting, beside the channel's own, with the funds mode: a word of [`FundsMode::as_str`].
    pub const MODE: &str = "funds_mode";
    /// Settings with what the channel takes begin so; a wallet's word follows. The text is a rate.
    pub const COST: &str = "cost_";

    /// Whether a setting of this name is about funds, and none of a channel's own.
    #[must_use]
    pub fn is_setting(name: &str) -> bool {
        name == Self::MODE || name.starts_with(Self::COST)
    }

    /// The name of the setting with what the channel takes for a wallet's payments.
    #[must_use]
    pub fn cost_setting(wallet: &str) -> String {
        format!("{}{wallet}", Self::COST)
    }

    /// Takes in a setting; one that is not about funds changes nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(&mut self, name: &str, text: &str) -> Result<(), FundsFault> {
        if name == Self::MODE {
            self.mode = FundsMode::parse(text).ok_or(FundsFault::NoMode)?;
        } else if let Some(word) = name.strip_prefix(Self::COST) {
            let no_wallet = || FundsFault::NoWallet(word.to_owned());
            let wallet = WalletKind::parse(word).ok_or_else(no_wallet)?;
            let cost = FeeTerms {
                rate_ppm: parse_rate(text)?,
                ..FeeTerms::default()
            };
            self.costs.push((wallet, cost));
        }
        Ok(())
    }

    /// What settings say about funds.
    ///
    /// # Errors
    /// What is wrong with the first that is wrong.
    pub fn of<'s>(
        settings: impl IntoIterator<Item = (&'s String, &'s String)>,
    ) -> Result<Self, FundsFault> {
        let mut funds = Self::default();
        for (name, text) in settings {
            funds.take(name, text)?;
        }
        Ok(funds)
    }

    /// The terms for a wallet's payments.
    #[must_use]
    pub fn terms(&self, wallet: WalletKind) -> FundsTerms {
        let cost = self.costs.iter().find(|(of, _)| *of == wallet);
        FundsTerms {
            mode: self.mode,
            cost: cost.map(|(_, cost)| *cost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn funds(settings: &[(&str, &str)]) -> Result<AccountFunds, FundsFault> {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let settings: Vec<_> = settings.iter().map(owned).collect();
        AccountFunds::of(settings.iter().map(|(name, text)| (name, text)))
    }

    #[test]
    fn an_account_of_which_nothing_is_said_pays_the_merchant_itself() {
        let funds = funds(&[("app_id", "wx1")]).expect("sound");
        let terms = funds.terms(WalletKind::Wechat);
        assert_eq!(terms.mode, FundsMode::Direct);
        assert!(terms.is_default());
        assert_eq!(terms.cost_fen(12_345, Funding::Balance), 0);
    }

    #[test]
    fn each_wallet_has_its_own_cost() {
        let settings = [("funds_mode", "held"), ("cost_wechat", "0.2%")];
        let funds = funds(&settings).expect("sound");
        let terms = funds.terms(WalletKind::Wechat);
        assert_eq!(terms.mode, FundsMode::Held);
        assert_eq!(terms.cost_fen(12_345, Funding::Balance), 25);
        let other = funds.terms(WalletKind::Alipay);
        assert_eq!((other.mode, other.cost), (FundsMode::Held, None));
    }

    #[test]
    fn what_nobody_could_mean_is_refused() {
        assert_eq!(funds(&[("funds_mode", "kept")]), Err(FundsFault::NoMode));
        let no_wallet = FundsFault::NoWallet("purse".to_owned());
        assert_eq!(funds(&[("cost_purse", "0.2%")]), Err(no_wallet));
        let too_much = FundsFault::NoCost(FeeFault::OutOfRange);
        assert_eq!(funds(&[("cost_alipay", "11%")]), Err(too_much));
    }
}
