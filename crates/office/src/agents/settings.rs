//! What an agent may do on one wire: switches, and mini programs whose payers it identifies.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_engine::enrolment::names::check_foreign_number;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::Descriptor;
use heliu_trade::directory::{Agent, MerchantState};
use heliu_trade::id::ChannelAccountId;

use crate::error::OfficeError;
use crate::switches;

/// Mini programs whose payers it may identify, each with the account that holds its secret.
pub(super) async fn mini_programs(
    engine: &Engine,
    given: BTreeMap<String, String>,
    faults: &mut Faults,
) -> Result<BTreeMap<String, ChannelAccountId>, OfficeError> {
    let mut mini_programs = BTreeMap::new();
    for (app_id, account) in given {
        let field = format!("mini program {app_id}");
        faults.note(&field, check_foreign_number(&app_id));
        let account = ChannelAccountId::from(account);
        let found = engine.store().find_channel_account(&account).await?;
        if found.is_none() {
            let why = format!("has no secret: there is no channel account {account}");
            let cure = "write one with the mini program's secret first: heliu channels put";
            faults.add(field, Problem::unfit(why, cure));
        }
        mini_programs.insert(app_id, account);
    }
    Ok(mini_programs)
}

/// The switches of its dialect, and what every agent has: the state of new merchants, and the
/// address that is told how payouts ended.
pub(super) fn faults_of_settings(
    engine: &Engine,
    descriptor: &Descriptor,
    settings: &BTreeMap<String, String>,
) -> Faults {
    let mut faults = Faults::new();
    let mut of_dialect = settings.clone();
    let url = of_dialect.remove(Agent::PAYOUT_CALLBACK);
    if let Some(url) = url.filter(|url| !url.is_empty())
        && let Err(why) = engine.check_address(&url)
    {
        let cure = "name an http or https address that is reached from here";
        let field = format!("switch {}", Agent::PAYOUT_CALLBACK);
        faults.add(field, Problem::unfit(why, cure));
    }
    let word = of_dialect.remove(Agent::NEW_MERCHANT_STATE);
    let word = word.filter(|word| !word.is_empty());
    if let Some(word) = word
        && MerchantState::parse(&word).is_none()
    {
        let words = MerchantState::ALL.map(|state| state.as_str().to_owned());
        let field = format!("switch {}", Agent::NEW_MERCHANT_STATE);
        faults.add(field, Problem::NotOneOf(words.into()));
    }
    faults.extend(switches::faults(descriptor.agent_switches, &of_dialect));
    faults
}
