//! `heliu migrate`, `export`, `import`, `backup`: what is done to the books as a whole. The same
//! commands stand under `heliu books`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::config::Config;
use crate::failure::Failure;
use crate::moving;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bring the books to this program's schema; a starting node does the same
    Migrate {
        /// Only say what would be done; exit code 1 if there is something
        #[arg(long)]
        check: bool,
    },
    /// Write a complete copy of the books that SQLite and PostgreSQL both read, also beside a
    /// serving process
    #[command(after_help = "Examples:\n  heliu export books.heliu\n  \
        heliu export - | DATABASE_URL=postgres://... heliu import -")]
    Export {
        /// The new file, or - for standard output
        file: PathBuf,
    },
    /// Read such a copy into empty books, whole or not at all, and check them
    #[command(
        after_help = "Examples:\n  DATABASE_URL=postgres://... heliu import books.heliu\n  \
        HELIU_DATA=new-folder heliu import books.heliu"
    )]
    Import {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Copy SQLite books into a new folder that can be served as it is, also beside a serving
    /// process
    Backup {
        /// The folder, which must not exist yet
        folder: PathBuf,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    match command {
        Command::Migrate { check: true } => moving::migrate::look(config).await,
        Command::Migrate { check: false } => moving::migrate::run(config).await,
        Command::Export { file } => moving::export::run(config, &file).await,
        Command::Import { file } => moving::import::run(config, &file).await,
        Command::Backup { folder } => moving::back_up::run(config, &folder).await,
    }
}
