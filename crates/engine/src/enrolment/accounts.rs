//! Accounts with channels: their settings and keys, as the channel states them.

use std::collections::{BTreeMap, BTreeSet};

use heliu_ports::channel::ChannelDescriptor;
use heliu_trade::funds::{AccountFunds, FundsFault, FundsMode};
use heliu_trade::wallet::WalletKind;

use super::{Faults, Problem};

/// Settings of an account, those that stand and those that are new taken together.
#[must_use]
pub fn faults_of_settings(
    channel: &ChannelDescriptor,
    settings: &BTreeMap<String, String>,
) -> Faults {
    let mut faults = Faults::new();
    let field = |name: &str| format!("setting {name}");
    for (name, text) in settings {
        if AccountFunds::is_setting(name) {
            let said = AccountFunds::default().take(name, text);
            faults.note(&field(name), said.map_err(|fault| unfit(&fault)));
            continue;
        }
        match channel.setting(name) {
            None => {
                let known = channel
                    .settings
                    .iter()
                    .map(|setting| setting.name.to_owned());
                faults.add(field(name), Problem::NotOneOf(known.collect()));
            }
            Some(setting) if text.is_empty() && !setting.is_required => {}
            Some(setting) if !text.is_empty() && !setting.form.fits(text) => {
                faults.add(field(name), Problem::Malformed(setting.form.to_string()));
            }
            Some(_) => {}
        }
    }
    let is_there = |name: &str| settings.get(name).is_some_and(|text| !text.is_empty());
    for setting in channel
        .settings
        .iter()
        .filter(|setting| setting.is_required)
    {
        if !is_there(setting.name) {
            faults.add(
                field(setting.name),
                Problem::Missing(setting.about.to_owned()),
            );
        }
    }
    faults
}

/// What is wrong with a setting about an account's money.
fn unfit(fault: &FundsFault) -> Problem {
    match fault {
        FundsFault::NoMode => Problem::NotOneOf(FundsMode::ALL.map(|m| m.as_str().into()).into()),
        FundsFault::NoWallet(word) => {
            let known = WalletKind::ALL.map(WalletKind::as_str).join(", ");
            let why = format!("is for no wallet, which {word} is none of");
            Problem::unfit(why, format!("wallets are {known}"))
        }
        FundsFault::NoCost(fault) => Problem::unfit(format!("is no cost: {fault}"), ""),
    }
}

/// Roles of an account's keys, those that stand and those that are new taken together.
#[must_use]
pub fn faults_of_key_roles(channel: &ChannelDescriptor, roles: &BTreeSet<&str>) -> Faults {
    let mut faults = Faults::new();
    for role in roles.iter().filter(|role| !channel.knows_key(role)) {
        let known = [channel.keys, channel.optional_keys].concat().into_iter();
        let known = known.map(|(role, _)| role.to_owned());
        let named = channel
            .named_keys
            .iter()
            .map(|(role, _)| format!("{role}/SERIAL"));
        faults.add(
            format!("key {role}"),
            Problem::NotOneOf(known.chain(named).collect()),
        );
    }
    for (role, form) in channel
        .keys
        .iter()
        .filter(|(role, _)| !roles.contains(role))
    {
        faults.add(format!("key {role}"), Problem::Missing((*form).to_owned()));
    }
    faults
}

/// Settings as they are written: new ones over those that stand, and empty ones not at all.
#[must_use]
pub fn merged(
    standing: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut settings = standing.clone();
    settings.extend(
        new.iter()
            .map(|(name, text)| (name.clone(), text.trim().to_owned())),
    );
    settings.retain(|_, text| !text.is_empty());
    settings
}

#[cfg(test)]
mod tests {
    use heliu_ports::setting::{Setting, SettingForm};

    use super::*;

    static CHANNEL: ChannelDescriptor = ChannelDescriptor {
        id: "a_channel",
        name: "A channel",
        settings: &[
            Setting::required("number", SettingForm::Digits(4, 8), "our number there"),
            Setting::required("base_url", SettingForm::Address, "where it is"),
            Setting::optional("api", SettingForm::OneOf(&["v2", "v3"]), "which interface"),
        ],
        keys: &[("private", "signs"), ("shared", "text")],
        optional_keys: &[("certificate", "shows who we are")],
        named_keys: &[("public", "verifies")],
        contract_keys: &[],
        check_sub_merchant_id: |_| Ok(()),
        source: "a paper",
    };

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    fn found(faults: &Faults) -> Vec<String> {
        faults
            .iter()
            .map(|fault| format!("{} {}", fault.field, fault.problem))
            .collect()
    }

    #[test]
    fn unknown_missing_and_malformed_settings_are_told_together() {
        let sound = texts(&[
            ("number", "12345"),
            ("base_url", "https://a"),
            ("api", "v2"),
        ]);
        assert_eq!(found(&faults_of_settings(&CHANNEL, &sound)), [""; 0]);
        let nonsense = texts(&[("number", "1"), ("baseurl", "https://a"), ("api", "v4")]);
        assert_eq!(
            found(&faults_of_settings(&CHANNEL, &nonsense)),
            [
                "setting api must be one of v2, v3",
                "setting baseurl is none of number, base_url, api",
                "setting number must be 4 to 8 digits",
                "setting base_url is missing: where it is",
            ]
        );
    }

    #[test]
    fn what_an_account_says_of_its_money_is_no_setting_of_its_channel() {
        let mut settings = texts(&[("number", "12345"), ("base_url", "https://a")]);
        settings.extend(texts(&[("funds_mode", "held"), ("cost_wechat", "0.2%")]));
        assert_eq!(found(&faults_of_settings(&CHANNEL, &settings)), [""; 0]);
        settings.extend(texts(&[
            ("funds_mode", "kept"),
            ("cost_purse", "0.2%"),
            ("cost_wechat", "0.2"),
        ]));
        assert_eq!(
            found(&faults_of_settings(&CHANNEL, &settings)),
            [
                "setting cost_purse is for no wallet, which purse is none of",
                "setting cost_wechat is no cost: a fee is written as a percentage, such as 0.38%",
                "setting funds_mode is none of direct, held",
            ]
        );
    }

    #[test]
    fn unknown_and_missing_keys_are_told_together() {
        let sound = ["private", "shared", "certificate", "public/0A"].into();
        assert_eq!(found(&faults_of_key_roles(&CHANNEL, &sound)), [""; 0]);
        let nonsense = ["privat", "shared", "public"].into();
        assert_eq!(
            found(&faults_of_key_roles(&CHANNEL, &nonsense)),
            [
                "key privat is none of private, shared, certificate, public/SERIAL",
                "key public is none of private, shared, certificate, public/SERIAL",
                "key private is missing: signs",
            ]
        );
    }

    #[test]
    fn a_new_setting_leaves_the_others_and_an_empty_one_takes_its_own_away() {
        let standing = texts(&[
            ("number", "12345"),
            ("api", "v2"),
            ("base_url", "https://a"),
        ]);
        let new = texts(&[("base_url", " https://b\n"), ("api", "")]);
        assert_eq!(
            merged(&standing, &new),
            texts(&[("number", "12345"), ("base_url", "https://b")])
        );
    }
}
