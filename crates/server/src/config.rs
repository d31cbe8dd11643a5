//! What the operator sets: one file, overridden by the environment. Every option stands in
//! `config.example.toml` with its default and its reason; unknown ones are refused.

use std::net::SocketAddr;
use std::path::PathBuf;

use heliu_store::PostgresAddress;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{CodePrefix, CodePrefixes};
use serde::Deserialize;

use crate::failure::Failure;
use crate::secret_file::read_private;

/// The settings of a process.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// Where merchants, payers and channels reach us.
    pub(crate) listen: SocketAddr,
    /// Health and metrics; never public.
    pub(crate) admin_listen: SocketAddr,
    /// Where the sandbox listens; `heliu demo` and `heliu sandbox` only.
    pub(crate) sandbox_listen: SocketAddr,
    /// The sandbox that `heliu demo` uses instead of one of its own.
    pub(crate) sandbox_url: Option<String>,
    /// Our address as payers and channels see it; the listener's if absent.
    pub(crate) public_url: Option<String>,
    /// The file of the root key.
    pub(crate) root_key_file: Option<PathBuf>,
    /// The PostgreSQL with the books, which several nodes may share; SQLite in the data folder if absent.
    pub(crate) database_url: Option<String>,
    /// The file of that address, since it may hold a password.
    pub(crate) database_url_file: Option<PathBuf>,
    /// Certificates of authorities that the database is trusted by in place of the machine's, PEM.
    pub(crate) database_ca_file: Option<PathBuf>,
    /// This node's number, 0 to 63; in a PostgreSQL nodes find their numbers by themselves.
    pub(crate) node: u8,
    /// The address that channels are told as the terminal's.
    pub(crate) terminal_ip: String,
    /// Connections at the same time.
    pub(crate) connections_max: usize,
    /// Requests per second from one address; 0 is no limit.
    pub(crate) requests_per_address_per_s: u32,
    /// Requests per second of one app; 0 is no limit.
    pub(crate) requests_per_app_per_s: u32,
    /// Takes private notification addresses; for a laboratory only.
    pub(crate) dangerous_allow_private_notify: bool,
    /// Which payment codes belong to which wallet; the known table if absent.
    pub(crate) code_prefixes: Option<Vec<CodePrefix>>,
    /// Where the provider of text messages takes them.
    pub(crate) sms_url: Option<String>,
    /// The file of its bearer token.
    pub(crate) sms_token_file: Option<PathBuf>,
    /// Certificates of authorities that channels are trusted by beside the public ones, PEM.
    pub(crate) channel_ca_file: Option<PathBuf>,
    /// A loss of acknowledged payments that the operator accepts, by its code; from the command line.
    #[serde(skip)]
    pub(crate) accepted_loss: Option<String>,
    /// What only a sandbox may have; from the environment.
    #[serde(skip)]
    pub(crate) laboratory: Laboratory,
}

/// Switches of a sandbox: a live process refuses them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Laboratory {
    /// How many times faster the clocks run.
    pub(crate) time_factor: Option<u32>,
    /// Where the clocks begin.
    pub(crate) clock_start: Option<Timestamp>,
    /// Which crash point kills the process, counted from the moment its jobs start.
    pub(crate) crash_at: Option<i64>,
}

impl Laboratory {
    /// How many times faster the clocks run; 1 if nothing is set.
    pub(crate) fn factor(&self) -> u32 {
        self.time_factor.unwrap_or(1).max(1)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            sandbox_listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
            sandbox_url: None,
            public_url: None,
            root_key_file: None,
            database_url: None,
            database_url_file: None,
            database_ca_file: None,
            node: 0,
            terminal_ip: "127.0.0.1".to_owned(),
            connections_max: 10_000,
            requests_per_address_per_s: 5_000,
            requests_per_app_per_s: 2_000,
            dangerous_allow_private_notify: false,
            code_prefixes: None,
            sms_url: None,
            sms_token_file: None,
            channel_ca_file: None,
            accepted_loss: None,
            laboratory: Laboratory::default(),
        }
    }
}

impl Config {
    /// From the file at `path` (defaults if absent) and the environment. All problems are told at once.
    pub(crate) fn load(path: Option<&PathBuf>) -> Result<Self, Failure> {
        let mut config = match path {
            None => Self::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|cause| {
                    Failure::new(format!(
                        "the configuration {} cannot be read: {cause}",
                        path.display()
                    ))
                })?;
                toml::from_str(&text).map_err(|cause| {
                    Failure::new(format!("the configuration {}: {cause}", path.display()))
                })?
            }
        };
        let mut problems = Vec::new();
        let mut environment = Environment {
            problems: &mut problems,
        };
        environment.set("HELIU_DATA", &mut config.data);
        environment.set("HELIU_LISTEN", &mut config.listen);
        environment.set("HELIU_ADMIN_LISTEN", &mut config.admin_listen);
        environment.set("HELIU_SANDBOX_LISTEN", &mut config.sandbox_listen);
        environment.set_option("HELIU_SANDBOX_URL", &mut config.sandbox_url);
        environment.set_option("HELIU_PUBLIC_URL", &mut config.public_url);
        environment.set_option("HELIU_ROOT_KEY_FILE", &mut config.root_key_file);
        environment.set_option("DATABASE_URL", &mut config.database_url);
        environment.set_option("DATABASE_URL_FILE", &mut config.database_url_file);
        environment.set_option("HELIU_DATABASE_CA_FILE", &mut config.database_ca_file);
        environment.set_option("HELIU_SMS_URL", &mut config.sms_url);
        environment.set_option("HELIU_SMS_TOKEN_FILE", &mut config.sms_token_file);
        environment.set_option("HELIU_CHANNEL_CA_FILE", &mut config.channel_ca_file);
        environment.set("HELIU_NODE", &mut config.node);
        environment.set_option("HELIU_TIME_FACTOR", &mut config.laboratory.time_factor);
        environment.set_option("HELIU_CRASH_AT", &mut config.laboratory.crash_at);
        let mut start: Option<String> = None;
        environment.set_option("HELIU_CLOCK_START", &mut start);
        if let Some(text) = start {
            config.laboratory.clock_start = Timestamp::parse_rfc3339(&text);
            if config.laboratory.clock_start.is_none() {
                problems.push(format!(
                    "HELIU_CLOCK_START={text} is not an RFC 3339 instant"
                ));
            }
        }
        if config.node > heliu_trade::id::NODE_MAX {
            problems.push(format!(
                "node {} is above {}",
                config.node,
                heliu_trade::id::NODE_MAX
            ));
        }
        if let Err(problem) = config.read_database_url() {
            problems.push(problem);
        }
        if config.sms_url.is_some() != config.sms_token_file.is_some() {
            problems.push("sms_url and sms_token_file belong together".to_owned());
        }
        if let Err(problem) = config.code_prefixes() {
            problems.push(problem);
        }
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(Failure::new(problems.join("\n")))
        }
    }

    /// Takes the database's address from its file, if it stands in one.
    fn read_database_url(&mut self) -> Result<(), String> {
        match (&self.database_url, &self.database_url_file) {
            (Some(_), Some(_)) => {
                Err(
                    "database_url and database_url_file are both set, and only one can hold: unset DATABASE_URL or \
                     DATABASE_URL_FILE"
                        .to_owned(),
                )
            }
            (None, Some(file)) => {
                let url = read_private(file).map_err(|failure| failure.to_string())?;
                self.database_url = Some(url);
                Ok(())
            }
            (_, None) => Ok(()),
        }
    }

    /// The PostgreSQL with the books, if they are in one.
    pub(crate) fn database(&self) -> Option<PostgresAddress> {
        let url = self.database_url.clone()?;
        let ca_file = self.database_ca_file.clone();
        Some(PostgresAddress { url, ca_file })
    }

    /// The table of payment codes.
    pub(crate) fn code_prefixes(&self) -> Result<CodePrefixes, String> {
        self.code_prefixes
            .clone()
            .map_or_else(|| Ok(CodePrefixes::default()), CodePrefixes::try_new)
    }
}

struct Environment<'a> {
    problems: &'a mut Vec<String>,
}

impl Environment<'_> {
    fn set<T: std::str::FromStr>(&mut self, name: &str, value: &mut T) {
        let mut found = None;
        self.set_option(name, &mut found);
        if let Some(found) = found {
            *value = found;
        }
    }

    fn set_option<T: std::str::FromStr>(&mut self, name: &str, value: &mut Option<T>) {
        let Some(text) = std::env::var(name).ok().filter(|text| !text.is_empty()) else {
            return;
        };
        match text.parse() {
            Ok(parsed) => *value = Some(parsed),
            Err(_) => self.problems.push(format!("{name}={text} cannot be read")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_example_states_every_option_with_its_default() {
        let text = include_str!("../../../config.example.toml");
        let example: Config = toml::from_str(text).expect("the example is a configuration");
        let default = Config::default();
        assert_eq!(example.data, default.data);
        assert_eq!(example.listen, default.listen);
        assert_eq!(example.admin_listen, default.admin_listen);
        assert_eq!(example.sandbox_listen, default.sandbox_listen);
        assert_eq!(example.connections_max, default.connections_max);
        assert_eq!(
            example.requests_per_address_per_s,
            default.requests_per_address_per_s
        );
        assert_eq!(
            example.requests_per_app_per_s,
            default.requests_per_app_per_s
        );
        assert_eq!(example.terminal_ip, default.terminal_ip);
        assert_eq!(example.code_prefixes(), default.code_prefixes());
        for option in [
            "data",
            "listen",
            "admin_listen",
            "sandbox_listen",
            "sandbox_url",
            "public_url",
            "root_key_file",
            "database_url",
            "database_url_file",
            "database_ca_file",
            "node",
            "terminal_ip",
            "connections_max",
            "requests_per_address_per_s",
            "requests_per_app_per_s",
            "dangerous_allow_private_notify",
            "code_prefixes",
            "sms_url",
            "sms_token_file",
            "channel_ca_file",
        ] {
            assert!(text.contains(option), "{option} is missing in the example");
        }
    }

    #[test]
    fn what_nodes_behind_a_balancer_are_told_is_a_configuration() {
        let text = include_str!("../../../deploy/heliu.toml");
        let nodes: Config = toml::from_str(text).expect("it is a configuration");
        assert_eq!(nodes.requests_per_address_per_s, 0);
    }

    #[test]
    fn an_address_may_stand_in_a_private_file_and_only_there() {
        let name = format!("heliu-database-{}.url", std::process::id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, "postgres://heliu:secret@db/heliu\n").expect("written");
        let mut config = Config {
            database_url_file: Some(file.clone()),
            ..Config::default()
        };
        let mut read_with_mode = |mode| {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&file, permissions).expect("set");
            config.read_database_url()
        };
        let exposed = read_with_mode(0o644).expect_err("refused");
        assert!(exposed.contains("chmod 600"), "{exposed}");
        read_with_mode(0o600).expect("taken");
        let both = read_with_mode(0o600).expect_err("refused");
        assert!(both.contains("only one"), "{both}");
        std::fs::remove_file(&file).expect("removed");
        let url = config.database_url.as_deref();
        assert_eq!(url, Some("postgres://heliu:secret@db/heliu"));
    }

    #[test]
    fn a_misspelt_option_is_refused() {
        assert!(toml::from_str::<Config>("lissten = \"127.0.0.1:1\"").is_err());
    }
}
