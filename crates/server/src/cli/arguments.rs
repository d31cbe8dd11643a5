//! Arguments that several nouns have.

use std::collections::BTreeMap;

use clap::Args;
use heliu_office::keys::Rotation;
use heliu_office::paging::Between;
use heliu_trade::money::parse_yuan;
use heliu_trade::time::Timestamp;

use crate::config::Config;
use crate::failure::Failure;
use crate::secret_file::{STANDARD_INPUT, read_standard_input};

/// How a key takes its turn.
#[derive(Debug, Args)]
pub(super) struct Next {
    /// The new key as @FILE, or - for standard input; made and shown once without it
    #[arg(long)]
    key: Option<String>,
    /// The key's role, if there are several
    #[arg(long)]
    role: Option<String>,
    /// End the overlap: only the newest key holds
    #[arg(long, conflicts_with = "key")]
    retire: bool,
    /// End it also if nobody has signed with the newest key yet
    #[arg(long, requires = "retire")]
    force: bool,
}

impl Next {
    pub(super) fn rotation(self) -> Result<Rotation, Failure> {
        let Self {
            key,
            role,
            retire,
            force,
        } = self;
        Ok(Rotation {
            role,
            key: key
                .map(|text| secret_of("the new key", &text))
                .transpose()?,
            retire,
            force,
        })
    }
}

/// An instant: `2026-11-29`, `2026-11-29 08:00:00` (both Beijing time), or RFC 3339.
pub(super) fn instant(text: &str) -> Result<Timestamp, Failure> {
    let found = Timestamp::parse_rfc3339(text)
        .or_else(|| Timestamp::parse_beijing_spaced(text))
        .or_else(|| day(text).ok());
    let unread = || {
        Failure::with_cure(
            format!("{text} is no instant"),
            "write 2026-11-29, \"2026-11-29 08:00:00\" (both Beijing time) or 2026-11-29T08:00:00+08:00",
        )
    };
    found.ok_or_else(unread)
}

/// When a day of Beijing begins.
pub(super) fn day(date: &str) -> Result<Timestamp, Failure> {
    let midnight = Timestamp::parse_beijing_spaced(&format!("{date} 00:00:00"));
    midnight.ok_or_else(|| Failure::new(format!("{date} is no day, such as 2026-11-29")))
}

/// A stretch of time.
#[derive(Debug, Args)]
pub(super) struct Time {
    /// From here on: a date or an instant, Beijing time unless it says otherwise
    #[arg(long)]
    since: Option<String>,
    /// Up to here, without it
    #[arg(long)]
    until: Option<String>,
}

impl Time {
    pub(super) fn between(&self) -> Result<Between, Failure> {
        Ok(Between {
            from: self.since.as_deref().map(instant).transpose()?,
            until: self.until.as_deref().map(instant).transpose()?,
        })
    }
}

/// An agent as `DIALECT:NUMBER`.
pub(super) fn agent(text: Option<&str>) -> Result<Option<(String, String)>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let (dialect, number) = text
        .split_once(':')
        .ok_or_else(|| Failure::new(format!("{text} is not DIALECT:NUMBER")))?;
    Ok(Some((dialect.to_owned(), number.to_owned())))
}

/// An amount in yuan, exact to the fen.
pub(super) fn fen(yuan: Option<&str>) -> Result<Option<i64>, Failure> {
    let Some(yuan) = yuan else { return Ok(None) };
    let unread = || Failure::new(format!("{yuan} is no amount in yuan, such as 12.30"));
    parse_yuan(yuan).ok_or_else(unread).map(Some)
}

/// Going on in spite of a damage.
#[derive(Debug, Args)]
pub(super) struct AcceptedLoss {
    /// Go on although acknowledged payments are lost: the code by which a start that refused has
    /// named the damage
    #[arg(long = "accept-loss", value_name = "CODE")]
    code: Option<String>,
}

impl AcceptedLoss {
    pub(super) fn put_into(self, config: Config) -> Config {
        Config {
            accepted_loss: self.code,
            ..config
        }
    }
}

/// `NAME=TEXT` arguments; `@FILE` reads the text from a file.
pub(super) fn pairs(arguments: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    read_pairs(arguments, |_, text| text_of(text))
}

/// Secrets as `NAME=@FILE`; `NAME=-` reads standard input, `NAME=TEXT` is the secret itself, which
/// other users of the machine can see.
pub(super) fn secrets(
    what: &str,
    arguments: &[String],
) -> Result<BTreeMap<String, String>, Failure> {
    read_pairs(arguments, |name, text| {
        secret_of(&format!("the {name} {what}"), text)
    })
}

fn read_pairs(
    arguments: &[String],
    read: impl Fn(&str, &str) -> Result<String, Failure>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut pairs = BTreeMap::new();
    for argument in arguments {
        // What follows the sign may be a secret, which an error does not repeat.
        let (name, text) = argument.split_once('=').ok_or_else(|| {
            Failure::new("an argument is not of the form NAME=TEXT, NAME=@FILE or NAME=-")
        })?;
        if pairs.contains_key(name) {
            return Err(Failure::with_cure(
                format!("{name} is given twice"),
                "give it once",
            ));
        }
        pairs.insert(name.to_owned(), read(name, text)?);
    }
    Ok(pairs)
}

/// A secret: a file's after `@`, standard input for `-`, else the text itself.
pub(super) fn secret_of(whose: &str, argument: &str) -> Result<String, Failure> {
    if argument == STANDARD_INPUT {
        return read_standard_input(whose);
    }
    text_of(argument)
}

/// The text itself, or a file's after `@`.
fn text_of(argument: &str) -> Result<String, Failure> {
    let Some(path) = argument.strip_prefix('@') else {
        return Ok(argument.to_owned());
    };
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Failure::new(format!("{path} cannot be read: {cause}")))?;
    Ok(text.trim_end().to_owned())
}
