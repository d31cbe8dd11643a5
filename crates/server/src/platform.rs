//! The parts put together.

use std::path::Path;
use std::sync::Arc;

use heliu_engine::{Engine, Parts, Settings};
use heliu_outbound::{AddressPolicy, Outbound, Sms, SmsProvider};
use heliu_ports::clock::{Clock, MovableClock, RuntimeClock, SystemClock};
use heliu_ports::store::Store;
use heliu_trade::calendar::{Calendar, WithoutTable};
use heliu_trade::id::{NumberMint, PlatformNo};
use heliu_trade::time::{DAY_MS, Timestamp};
use heliu_vault::SealingVault;
use url::Url;

use crate::books_store::{self, BooksStore};
use crate::config::{Config, Laboratory};
use crate::failure::Failure;
use crate::folder::{Folder, root_key};
use crate::mode::{Mode, Purpose};
use crate::secret_file::read_private;

/// The opened books and their keys, before anything is served.
pub(crate) struct Books {
    pub(crate) store: Arc<dyn Store>,
    node: u8,
    pub(crate) vault: Arc<SealingVault>,
    pub(crate) clock: Arc<dyn Clock>,
    calendar: Calendar,
    /// What is still to come until the clock stands at now, if it began in the past.
    pub(crate) past: Option<Past>,
    /// How many times faster the clock runs than the machine's.
    pub(crate) time_factor: u32,
    high_water_s: u64,
}

impl Books {
    /// Opens them; a wrong root key is told before anything else happens.
    pub(crate) async fn open(
        config: &Config,
        folder: &Folder,
        mode: Mode,
    ) -> Result<Self, Failure> {
        let laboratory = &config.laboratory;
        if mode == Mode::Live {
            laboratory.check_live()?;
        }
        books_store::check_folder(config, folder, mode)?;
        let vault = SealingVault::new(root_key(config, folder, mode.own_key())?);
        let BooksStore {
            store,
            node,
            purpose,
        } = BooksStore::open(config, folder, mode, &vault).await?;
        if purpose == Purpose::Live {
            laboratory.check_live()?;
        }
        if mode != Mode::Command {
            for damage in store.damages().await? {
                let (accepted_at, told) = (damage.accepted_at, damage.told);
                tracing::warn!(%accepted_at, told, "these books have gone on in spite of a damage");
            }
        }
        let high_water_s = store.high_water_second().await?;
        let time_factor = laboratory.factor();
        let ahead_ms = store.clock_ahead_ms().await?;
        let mut past = None;
        let clock: Arc<dyn Clock> = match purpose {
            Purpose::Sandbox => {
                let origin = laboratory_origin(laboratory, high_water_s, ahead_ms);
                if mode == Mode::Sandbox && store.first_booked().await?.is_none() {
                    past = Past::of(origin, laboratory);
                }
                let base: Arc<dyn Clock> = match &past {
                    Some(past) => Arc::new(past.clock.clone()),
                    None => Arc::new(RuntimeClock::new(origin, laboratory.factor())),
                };
                Arc::new(MovableClock::new(base, ahead_ms))
            }
            Purpose::Live => Arc::new(SystemClock),
        };
        let calendar = Calendar::ours(match purpose {
            Purpose::Sandbox => WithoutTable::WeekendsOnly,
            Purpose::Live => WithoutTable::Unknown,
        });
        if mode != Mode::Command
            && let Some(notice) = with_imported(&store, &calendar).await?.notice(clock.now())
        {
            tracing::warn!(notice, "holidays");
        }
        Ok(Self {
            store,
            node,
            vault: Arc::new(vault),
            clock,
            calendar,
            past,
            time_factor,
            high_water_s,
        })
    }

    /// An engine over them, which sends text messages through `sms`.
    pub(crate) fn engine(
        &self,
        config: &Config,
        public_url: &str,
        sms: Option<SmsProvider>,
    ) -> Result<Engine, Failure> {
        let policy = AddressPolicy {
            dangerous_allow_private: config.notifications.dangerous_allow_private_notify,
            own: own_addresses(config, public_url),
        };
        if config.notifications.dangerous_allow_private_notify {
            tracing::warn!("notifications may go to private addresses: a laboratory setting");
        }
        let clock = Arc::clone(&self.clock);
        let transport = Outbound::new(policy, Arc::clone(&clock));
        let transport = Arc::new(match &config.channels.channel_ca_file {
            None => transport,
            Some(file) => trusting(transport, file)?,
        });
        Ok(Engine::new(Parts {
            store: self.store.clone(),
            vault: self.vault.clone(),
            sms: Arc::new(Sms::new(transport.clone(), sms)),
            transport,
            clock,
            dialects: heliu_dialects::all(),
            channels: heliu_channels::all(),
            mint: NumberMint::new(self.node, self.high_water_s),
            settings: Settings {
                public_url: public_url.to_owned(),
                terminal_ip: config.channels.terminal_ip.clone(),
                code_prefixes: config.channels.code_prefixes().map_err(Failure::new)?,
                statements_folder: config.books.data.join("statements"),
                calendar: self.calendar.clone(),
            },
        }))
    }
}

/// The table of holidays with the years that were imported.
async fn with_imported(store: &Arc<dyn Store>, calendar: &Calendar) -> Result<Calendar, Failure> {
    let mut calendar = calendar.clone();
    calendar.put(store.holidays().await?);
    Ok(calendar)
}

/// A clock that begins some days before now and is moved on to it, while a demonstration's history
/// is made. Nothing of it is written down: the next start begins at now.
pub(crate) struct Past {
    clock: MovableClock,
    length_ms: i64,
}

impl Past {
    /// The one before an instant; nothing if there shall be no history.
    fn of(now: Timestamp, laboratory: &Laboratory) -> Option<Self> {
        let length_ms = i64::from(laboratory.history_days()) * DAY_MS;
        let clock = RuntimeClock::new(now.plus_ms(-length_ms), laboratory.factor());
        (length_ms > 0).then(|| Self {
            clock: MovableClock::new(Arc::new(clock), 0),
            length_ms,
        })
    }

    /// How long it is, in ms.
    pub(crate) const fn length_ms(&self) -> i64 {
        self.length_ms
    }

    /// So much of it is over, in ms.
    pub(crate) fn move_to(&self, over_ms: i64) {
        self.clock.set_ahead(over_ms.min(self.length_ms));
    }
}

/// Where we are ourselves: as payers see us, and where we listen.
fn own_addresses(config: &Config, public_url: &str) -> Vec<Url> {
    let listener = format!("http://{}", config.listeners.listen);
    let texts = [public_url, &listener];
    texts
        .iter()
        .filter_map(|text| Url::parse(text).ok())
        .collect()
}

/// The way out that also trusts the authorities in a file.
fn trusting(transport: Outbound, file: &Path) -> Result<Outbound, Failure> {
    let unusable = |why: String| {
        Failure::with_cure(
            format!("{} cannot be used: {why}", file.display()),
            "channel_ca_file names a file of certificates in PEM form",
        )
    };
    let pem = std::fs::read(file).map_err(|cause| unusable(cause.to_string()))?;
    transport.trusting(&pem).map_err(unusable)
}

/// The provider of text messages, if one is configured.
pub(crate) fn sms_provider(config: &Config) -> Result<Option<SmsProvider>, Failure> {
    let (Some(url), Some(file)) = (&config.messages.sms_url, &config.messages.sms_token_file)
    else {
        return Ok(None);
    };
    let (url, token) = (url.clone(), read_private(file)?.into());
    Ok(Some(SmsProvider { url, token }))
}

/// When a sandbox's clock begins, which is moved by so much: never behind what books have seen.
fn laboratory_origin(laboratory: &Laboratory, high_water_s: u64, ahead_ms: i64) -> Timestamp {
    let start = laboratory
        .clock_start
        .map_or_else(|| SystemClock.now(), |start| start.0);
    match high_water_s {
        0 => start,
        seen => start.max(PlatformNo::instant_of(seen).plus_ms(-ahead_ms)),
    }
}

/// A sandbox's clock without books: perhaps faster than the machine's.
pub(crate) fn laboratory_clock(laboratory: &Laboratory) -> Arc<dyn Clock> {
    let origin = laboratory_origin(laboratory, 0, 0);
    Arc::new(RuntimeClock::new(origin, laboratory.factor()))
}
