//! A fee that is entered becomes a checked proposal.

use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::directory::Contract;
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::fee::{CardKind, Clamp, FeeProposal, FeeTerms, Place, Speed, Tariff, parse_rate};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::ChannelAccountId;
use heliu_trade::money::parse_yuan;
use heliu_trade::time::{DAY_MS, Timestamp};
use heliu_trade::wallet::WalletKind;
use serde::{Deserialize, Serialize};

use super::check::check_version;
use crate::Office;
use crate::error::OfficeError;
use crate::owners;

/// A fee for some of an owner's payments, in words; the others' stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NewFees {
    /// Whose: `merchant:ID` or `agent:ID`.
    pub owner: String,
    /// The wallet's word.
    pub wallet: String,
    /// Through which channel account; of a merchant its only one for the wallet, of an agent all
    /// that have no fee of their own, unless it is told.
    pub channel_account_id: Option<String>,
    /// The rate as a percentage, such as `0.38%`.
    pub rate: String,
    /// The fixed part, in yuan.
    pub fixed: Option<String>,
    /// The least, in yuan.
    pub least: Option<String>,
    /// The most, in yuan.
    pub most: Option<String>,
    /// The limits hold the rate's part only.
    pub is_fixed_beyond: bool,
    /// For payments of this speed: `t1` or `t0`; `t1` if absent.
    pub speed: Option<String>,
    /// For cards of this kind: `debit` or `credit`.
    pub card: Option<String>,
    /// For amounts from here on, in yuan.
    pub from_yuan: Option<String>,
    /// For amounts below this, in yuan.
    pub until_yuan: Option<String>,
    /// When the day in Beijing begins (UTC) on which it comes into force; at once if absent.
    pub midnight: Option<Timestamp>,
}

/// The next version of an owner's schedule, of which nothing is wrong as the books stand.
pub(super) async fn proposal(office: &Office, new: &NewFees) -> Result<FeeProposal, OfficeError> {
    let now = office.engine().clock().now();
    let owner = owners::find(office, &new.owner).await?;
    let mut faults = Faults::new();
    let wallet = WalletKind::parse(&new.wallet);
    if wallet.is_none() {
        let known = WalletKind::ALL.map(|wallet| wallet.as_str().to_owned());
        faults.add("wallet", Problem::NotOneOf(known.into()));
    }
    let terms = terms(new, &mut faults);
    let place = place(new, &mut faults);
    let from = from(new.midnight, now, &mut faults);
    faults.into_result()?;
    let Some(wallet) = wallet else {
        return Err(OfficeError::new("no wallet is named"));
    };
    let account = account(office, &owner, wallet, new.channel_account_id.as_deref()).await?;
    let standing = office.store().list_fees(owner.clone()).await?;
    let newest = standing
        .iter()
        .rfind(|it| it.is_of(wallet, account.as_ref()));
    let proposal = FeeProposal {
        tariff: tariff(newest, place, terms)?,
        follows: newest.map_or(0, |newest| newest.version),
        owner,
        wallet,
        channel_account_id: account,
        from,
    };
    let stands = |newest: &FeeVersion| newest.tariff == proposal.tariff && newest.from <= now;
    if proposal.from.is_none() && newest.is_some_and(stands) {
        return Err(OfficeError::new("this is what stands already"));
    }
    check_version(office, &proposal.version(now)).await?;
    Ok(proposal)
}

/// The newest tariff with another fee for some payments.
fn tariff(
    newest: Option<&FeeVersion>,
    place: Place,
    terms: FeeTerms,
) -> Result<Tariff, OfficeError> {
    let tariff = match newest {
        Some(newest) => newest.tariff.clone().with(place, terms),
        None if place == Place::default() => terms.into(),
        None => {
            return Err(OfficeError::with_cure(
                "nothing is said yet of payments of other kinds",
                "say first what all payments cost, without --speed, --card, --from-yuan and \
                 --until-yuan",
            ));
        }
    };
    let told = |fault| {
        let cure = "heliu fees show OWNER lists the lines that stand";
        OfficeError::with_cure(format!("the fees do not fit together: {fault}"), cure)
    };
    tariff.check().map_err(told)?;
    Ok(tariff)
}

fn terms(new: &NewFees, faults: &mut Faults) -> FeeTerms {
    let rate_ppm = parse_rate(&new.rate).unwrap_or_else(|fault| {
        faults.add("rate", Problem::unfit(format!("is none: {fault}"), ""));
        0
    });
    let terms = FeeTerms {
        rate_ppm,
        credit_extra_ppm: 0,
        fixed_fen: yuan("fixed", new.fixed.as_ref(), faults).unwrap_or(0),
        min_fen: yuan("min", new.least.as_ref(), faults).unwrap_or(0),
        max_fen: yuan("max", new.most.as_ref(), faults),
        clamp: if new.is_fixed_beyond {
            Clamp::First
        } else {
            Clamp::Last
        },
    };
    if terms.max_fen.is_some_and(|most| most < terms.min_fen) {
        faults.add("max", Problem::unfit("is below min", ""));
    }
    terms
}

fn place(new: &NewFees, faults: &mut Faults) -> Place {
    let speed = new.speed.as_deref().map(Speed::parse);
    if speed == Some(None) {
        let known = Speed::ALL.map(|speed| speed.as_str().to_owned());
        faults.add("speed", Problem::NotOneOf(known.into()));
    }
    let card = new.card.as_deref().map(CardKind::parse);
    if card == Some(None) {
        let known = CardKind::ALL.map(|kind| kind.as_str().to_owned());
        faults.add("card", Problem::NotOneOf(known.into()));
    }
    let place = Place {
        speed: speed.flatten().unwrap_or_default(),
        card: card.flatten(),
        from_fen: yuan("from-yuan", new.from_yuan.as_ref(), faults).unwrap_or(0),
        until_fen: yuan("until-yuan", new.until_yuan.as_ref(), faults),
    };
    if place.until_fen.is_some_and(|until| until <= place.from_fen) {
        let problem = Problem::unfit("is not above from-yuan", "");
        faults.add("until-yuan", problem);
    }
    place
}

/// An amount in fen, if one is given.
fn yuan(field: &str, text: Option<&String>, faults: &mut Faults) -> Option<i64> {
    let text = text?;
    let amount_fen = parse_yuan(text).filter(|fen| *fen >= 0);
    if amount_fen.is_none() {
        let form = "an amount in yuan with at most two decimal places, such as 0.10";
        faults.add(field, Problem::Malformed(form.to_owned()));
    }
    amount_fen
}

/// When it begins; today is at once.
fn from(midnight: Option<Timestamp>, now: Timestamp, faults: &mut Faults) -> Option<Timestamp> {
    let midnight = midnight?;
    if midnight.plus_ms(DAY_MS) <= now {
        let why = "is over: what was paid keeps its fee";
        faults.add(
            "from-date",
            Problem::unfit(why, "name today or a later day"),
        );
    }
    Some(midnight).filter(|midnight| *midnight > now)
}

/// The account that a schedule is for.
async fn account(
    office: &Office,
    owner: &Owner,
    wallet: WalletKind,
    named: Option<&str>,
) -> Result<Option<ChannelAccountId>, OfficeError> {
    let word = wallet.as_str();
    match owner {
        Owner::Platform => Err(OfficeError::with_cure(
            "the platform pays no fees",
            "what channels take is a setting of their accounts: heliu channels put",
        )),
        Owner::Agent(_) => standing_account(office, named).await,
        Owner::Merchant(merchant_id) => {
            let standing = office.store().find_merchant(merchant_id).await?;
            let contracts = standing.map(|it| it.contracts).unwrap_or_default();
            let is_meant = |of: &&Contract| {
                of.wallet == wallet && named.is_none_or(|id| of.channel_account_id.as_str() == id)
            };
            let found: Vec<_> = contracts.iter().filter(is_meant).collect();
            match found.as_slice() {
                [contract] => Ok(Some(contract.channel_account_id.clone())),
                // The fee of a contract that is yet to come.
                [] if named.is_some() => standing_account(office, named).await,
                [] => Err(OfficeError::with_cure(
                    format!("{owner} has no contract for {word}"),
                    format!(
                        "heliu merchants show {merchant_id} lists its contracts; of one that is \
                         yet to come name the account: --channel"
                    ),
                )),
                _ => Err(OfficeError::with_cure(
                    format!("{owner} has several contracts for {word}"),
                    "name one by its account: --channel",
                )),
            }
        }
    }
}

/// An account that is named, which must be there.
async fn standing_account(
    office: &Office,
    named: Option<&str>,
) -> Result<Option<ChannelAccountId>, OfficeError> {
    let account = named.map(ChannelAccountId::from);
    if let Some(id) = &account
        && office.store().find_channel_account(id).await?.is_none()
    {
        let cure = "heliu channels list shows which there are";
        let what = format!("there is no channel account {id}");
        return Err(OfficeError::with_cure(what, cure));
    }
    Ok(account)
}
