//! Secrets in files of their own, which nobody but their reader may read.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A secret's text from its file, which nobody but its owner may read.
pub(crate) fn read_private(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let unreadable = |cause: std::io::Error| {
        let cure = "name a file that is there and that this process may read";
        Failure::with_cure(format!("{name}: {cause}"), cure)
    };
    let mode = std::fs::metadata(path).map_err(unreadable)?.mode();
    let exposing = if is_credential(path) { 0o037 } else { 0o077 };
    if mode & exposing != 0 {
        return Err(Failure::with_cure(
            format!("{name} may be read by others"),
            &format!("chmod 600 {name}"),
        ));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Failure::with_cure(
            format!("{name} is empty"),
            "write the secret into it",
        ));
    }
    Ok(text.to_owned())
}

/// Whether systemd handed a file to this process. It lets the unit's user read it by an access list; the mode then
/// shows that list's mask where the group's bits are, though no group may read anything.
pub(crate) fn is_credential(path: &Path) -> bool {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    folder.is_some_and(|folder| folder.is_absolute() && path.starts_with(folder))
}
