//! `heliu books`

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::admin::{Request, ask};
use crate::books_store::{BOOKS_FILE, COMPANION_FILES};
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the invariants against the books, also beside a serving process
    Check,
    /// Copy the books into a new folder, also beside a serving process; that folder can be served as it is
    Backup {
        /// The folder, which must not exist yet
        folder: PathBuf,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    match command {
        Command::Check => ask(config, Request::CheckBooks).await,
        Command::Backup { folder } => back_up(config, &folder).await,
    }
}

async fn back_up(config: &Config, folder: &Path) -> Result<String, Failure> {
    let named = |cause: std::io::Error| Failure::new(format!("{}: {cause}", folder.display()));
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .map_err(named)?;
    let folder = folder.canonicalize().map_err(named)?;
    let to = folder.join(BOOKS_FILE);
    if let Err(failure) = ask(config, Request::BackUpBooks { to }).await {
        let _ = std::fs::remove_dir(&folder);
        return Err(failure);
    }
    for name in COMPANION_FILES {
        let from = config.data.join(name);
        if from.exists() {
            std::fs::copy(from, folder.join(name)).map_err(named)?;
        }
    }
    Ok(format!(
        "the books as they stood are in {0}\n\
         without the root key, which they need and which is kept elsewhere\n\
         to go back to them: heliu serve with HELIU_DATA={0}, and first: heliu books check",
        folder.display()
    ))
}
