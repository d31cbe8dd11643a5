//! Which of a merchant's contracts a payment goes by.

use serde::{Deserialize, Serialize};

use crate::directory::Contract;
use crate::id::{ChannelAccountId, MerchantId};
use crate::wallet::WalletKind;

/// What names a contract: a merchant has at most one for a wallet through an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContractKey {
    /// Whose.
    pub merchant_id: MerchantId,
    /// For which wallet.
    pub wallet: WalletKind,
    /// Through which channel account.
    pub channel_account_id: ChannelAccountId,
}

impl Contract {
    /// What names it.
    #[must_use]
    pub fn key(&self) -> ContractKey {
        ContractKey {
            merchant_id: self.merchant_id.clone(),
            wallet: self.wallet,
            channel_account_id: self.channel_account_id.clone(),
        }
    }

    /// Whether it is the one that `key` names.
    #[must_use]
    pub fn is(&self, key: &ContractKey) -> bool {
        self.wallet == key.wallet
            && self.channel_account_id == key.channel_account_id
            && self.merchant_id == key.merchant_id
    }
}

/// The contract by which a wallet is paid: of a merchant's contracts for it the one with the lowest
/// priority number, and the first account by its id where two nodes wrote equal numbers at once.
/// `None` if there is none for the wallet.
#[must_use]
pub fn contract_for(contracts: &[Contract], wallet: WalletKind) -> Option<&Contract> {
    let of_wallet = contracts.iter().filter(|of| of.wallet == wallet);
    of_wallet.min_by_key(|of| (of.routing.priority, &of.channel_account_id))
}

#[cfg(test)]
mod tests {
    use super::contract_for;
    use crate::directory::Contract;
    use crate::directory::RoutingTerms;
    use crate::fee::Tariff;
    use crate::wallet::WalletKind;

    /// Contracts in words `WALLET ACCOUNT PRIORITY`.
    fn contracts(words: &[(WalletKind, &str, u32)]) -> Vec<Contract> {
        let one = |(wallet, account, priority): &(WalletKind, &str, u32)| Contract {
            merchant_id: "m".into(),
            wallet: *wallet,
            channel_account_id: (*account).into(),
            sub_merchant_id: String::new(),
            sub_app_id: None,
            fee: Tariff::default(),
            routing: RoutingTerms {
                priority: *priority,
                ..RoutingTerms::default()
            },
        };
        words.iter().map(one).collect()
    }

    #[test]
    fn the_lowest_priority_number_of_the_wallet_is_taken() {
        use WalletKind::{Alipay, Unionpay, Wechat};
        let none: &[(WalletKind, &str, u32)] = &[];
        for (given, wallet, taken) in [
            (none, Wechat, None),
            (&[(Alipay, "a", 0)], Wechat, None),
            (&[(Wechat, "a", 7)], Wechat, Some("a")),
            (&[(Wechat, "a", 2), (Wechat, "b", 1)], Wechat, Some("b")),
            (&[(Wechat, "b", 1), (Wechat, "a", 2)], Wechat, Some("b")),
            (&[(Alipay, "a", 0), (Wechat, "b", 9)], Wechat, Some("b")),
            (&[(Wechat, "a", 10), (Wechat, "b", 9)], Wechat, Some("b")),
            (&[(Wechat, "b", 0), (Wechat, "a", 0)], Wechat, Some("a")),
            (&[(Wechat, "a", 0), (Unionpay, "b", 1)], Unionpay, Some("b")),
        ] {
            let all = contracts(given);
            let found = contract_for(&all, wallet);
            let account = found.map(|contract| contract.channel_account_id.as_str());
            assert_eq!(account, taken, "{given:?}");
        }
    }
}
