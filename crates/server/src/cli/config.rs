//! `heliu config`: what file and environment come to. Nothing is started and nothing is written.

use clap::{Subcommand, ValueEnum};
use heliu_office::rows::{Fact, Facts, Row};
use heliu_office::sheet::{Cell, Column};
use serde::Serialize;
use toml::Value;

use super::desk::Desk;
use crate::config::{Loaded, Origin, Shown, elsewhere, example, refusals, unreadable};
use crate::failure::Failure;
use crate::terminal::{Output, tell};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Tell all that is wrong with file and environment, or where heliu would listen
    Check,
    /// Show every option, its value and where that comes from; secrets are masked
    Show {
        /// Only what comes from there; without a word, what is no default
        #[arg(long, value_name = "WHERE", value_enum, num_args = 0..=1, default_missing_value = "set")]
        origin: Option<Where>,
    },
    /// Print config.example.toml: every option with its default and its reason
    Example,
}

/// Where a value comes from, for the choice of what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Where {
    /// Nobody has set it
    Default,
    /// A file
    File,
    /// A variable
    Environment,
    /// A file or a variable
    Set,
}

impl Where {
    fn holds(self, origin: &Origin) -> bool {
        match origin {
            Origin::Default => self == Self::Default,
            Origin::File(_) => matches!(self, Self::File | Self::Set),
            Origin::Environment(_) => matches!(self, Self::Environment | Self::Set),
        }
    }
}

pub(super) fn run(desk: &Desk, loaded: &Loaded, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Check => {
            let faults = loaded.faults.iter().cloned();
            let faults: Vec<String> = faults.chain(unreadable(&loaded.config)).collect();
            if !faults.is_empty() {
                return Err(Failure::new(faults.join("\n")));
            }
            let has_root_key = std::env::var_os(elsewhere::ROOT_KEY).is_some();
            for refusal in refusals(&loaded.config, has_root_key) {
                tell(&format!("heliu serve would refuse this: {refusal}"));
            }
            desk.thing(&Plan::of(loaded), Plan::text)
        }
        Command::Show { origin } => {
            let mut options = loaded.options();
            options.retain(|set| origin.is_none_or(|origin| origin.holds(&set.origin)));
            let output = desk.rows(&options)?;
            // What could be read helps to find what is wrong with the rest.
            if let Err(failure) = loaded.check() {
                output.show();
                return Err(failure);
            }
            Ok(output)
        }
        Command::Example => Ok(Output::data(example().into_bytes())),
    }
}

impl Row for Shown {
    const COLUMNS: &'static [Column] = &["option", "value", "origin"];

    fn cells(&self) -> Vec<Cell> {
        let value = match &self.value {
            None => Cell::Empty,
            Some(Value::Integer(number)) => Cell::Count(*number),
            Some(Value::String(text)) => Cell::text(text.as_str()),
            // As a file has it: true and false, lists.
            Some(value) => Cell::text(value.to_string()),
        };
        let origin = self.origin.to_string();
        vec![Cell::text(self.option), value, Cell::text(origin)]
    }
}

/// What a process with this configuration would do.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Plan {
    /// Where merchants, payers and channels would reach it.
    listen: String,
    /// Where health and metrics would be.
    admin_listen: String,
    /// Where the sandbox of a demonstration would be.
    sandbox_listen: String,
    /// Its address as payers and channels see it, if one is set.
    public_url: Option<String>,
    /// Where the books would be, secrets masked.
    books: String,
}

impl Plan {
    fn of(loaded: &Loaded) -> Self {
        let listeners = &loaded.config.listeners;
        Self {
            listen: listeners.listen.to_string(),
            admin_listen: listeners.admin_listen.to_string(),
            sandbox_listen: loaded.config.sandbox.sandbox_listen.to_string(),
            public_url: loaded.public_url(),
            books: loaded.books(),
        }
    }

    fn text(&self) -> String {
        let Self {
            listen,
            admin_listen,
            sandbox_listen,
            books,
            ..
        } = self;
        let public_url = match &self.public_url {
            Some(url) => url.clone(),
            None => format!("http://{listen}, since public_url is not set"),
        };
        format!(
            "nothing is wrong with the configuration\
             \n  platform    {listen}\
             \n  health      {admin_listen}, with metrics\
             \n  sandbox     {sandbox_listen}, with heliu demo and heliu sandbox only\
             \n  public_url  {public_url}\
             \n  books       {books}"
        )
    }
}

impl Facts for Plan {
    fn facts(&self) -> Vec<Fact> {
        let public_url = self.public_url.as_deref().map_or(Cell::Empty, Cell::text);
        vec![
            Fact::new("listen", Cell::text(self.listen.as_str())),
            Fact::new("admin_listen", Cell::text(self.admin_listen.as_str())),
            Fact::new("sandbox_listen", Cell::text(self.sandbox_listen.as_str())),
            Fact::new("public_url", public_url),
            Fact::new("books", Cell::text(self.books.as_str())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use heliu_office::sheet::Form;

    use super::*;

    fn loaded(variables: &[(&str, &str)]) -> Loaded {
        let variables = variables.iter();
        let variables = variables.map(|(name, text)| (OsString::from(name), text.into()));
        Loaded::read(None, variables)
    }

    #[test]
    fn numbers_are_numbers_and_what_is_not_set_is_nothing() {
        let options = loaded(&[("HELIU_NODE", "7")]).options();
        let cells_of = |name| {
            let set = options.iter().find(|set| set.option == name);
            set.unwrap().cells()
        };
        for (name, value, origin) in [
            ("node", Cell::Count(7), "environment HELIU_NODE"),
            ("connections_max", Cell::Count(10_000), "default"),
            ("data", Cell::text("data"), "default"),
            (
                "dangerous_allow_private_notify",
                Cell::text("false"),
                "default",
            ),
            ("trusted_proxies", Cell::text("[]"), "default"),
            ("public_url", Cell::Empty, "default"),
        ] {
            assert_eq!(
                cells_of(name),
                [Cell::text(name), value, Cell::text(origin)]
            );
        }
    }

    #[test]
    fn options_are_chosen_by_where_they_come_from() {
        let file = Origin::File("c.toml".into());
        let environment = Origin::Environment("HELIU_NODE");
        for (place, chosen) in [
            (Where::Default, [true, false, false]),
            (Where::File, [false, true, false]),
            (Where::Environment, [false, false, true]),
            (Where::Set, [false, true, true]),
        ] {
            let origins = [&Origin::Default, &file, &environment];
            assert_eq!(
                origins.map(|origin| place.holds(origin)),
                chosen,
                "{place:?}"
            );
        }
    }

    #[test]
    fn a_data_folder_that_is_not_there_is_neither_missed_nor_made() {
        let name = format!("heliu-config-{}-nowhere", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let loaded = loaded(&[("HELIU_DATA", folder.to_str().unwrap())]);
        for form in [Form::Table, Form::Json, Form::Csv] {
            let desk = Desk {
                config: loaded.config.clone(),
                form,
                operator: None,
            };
            let origin = Some(Where::Set);
            for command in [Command::Check, Command::Show { origin }, Command::Example] {
                run(&desk, &loaded, command).unwrap();
            }
        }
        assert!(!folder.exists(), "{} was made", folder.display());
    }

    #[test]
    fn what_is_wrong_fails_both_check_and_show() {
        let loaded = loaded(&[("HELIU_NODE", "64"), ("HELIU_LISTEN", "s3cret")]);
        let desk = Desk {
            config: loaded.config.clone(),
            form: Form::Table,
            operator: None,
        };
        for command in [Command::Check, Command::Show { origin: None }] {
            let told = run(&desk, &loaded, command).unwrap_err().to_string();
            for words in ["node 64 is above 63", "HELIU_LISTEN wants"] {
                assert!(told.contains(words), "{words:?} in {told}");
            }
        }
    }

    #[test]
    fn it_is_told_where_heliu_would_listen_and_keep_its_books() {
        let text = Plan::of(&loaded(&[])).text();
        for words in [
            "127.0.0.1:8080",
            "127.0.0.1:8081",
            "127.0.0.1:8090",
            "SQLite in data",
        ] {
            assert!(text.contains(words), "{words:?} in {text}");
        }
        let plan = Plan::of(&loaded(&[
            ("HELIU_LISTEN", "0.0.0.0:80"),
            ("HELIU_PUBLIC_URL", "https://pay.example.com"),
            ("DATABASE_URL", "postgres://heliu:s3cret@db/heliu"),
        ]));
        let expected = Plan {
            listen: "0.0.0.0:80".to_owned(),
            admin_listen: "127.0.0.1:8081".to_owned(),
            sandbox_listen: "127.0.0.1:8090".to_owned(),
            public_url: Some("https://pay.example.com".to_owned()),
            books: "PostgreSQL postgres://heliu:***@db/heliu".to_owned(),
        };
        assert_eq!(plan, expected);
        assert!(plan.text().contains("https://pay.example.com"));
        assert_eq!(plan.facts().len(), 5);
    }
}
