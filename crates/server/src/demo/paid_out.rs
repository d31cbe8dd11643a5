//! How the demonstration's merchants are paid out, and what agents above them pay. Cards and terms
//! take two people; here one half of the demonstration proposes, and the other lets it pass.

use heliu_office::Office;
use heliu_office::actor::Actor;
use heliu_office::cards::{self, NewCard};
use heliu_office::fees::{self, NewFees};
use heliu_office::terms::{self, NewTerms};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::PartyId;
use heliu_trade::wallet::WalletKind;

use crate::failure::Failure;

const HOLDER: &str = "测试法人";
const BRANCH: &str = "演示银行深圳支行";
const CLEARING_NUMBER: &str = "000000000001";

/// The wallets by which the demonstration's merchants are paid.
const WALLETS: [WalletKind; 3] = [WalletKind::Wechat, WalletKind::Alipay, WalletKind::Unionpay];

/// Sows the card of a merchant, and terms by which it is paid on the next working day. What stands
/// stays.
pub(super) async fn sow(office: &Office, merchant_id: &str, card: &str) -> Result<(), Failure> {
    let (maker, checker) = (Actor::platform("demo"), Actor::platform("demo-checker"));
    let owner = format!("merchant:{merchant_id}");
    let terms = NewTerms {
        owner: owner.clone(),
        from: None,
        cycle: Some("T1".to_owned()),
        ..NewTerms::default()
    };
    terms::sow(office, &maker, &checker, terms).await?;
    sow_card(office, &owner, card).await
}

/// Sows the card to which an owner is paid. What stands stays.
pub(super) async fn sow_card(office: &Office, owner: &str, number: &str) -> Result<(), Failure> {
    let (maker, checker) = (Actor::platform("demo"), Actor::platform("demo-checker"));
    let card = NewCard {
        owner: owner.to_owned(),
        number: number.to_owned(),
        holder: HOLDER.to_owned(),
        kind: "private".to_owned(),
        clearing_number: CLEARING_NUMBER.to_owned(),
        bank_branch: BRANCH.to_owned(),
    };
    Ok(cards::sow(office, &maker, &checker, card).await?)
}

/// Sows what an agent pays, of each of these wallets the same; what stands stays.
pub(super) async fn sow_costs(
    office: &Office,
    actor: &Actor,
    agent_id: &str,
    rate: &str,
) -> Result<(), Failure> {
    let owner = Owner::Agent(PartyId::from(agent_id));
    for wallet in WALLETS {
        let standing = office.engine().store().list_fees(owner.clone()).await?;
        if standing.iter().any(|it| it.is_of(wallet, None)) {
            continue;
        }
        let fees = NewFees {
            owner: owner.to_string(),
            wallet: wallet.as_str().to_owned(),
            rate: rate.to_owned(),
            ..NewFees::default()
        };
        fees::set(office, actor, fees).await?;
    }
    Ok(())
}
