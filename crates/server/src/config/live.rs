//! What a configuration lacks although it holds: files that it names, and what real money needs.

use std::fs::File;

use super::Config;
use crate::secret_file::{STANDARD_INPUT, read_private};

/// What is wrong with the files that are named: a secret that is not there or that others may read,
/// certificates that cannot be read.
pub(crate) fn unreadable(config: &Config) -> Vec<String> {
    let root_key = &config.keys.root_key_file;
    let root_key = root_key
        .iter()
        .filter(|file| file.as_os_str() != STANDARD_INPUT);
    let secrets = root_key.chain(&config.messages.sms_token_file);
    let secrets = secrets.filter_map(|file| read_private(file).err());
    let secrets = secrets.map(|failure| failure.to_string());

    let certificates = [
        ("database_ca_file", &config.books.database_ca_file),
        ("channel_ca_file", &config.channels.channel_ca_file),
    ];
    let certificates = certificates.into_iter().filter_map(|(option, file)| {
        let file = file.as_ref()?;
        let cause = File::open(file).err()?;
        Some(format!("{option}: {}: {cause}", file.display()))
    });
    secrets.chain(certificates).collect()
}

/// What `heliu serve` refuses and `heliu demo` takes.
pub(crate) fn refusals(config: &Config, has_root_key: bool) -> Vec<String> {
    let mut refusals = Vec::new();
    if let Err(faults) = config.listeners.check_public_url(true) {
        refusals.push(faults.to_string());
    }
    if let Err(failure) = config.laboratory.check_live() {
        refusals.push(failure.to_string());
    }
    if !has_root_key && config.keys.root_key_file.is_none() {
        refusals.push("there is no root key; set root_key_file".to_owned());
    }
    refusals
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_file_that_is_named_and_missing_is_told() {
        let missing = || Some(PathBuf::from("no/such/file"));
        let mut config = Config::default();
        assert_eq!(unreadable(&config), Vec::<String>::new());
        config.keys.root_key_file = Some(PathBuf::from(STANDARD_INPUT));
        assert_eq!(unreadable(&config), Vec::<String>::new());
        config.keys.root_key_file = missing();
        config.messages.sms_token_file = missing();
        config.books.database_ca_file = missing();
        config.channels.channel_ca_file = missing();
        let told = unreadable(&config);
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(
            told.iter().all(|fault| fault.contains("no/such/file")),
            "{told:?}"
        );
    }

    #[test]
    fn what_real_money_needs_is_told() {
        let mut config = Config::default();
        assert_eq!(refusals(&config, true), Vec::<String>::new());
        assert_eq!(refusals(&config, false).len(), 1);
        config.listeners.public_url = Some("http://127.0.0.1:8080".to_owned());
        config.laboratory.time_factor = Some(20);
        let told = refusals(&config, true).join("\n");
        for words in ["public_url", "HELIU_TIME_FACTOR"] {
            assert!(told.contains(words), "{words:?} in {told}");
        }
    }
}
