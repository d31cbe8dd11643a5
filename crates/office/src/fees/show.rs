//! What was, is and will be in force.

use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::fee::{CardKind, FeeLine, FeeTerms, Place};
use heliu_trade::id::ChannelAccountId;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;
use serde::{Deserialize, Serialize};

use super::words::terms_text;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::owners::find as named_owner;
use crate::permission::Permission;
use crate::rows::{Fact, Row};
use crate::sheet::{Cell, Column};

/// Whose fees, and which of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FeesAsked {
    /// Whose: `merchant:ID` or `agent:ID`; `None`: all agents'.
    pub owner: Option<String>,
    /// Those too that are over or were replaced before they began.
    pub with_past: bool,
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Payments are charged by it.
    InForce,
    /// It is yet to begin.
    Comes,
    /// A later one is in force.
    Over,
    /// A later one begins before it.
    Replaced,
}

impl VersionState {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Comes => "comes",
            Self::Over => "over",
            Self::Replaced => "replaced",
        }
    }

    /// Where a version stands among those of its owner.
    fn of(version: &FeeVersion, all: &[FeeVersion], now: Timestamp) -> Self {
        let account = version.channel_account_id.as_ref();
        let later = all.iter().filter(|it| {
            it.owner == version.owner
                && it.is_of(version.wallet, account)
                && it.version > version.version
        });
        let has_begun = |from: Timestamp| from <= now;
        let is_followed = later.clone().any(|it| has_begun(it.from));
        match has_begun(version.from) {
            true if is_followed => Self::Over,
            true => Self::InForce,
            false if later.clone().any(|it| it.from <= version.from) => Self::Replaced,
            false => Self::Comes,
        }
    }
}

/// A line of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeRow {
    /// Whose, as people write it.
    pub owner: String,
    /// For which wallet.
    pub wallet: WalletKind,
    /// Through which channel account; `None`: through all that have no schedule of their own.
    pub channel_account_id: Option<ChannelAccountId>,
    /// From 1 on.
    pub version: u32,
    /// Where the version stands.
    pub state: VersionState,
    /// When the version begins (UTC); `None`: before all time.
    pub from: Option<Timestamp>,
    /// For which payments.
    pub place: Place,
    /// What is asked for.
    pub terms: FeeTerms,
    /// The same, as people read it.
    pub fee: String,
}

impl FeeRow {
    /// Whether it is for all payments that no other line of its version is for.
    #[must_use]
    pub fn is_base(&self) -> bool {
        self.place == Place::default()
    }

    /// Whether payments are or will be charged by it.
    pub(crate) fn counts(&self) -> bool {
        matches!(self.state, VersionState::InForce | VersionState::Comes)
    }

    /// What it says, under a name of its own: `wechat_ACCOUNT_fee_version_2`, a line behind it with
    /// its place, and when a version begins that is yet to.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let wallet = self.wallet.as_str();
        let account = self.channel_account_id.as_ref();
        let account = account.map_or_else(String::new, |account| format!("_{account}"));
        let mut name = format!("{wallet}{account}_fee_version_{}", self.version);
        let mut facts = Vec::new();
        if self.is_base() {
            if self.state == VersionState::Comes {
                let from = self.from.map_or(Cell::Empty, Cell::At);
                facts.push(Fact::new(format!("{name}_from"), from));
            }
        } else {
            let place = &self.place;
            let card = place.card.map_or("", CardKind::as_str);
            let until = place
                .until_fen
                .map_or_else(String::new, |fen| fen.to_string());
            let speed = place.speed.as_str();
            name.push_str(&format!("_{speed}_{card}_{}_{until}", place.from_fen));
        }
        facts.push(Fact::new(name, Cell::text(self.fee.as_str())));
        facts
    }
}

/// The lines of versions, version by version.
pub(crate) fn rows_of(versions: &[FeeVersion], now: Timestamp) -> Vec<FeeRow> {
    let lines = versions.iter().flat_map(|version| {
        let state = VersionState::of(version, versions, now);
        let base = FeeLine {
            place: Place::default(),
            terms: version.tariff.base,
        };
        let lines = std::iter::once(base).chain(version.tariff.lines.iter().copied());
        lines.map(move |line| FeeRow {
            owner: version.owner.to_string(),
            wallet: version.wallet,
            channel_account_id: version.channel_account_id.clone(),
            version: version.version,
            state,
            from: Some(version.from).filter(|from| *from != FeeVersion::AT_ONCE),
            place: line.place,
            terms: line.terms,
            fee: terms_text(&line.terms),
        })
    });
    lines.collect()
}

/// What an owner pays, or all agents, line by line.
///
/// # Errors
/// The actor may not, there is no such owner, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: FeesAsked,
) -> Result<Vec<FeeRow>, OfficeError> {
    actor.check(Permission::See)?;
    let versions = match asked.owner {
        None => office.store().list_costs().await?,
        Some(owner) => {
            let owner = named_owner(office, &owner).await?;
            office.store().list_fees(owner).await?
        }
    };
    let mut rows = rows_of(&versions, office.engine().clock().now());
    rows.retain(|row| asked.with_past || row.counts());
    Ok(rows)
}

impl Row for FeeRow {
    const COLUMNS: &'static [Column] = &[
        "owner",
        "wallet",
        "channel_account",
        "fee_version",
        "state",
        "from",
        "speed",
        "card",
        "from_amount",
        "until_amount",
        "fee",
    ];

    fn cells(&self) -> Vec<Cell> {
        let account = self.channel_account_id.as_ref();
        let place = &self.place;
        vec![
            Cell::text(self.owner.as_str()),
            Cell::text(self.wallet.as_str()),
            account.map_or(Cell::Empty, |account| Cell::text(account.as_str())),
            Cell::Count(i64::from(self.version)),
            Cell::text(self.state.as_str()),
            Cell::at(self.from),
            Cell::text(place.speed.as_str()),
            place
                .card
                .map_or(Cell::Empty, |card: CardKind| Cell::text(card.as_str())),
            Some(place.from_fen)
                .filter(|fen| *fen > 0)
                .map_or(Cell::Empty, Cell::Fen),
            place.until_fen.map_or(Cell::Empty, Cell::Fen),
            Cell::text(self.fee.as_str()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use heliu_trade::fee::Tariff;
    use heliu_trade::followup::subject::Owner;

    use super::*;

    fn version(version: u32, from: i64) -> FeeVersion {
        FeeVersion {
            owner: Owner::Agent("10".into()),
            wallet: WalletKind::Wechat,
            channel_account_id: None,
            version,
            from: Timestamp::from_ms(from),
            tariff: Tariff::default(),
        }
    }

    #[test]
    fn a_version_is_over_in_force_to_come_or_replaced() {
        use VersionState::{Comes, InForce, Over, Replaced};
        let all = [
            version(1, 0),
            version(2, 900),
            version(3, 300),
            version(4, 700),
        ];
        for (now, states) in [
            (100, [InForce, Replaced, Comes, Comes]),
            (300, [Over, Replaced, InForce, Comes]),
            (700, [Over, Replaced, Over, InForce]),
            (900, [Over, Over, Over, InForce]),
        ] {
            let now = Timestamp::from_ms(now);
            let rows = rows_of(&all, now).into_iter().map(|row| row.state);
            assert_eq!(rows.collect::<Vec<_>>(), states, "at {now:?}");
        }
    }
}
