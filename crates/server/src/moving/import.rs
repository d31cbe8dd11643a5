//! `heliu import`: empty books are filled from a file, or from standard input, and checked.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use heliu_office::Office;
use heliu_office::actor::Actor;
use heliu_store::Place;
use heliu_store::moving::{BooksFile, Header, ImportError, Moved};
use heliu_vault::SealingVault;

use super::bar::Bar;
use super::{STANDARD, contents, place};
use crate::books_store::{BOOKS_FILE, MODE, ROOT_CHECK, standing_marks};
use crate::config::Config;
use crate::failure::Failure;
use crate::folder::{Folder, OwnRootKey, has_root_key, root_key};
use crate::mode::Mode;
use crate::platform::Books;

/// Reads it, whole or not at all.
pub(crate) async fn run(config: &Config, from: &Path) -> Result<String, Failure> {
    let folder = Folder::take_to_serve(&config.books.data)?;
    let place = place(config);
    place.refuse_damage().await?;
    let file = open(from).await?;
    let marks = file.header().marks.clone();
    compare(config, &folder, &place, file.header()).await?;
    let bar = Bar::new();
    let moved = fill(&folder, &place, file, &bar).await;
    let took = bar.end(moved.as_ref().map_or(0, |moved| moved.header.rows()));
    let moved = moved?;
    let checked = check(config, &folder).await.map_err(|failure| {
        Failure::with_cure(
            format!("the books were imported as the export has them, but: {failure}"),
            "do not serve them; heliu books check on the books that they come from",
        )
    })?;
    Ok(report(config, &moved, &marks, &took, &checked))
}

async fn open(from: &Path) -> Result<BooksFile, Failure> {
    let name = from.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        if name.as_os_str() == STANDARD {
            return Ok(BooksFile::open(std::io::stdin())?);
        }
        let file = File::open(&name);
        let file = file.map_err(|cause| Failure::new(format!("{}: {cause}", name.display())))?;
        Ok(BooksFile::open(file)?)
    });
    opened
        .await
        .map_err(|cause| Failure::new(cause.to_string()))?
}

/// The books that the file comes from, the folder, the database and the root key must go together.
async fn compare(
    config: &Config,
    folder: &Folder,
    place: &Place,
    header: &Header,
) -> Result<(), Failure> {
    let (Some(mode), Some(sealed)) = (header.marks.get(MODE), header.marks.get(ROOT_CHECK)) else {
        return Err(Failure::new(
            "the export does not say of which mode and root key it is; export it anew",
        ));
    };
    let stand = [
        (
            "data folder",
            "HELIU_DATA",
            standing_marks(&config.books.data)?,
        ),
        ("database", "DATABASE_URL", place.marks().await?),
    ];
    for (what, variable, marks) in &stand {
        let elsewhere = format!("name another {what} with {variable}");
        if let Some(standing) = marks.get(MODE).filter(|standing| *standing != mode) {
            return Err(Failure::with_cure(
                format!("the {what} is a {standing} one, the export is a {mode} one"),
                &elsewhere,
            ));
        }
        if let Some(standing) = marks.get(ROOT_CHECK).filter(|of| *of != sealed) {
            return Err(Failure::with_cure(
                format!("the {what} belongs to root key {standing}, the export to {sealed}"),
                &elsewhere,
            ));
        }
    }
    let cure = "give the root key of the books that were exported: HELIU_ROOT_KEY_FILE=..., or root.key in the \
                data folder of a sandbox";
    if !has_root_key(config, folder) {
        return Err(Failure::with_cure(
            "there is no root key, and the export is sealed under one",
            cure,
        ));
    }
    let vault = SealingVault::new(root_key(config, folder, OwnRootKey::Found)?);
    vault.confirm(sealed).map_err(|_| {
        let given = vault.check_value();
        let what = format!("the export is sealed under root key {sealed}, the one here is {given}");
        Failure::with_cure(what, cure)
    })
}

/// The folder is marked before there are books in it, so that those of a sandbox are never taken
/// for live ones.
async fn fill(
    folder: &Folder,
    place: &Place,
    file: BooksFile,
    bar: &Bar,
) -> Result<Moved, Failure> {
    let mut added = Vec::new();
    for name in [MODE, ROOT_CHECK] {
        if let Some(value) = file.header().marks.get(name)
            && !folder.file(name).exists()
        {
            folder.write(name, value)?;
            added.push(folder.file(name));
        }
    }
    let moved = place.import(file, bar.clone()).await;
    if matches!(moved, Err(ImportError::Refused(_))) {
        for mark in added {
            let _ = std::fs::remove_file(mark);
        }
    }
    moved.map_err(|error| match error {
        ImportError::Refused(error) => error.into(),
        error @ ImportError::Unknown(_) => Failure::new(error.to_string()),
    })
}

/// The check of the books, by the code of `heliu books check`.
async fn check(config: &Config, folder: &Folder) -> Result<String, Failure> {
    let books = Books::open(config, folder, Mode::Command).await?;
    let engine = books.engine(
        config,
        config.listeners.public_url.as_deref().unwrap_or_default(),
        None,
    )?;
    let actor = Actor::platform("import");
    let checked = heliu_office::books::check(&Office::new(engine), &actor).await;
    books.store.close().await;
    Ok(super::sound(&checked?))
}

fn report(
    config: &Config,
    moved: &Moved,
    marks: &BTreeMap<String, String>,
    took: &str,
    checked: &str,
) -> String {
    let start = match marks.get(MODE).map(String::as_str) {
        Some("sandbox") => "heliu demo",
        _ => "heliu serve",
    };
    let start = match &config.books.database_url {
        Some(_) => format!("DATABASE_URL=... {start}"),
        None => format!("HELIU_DATA={} {start}", config.books.data.display()),
    };
    let old = config.books.data.join(BOOKS_FILE);
    let left_behind = if config.books.database_url.is_some() && old.exists() {
        let old = old.display();
        format!(
            "\n{old} is still there, and is what a start without DATABASE_URL serves: move it away"
        )
    } else {
        String::new()
    };
    let replaced = match moved.replaced_texts {
        0 => String::new(),
        count => format!(
            "in {count} texts of logs and answers a NUL, which a PostgreSQL cannot hold, became U+FFFD\n"
        ),
    };
    format!(
        "imported {} ({took})\n\
         counts, journal ({} fen turned over) and the file's digest agree\n\
         {replaced}{checked}\n\
         next: {start}, with the same root key\n\
         the books that these come from must not be served again: both would take the same money{left_behind}",
        contents(&moved.header),
        moved.journal.turnover_fen,
    )
}
