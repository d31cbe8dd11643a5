//! `heliu backup`: a folder with a copy of SQLite books that can be served as it is.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use crate::admin::{Request, ask};
use crate::books_store::{BOOKS_FILE, COMPANION_FILES};
use crate::config::Config;
use crate::failure::Failure;

/// Makes it, here or in the serving process.
pub(crate) async fn run(config: &Config, folder: &Path) -> Result<String, Failure> {
    if config.database_url.is_some() {
        return Err(Failure::with_cure(
            "these books are in a PostgreSQL, which is backed up by its own tools",
            "pg_basebackup with an archive of the log (pgBackRest and Barman keep both) goes back to any commit; \
             pg_dump copies one instant; heliu export makes a copy that SQLite reads too",
        ));
    }
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
