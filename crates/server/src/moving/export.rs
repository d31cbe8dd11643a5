//! `heliu export`: a complete copy of the books as a file, or on standard output.

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use heliu_store::Place;
use heliu_store::moving::Moved;

use super::bar::Bar;
use super::{Found, STANDARD, contents, find};
use crate::books_store::{folder_marks, no_books_in_folder};
use crate::config::Config;
use crate::failure::Failure;
use crate::folder::sync_folder_of;
use crate::terminal::tell;

/// Writes it; a file is there whole or not at all.
pub(crate) async fn run(config: &Config, to: &Path) -> Result<String, Failure> {
    let found = find(config).await?;
    let place = &found.place;
    if matches!(place, Place::Sqlite(path) if !path.exists()) {
        return Err(no_books_in_folder());
    }
    if to.as_os_str() == STANDARD {
        let out = std::io::stdout();
        if out.is_terminal() {
            return Err(Failure::with_cure(
                "an export is nothing for a terminal",
                "heliu export - | heliu import -, or name a file",
            ));
        }
        let said = write(config, &found, out).await?;
        tell(&said);
        return Ok(String::new());
    }
    refuse_if_there(to)?;
    let draft = draft_of(to);
    let said = write_draft(config, &found, to, &draft).await;
    if said.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    Ok(format!(
        "{}\nwritten to {}, which only you can read\nnext: DATABASE_URL=... heliu import {1}",
        said?,
        to.display()
    ))
}

async fn write_draft(
    config: &Config,
    found: &Found,
    to: &Path,
    draft: &Path,
) -> Result<String, Failure> {
    let named = |cause: std::io::Error| Failure::new(format!("{}: {cause}", to.display()));
    let _left_by_a_killed_one = std::fs::remove_file(draft);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)
        .map_err(named)?;
    let written = file.try_clone().map_err(named)?;
    let said = write(config, found, file).await?;
    written.sync_all().map_err(named)?;
    refuse_if_there(to)?;
    std::fs::rename(draft, to).map_err(named)?;
    sync_folder_of(to).map_err(named)?;
    Ok(said)
}

async fn write(
    config: &Config,
    found: &Found,
    out: impl Write + Send + 'static,
) -> Result<String, Failure> {
    // A file's folder is held while it is written, so that nobody begins to serve these books
    // meanwhile; of a PostgreSQL only the nodes tell, before and after.
    let Found { place, held } = found;
    let marks = match place {
        Place::Sqlite(_) => folder_marks(&config.books.data)?,
        Place::Postgres(_) => std::collections::BTreeMap::new(),
    };
    let was_served = place.nodes_serving().await? > 0;
    let bar = Bar::new();
    let moved = place.export(marks, out, bar.clone()).await;
    let took = bar.end(moved.as_ref().map_or(0, |moved| moved.header.rows()));
    let is_served = match place {
        Place::Sqlite(_) => held.is_none(),
        Place::Postgres(_) => was_served || place.nodes_serving().await? > 0,
    };
    Ok(report(&moved?, &took, is_served))
}

fn report(moved: &Moved, took: &str, is_served: bool) -> String {
    let mut lines = vec![
        format!("exported {} ({took})", contents(&moved.header)),
        "keys and what else is secret are sealed under the root key, which is not in it".to_owned(),
    ];
    if is_served {
        lines.push(
            "these books are being served: what came after the beginning of this export is not in it; to move \
             them, stop every node and export again"
                .to_owned(),
        );
    }
    lines.join("\n")
}

fn refuse_if_there(to: &Path) -> Result<(), Failure> {
    if !to.exists() {
        return Ok(());
    }
    Err(Failure::with_cure(
        format!(
            "{} exists already, and nothing is overwritten",
            to.display()
        ),
        "name another file",
    ))
}

fn draft_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".draft");
    to.with_file_name(name)
}
