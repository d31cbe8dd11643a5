//! `heliu backup`: a folder with a copy of SQLite books that can be served as it is.

use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use heliu_store::Place;

use super::{Found, find};
use crate::books_store::{BOOKS_FILE, folder_marks, no_books_in_folder};
use crate::config::Config;
use crate::failure::Failure;
use crate::folder::write_private;

/// Makes it. The books are read over a connection of this command's own: a serving process is
/// neither asked nor waited for, and need not be able to write where the copy goes.
pub(crate) async fn run(config: &Config, folder: &Path) -> Result<String, Failure> {
    let Found { place, held: _held } = find(config).await?;
    if matches!(&place, Place::Sqlite(path) if !path.exists()) {
        return Err(no_books_in_folder());
    }
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .map_err(|cause| refused(folder, &cause))?;
    let filled = fill(config, &place, folder).await;
    if let Err(failure) = filled {
        let _ = std::fs::remove_dir_all(folder);
        return Err(failure);
    }
    let folder = folder.canonicalize()?;
    Ok(format!(
        "the books as they stood are in {0}\n\
         without the root key, which they need and which is kept elsewhere\n\
         to go back to them: heliu serve with HELIU_DATA={0}, and first: heliu books check",
        folder.display()
    ))
}

/// The marks come first: a copy that is cut short is never taken for books of another mode.
async fn fill(config: &Config, place: &Place, folder: &Path) -> Result<(), Failure> {
    if matches!(place, Place::Sqlite(_)) {
        for (name, value) in folder_marks(&config.books.data)? {
            write_private(&folder.join(name), &value)?;
        }
    }
    Ok(place.back_up(folder.join(BOOKS_FILE)).await?)
}

fn refused(folder: &Path, cause: &std::io::Error) -> Failure {
    let cure = match cause.kind() {
        ErrorKind::AlreadyExists => "name a folder that does not exist yet",
        ErrorKind::NotFound => "make the folder around it first",
        _ => "make the folder around it writable",
    };
    Failure::with_cure(
        format!("{} cannot be made: {cause}", folder.display()),
        cure,
    )
}
