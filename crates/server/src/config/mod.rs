//! What the operator sets: one file, overridden by the environment. Every option stands in
//! `config.example.toml` with its default and its reason; unknown ones are refused.

mod environment;
mod file;
mod options;

use std::net::SocketAddr;
use std::path::PathBuf;

use heliu_engine::enrolment::Faults;
use heliu_engine::enrolment::addresses::check_public_url;
use heliu_gateway::TrustedProxies;
use heliu_store::PostgresAddress;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{CodePrefix, CodePrefixes};

use crate::failure::Failure;
use crate::secret_file::read_private;

/// The settings of a process.
#[derive(Debug, Clone)]
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
    /// Connections of one address at the same time; 0 is no limit.
    pub(crate) connections_per_address: usize,
    /// Addresses and networks of the operator's own proxies, whose word about addresses is taken.
    pub(crate) trusted_proxies: Vec<String>,
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
    pub(crate) accepted_loss: Option<String>,
    /// What only a sandbox may have; from the environment.
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
            connections_per_address: 1_000,
            trusted_proxies: Vec::new(),
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
    /// From the file at `path` (defaults if absent) and the environment. All problems are told at once; what an
    /// option or a variable holds is never told, since it may be a secret in the wrong place.
    pub(crate) fn load(path: Option<&PathBuf>) -> Result<Self, Failure> {
        let mut config = Self::default();
        let mut problems = Vec::new();
        if let Some(path) = path {
            let text = std::fs::read_to_string(path).map_err(|cause| {
                Failure::with_cure(
                    format!(
                        "the configuration {} cannot be read: {cause}",
                        path.display()
                    ),
                    "name a file that is there and that this process may read",
                )
            })?;
            let name = path.display();
            let of_file = file::read(&text, &mut config);
            problems.extend(
                of_file
                    .into_iter()
                    .map(|problem| format!("{name}, {problem}")),
            );
        }
        problems.extend(environment::read(std::env::vars_os(), &mut config));
        problems.extend(config.contradictions());
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(Failure::new(problems.join("\n")))
        }
    }

    /// What is wrong although each option has its form.
    fn contradictions(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.node > heliu_trade::id::NODE_MAX {
            let most = heliu_trade::id::NODE_MAX;
            problems.push(format!("node {} is above {most}", self.node));
        }
        if let Err(problem) = self.read_database_url() {
            problems.push(problem);
        }
        if self.sms_url.is_some() != self.sms_token_file.is_some() {
            problems.push("sms_url and sms_token_file belong together".to_owned());
        }
        if let Err(faults) = self.check_public_url(false) {
            problems.push(faults.to_string());
        }
        if let Err(problem) = self.code_prefixes() {
            problems.push(problem);
        }
        if let Err(others) = TrustedProxies::try_new(&self.trusted_proxies) {
            let others = others.join(", ");
            problems.push(format!(
                "trusted_proxies: {others}: neither an address (10.0.0.5) nor a network (10.0.0.0/24)"
            ));
        }
        problems
    }

    /// Our address as payers and channels see it, looked at: with real money it must lead here from outside.
    pub(crate) fn check_public_url(&self, is_live: bool) -> Result<(), Faults> {
        let mut faults = Faults::new();
        if let Some(text) = &self.public_url {
            faults.note(
                "public_url (HELIU_PUBLIC_URL)",
                check_public_url(text, is_live),
            );
        }
        faults.into_result()
    }

    /// Whose word about addresses is taken.
    pub(crate) fn trusted_proxies(&self) -> TrustedProxies {
        TrustedProxies::try_new(&self.trusted_proxies).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn read(text: &str) -> Config {
        let mut config = Config::default();
        assert_eq!(file::read(text, &mut config), Vec::<String>::new());
        config
    }

    #[test]
    fn the_example_states_every_option_with_its_default() {
        let text = include_str!("../../../../config.example.toml");
        let default = Config::default();
        assert_eq!(format!("{:?}", read(text)), format!("{default:?}"));
        for option in options::ALL {
            let name = option.name;
            let line = text.lines().find(|line| {
                let line = line.strip_prefix("# ").unwrap_or(line);
                line.strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with(" = "))
            });
            assert!(line.is_some(), "{name} is missing in the example");
            let variable = option.variable;
            assert!(
                text.contains(variable),
                "{variable} is missing in the example"
            );
        }
    }

    #[test]
    fn every_option_of_the_example_is_read_where_it_is_not_commented_out() {
        let text = include_str!("../../../../config.example.toml");
        // Options that have no default are given in a comment.
        let given: String = text
            .lines()
            .map(|line| line.strip_prefix("# ").unwrap_or(line))
            .filter(|line| {
                let name = line.split(" = ").next().unwrap_or_default();
                options::ALL
                    .iter()
                    .any(|option| option.name == name && name != "code_prefixes")
            })
            .map(|line| format!("{line}\n"))
            .collect();
        let config = read(&given);
        assert_eq!(
            config.sms_url.as_deref(),
            Some("https://sms.example.com/send")
        );
        assert!(config.channel_ca_file.is_some());
    }

    #[test]
    fn what_nodes_behind_a_balancer_are_told_is_a_configuration() {
        let nodes = read(include_str!("../../../../deploy/heliu.toml"));
        assert!(nodes.trusted_proxies().trusts([172, 18, 0, 5].into()));
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
    fn contradictions_are_told_together() {
        let mut config = Config {
            node: 64,
            sms_url: Some("https://sms.example.com".to_owned()),
            public_url: Some("pay.example.com".to_owned()),
            trusted_proxies: vec!["balancer".to_owned(), "10.0.0.0/8".to_owned()],
            ..Config::default()
        };
        let told = config.contradictions().join("\n");
        for words in [
            "node 64",
            "sms_token_file",
            "public_url (HELIU_PUBLIC_URL) must be an address with its scheme",
            "trusted_proxies: balancer: neither",
        ] {
            assert!(told.contains(words), "{words:?} in {told}");
        }
    }
}
