//! Puts the configuration together, and remembers where each value comes from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use toml::Value;

use super::masked::masked;
use super::option::Origin;
use super::{Config, environment, file};
use crate::failure::Failure;

/// What the defaults, the file and the environment come to.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The configuration, as far as it could be read.
    pub(crate) config: Config,
    /// All that is wrong, a line or more each. What an option or a variable holds is never told,
    /// since it may be a secret in the wrong place.
    pub(crate) faults: Vec<String>,
    /// Where the values come from that are no defaults.
    origins: BTreeMap<&'static str, Origin>,
}

/// An option with its value.
#[derive(Debug, PartialEq)]
pub(crate) struct Shown {
    /// The option.
    pub(crate) option: &'static str,
    /// What it holds, secrets masked; nothing if it is not set.
    pub(crate) value: Option<Value>,
    /// Where the value comes from.
    pub(crate) origin: Origin,
}

impl Loaded {
    /// From the file at `path` (defaults if absent) and these variables. Writes nothing.
    pub(crate) fn read(
        path: Option<&Path>,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Self {
        let mut config = Config::default();
        let mut slots = config.slots();
        let mut faults = path.map_or_else(Vec::new, |path| {
            let name = path.display();
            match std::fs::read_to_string(path) {
                Ok(text) => file::read(&text, path, &mut slots)
                    .iter()
                    .map(|problem| format!("{name}, {problem}"))
                    .collect(),
                Err(cause) => vec![
                    Failure::with_cure(
                        format!("the configuration {name} cannot be read: {cause}"),
                        "name a file that is there and that this process may read",
                    )
                    .to_string(),
                ],
            }
        });
        faults.extend(environment::read(variables, &mut slots));
        let mut origins: BTreeMap<_, _> = slots
            .into_iter()
            .filter(|slot| slot.origin != Origin::Default)
            .map(|slot| (slot.option.name, slot.origin))
            .collect();
        let had_address = config.books.database_url.is_some();
        faults.extend(config.contradictions());
        if let (false, Some(file)) = (had_address, &config.books.database_url_file)
            && config.books.database_url.is_some()
        {
            origins.insert("database_url", Origin::File(file.clone()));
        }
        Self {
            config,
            faults,
            origins,
        }
    }

    /// Whether nothing is wrong.
    ///
    /// # Errors
    /// All faults at once.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(Failure::new(self.faults.join("\n")))
    }

    /// All options, in the order of the reference.
    pub(crate) fn options(&self) -> Vec<Shown> {
        let mut config = self.config.clone();
        let shown = |name: &'static str, value: Option<Value>| Shown {
            option: name,
            value: value.map(masked_value),
            origin: self.origins.get(name).cloned().unwrap_or(Origin::Default),
        };
        let slots = config.slots();
        let options = slots.iter();
        options
            .map(|slot| shown(slot.option.name, slot.setting.get()))
            .collect()
    }

    /// Our address as payers and channels see it, if one is set; secrets masked.
    pub(crate) fn public_url(&self) -> Option<String> {
        self.config.listeners.public_url.as_deref().map(masked)
    }

    /// Where the books are, secrets masked.
    pub(crate) fn books(&self) -> String {
        let books = &self.config.books;
        match &books.database_url {
            Some(url) => format!("PostgreSQL {}", masked(url)),
            None => format!("SQLite in {}", books.data.display()),
        }
    }
}

/// The value, with what stands in it masked.
fn masked_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(masked(&text)),
        Value::Array(values) => Value::Array(values.into_iter().map(masked_value).collect()),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables<'v>(
        given: &'v [(&str, &str)],
    ) -> impl Iterator<Item = (OsString, OsString)> + use<'v> {
        given.iter().map(|(name, text)| (name.into(), text.into()))
    }

    /// A file of this test's own, which is gone when the test is over.
    struct Temporary(std::path::PathBuf);

    impl Temporary {
        fn new(name: &str, text: &str) -> Self {
            let name = format!("heliu-load-{}-{name}", std::process::id());
            let path = std::env::temp_dir().join(name);
            write_private(&path, text);
            Self(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn write_private(path: &Path, text: &str) {
        use std::os::unix::fs::PermissionsExt;

        std::fs::write(path, text).unwrap();
        let permissions = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(path, permissions).unwrap();
    }

    fn of<'s>(options: &'s [Shown], name: &str) -> (String, String) {
        let set: &'s Shown = options.iter().find(|set| set.option == name).unwrap();
        let value = set.value.as_ref().map(ToString::to_string);
        (value.unwrap_or_default(), set.origin.to_string())
    }

    #[test]
    fn each_value_is_shown_with_its_origin_and_no_secret_is() {
        let file = Temporary::new(
            "origins.toml",
            "node = 5\nlisten = \"127.0.0.1:1\"\nsms_url = \"https://s3cret@sms/\"\n\
             sms_token_file = \"token\"\n",
        );
        let given = [
            ("HELIU_LISTEN", "127.0.0.1:2"),
            ("DATABASE_URL", "postgres://heliu:s3cret@db/heliu"),
            ("HELIU_DATA", ""),
        ];
        let loaded = Loaded::read(Some(&file.0), variables(&given));
        assert_eq!(loaded.faults, Vec::<String>::new());
        let of_file = format!("file {}", file.0.display());
        let options = loaded.options();
        for (option, value, origin) in [
            ("listen", "\"127.0.0.1:2\"", "environment HELIU_LISTEN"),
            ("admin_listen", "\"127.0.0.1:8081\"", "default"),
            ("data", "\"data\"", "default"),
            ("node", "5", &of_file),
            ("sms_url", "\"https://***@sms/\"", &of_file),
            (
                "database_url",
                "\"postgres://heliu:***@db/heliu\"",
                "environment DATABASE_URL",
            ),
            ("database_url_file", "", "default"),
            ("trusted_proxies", "[]", "default"),
            ("time_factor", "", "default"),
        ] {
            assert_eq!(
                of(&options, option),
                (value.to_owned(), origin.to_owned()),
                "{option}"
            );
        }
        assert_eq!(loaded.books(), "PostgreSQL postgres://heliu:***@db/heliu");
        let url = loaded.config.books.database_url.as_deref();
        assert_eq!(url, Some("postgres://heliu:s3cret@db/heliu"));
    }

    #[test]
    fn a_secret_in_the_wrong_option_is_masked_there_too() {
        let file = Temporary::new(
            "wrong.toml",
            "data = \"postgres://h:s3cret@db\"\ntrusted_proxies = [\"postgres://h:s3cret@db\"]\n",
        );
        let loaded = Loaded::read(Some(&file.0), variables(&[]));
        let told = format!("{:?} {}", loaded.options(), loaded.check().unwrap_err());
        assert_eq!(told.matches("postgres://h:***@db").count(), 3, "{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }

    #[test]
    fn an_address_from_a_file_of_its_own_comes_from_there() {
        let url = Temporary::new("url", "postgres://heliu:s3cret@db/heliu\n");
        let given = [("DATABASE_URL_FILE", url.0.to_str().unwrap())];
        let loaded = Loaded::read(None, variables(&given));
        assert_eq!(loaded.faults, Vec::<String>::new());
        let (value, origin) = of(&loaded.options(), "database_url");
        assert_eq!(value, "\"postgres://heliu:***@db/heliu\"");
        assert_eq!(origin, format!("file {}", url.0.display()));
    }

    #[test]
    fn faults_of_file_environment_and_both_together_are_told_at_once() {
        let file = Temporary::new(
            "faults.toml",
            "databse_url = \"s3cret\"\nsms_url = \"s3cret\"\n",
        );
        let given = [("HELIU_NODE", "s3cret"), ("HELIU_LISTN", "s3cret")];
        let loaded = Loaded::read(Some(&file.0), variables(&given));
        let told = loaded.check().unwrap_err().to_string();
        for words in [
            "line 1: there is no option databse_url; did you mean database_url?",
            "HELIU_NODE wants a whole number",
            "there is no variable HELIU_LISTN; did you mean HELIU_LISTEN?",
            "sms_url and sms_token_file belong together",
        ] {
            assert!(told.contains(words), "{words:?} in {told}");
        }
        assert!(!told.contains("s3cret"), "{told}");
        assert_eq!(told.lines().count(), 4, "{told}");
    }

    #[test]
    fn a_file_that_is_not_there_is_a_fault_beside_the_others() {
        let given = [("HELIU_NODE", "64")];
        let loaded = Loaded::read(Some(Path::new("no/such.toml")), variables(&given));
        let told = loaded.check().unwrap_err().to_string();
        for words in ["no/such.toml cannot be read", "cure", "node 64 is above 63"] {
            assert!(told.contains(words), "{words:?} in {told}");
        }
    }
}
