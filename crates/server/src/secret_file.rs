//! Secrets from files of their own, which nobody but their reader may read, and from standard
//! input.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use crate::failure::Failure;

/// Longest secret that is read from standard input, in bytes.
const INPUT_BYTES_MAX: u64 = 64 * 1024;
/// Stands for standard input in place of a file or a text.
pub(crate) const STANDARD_INPUT: &str = "-";

/// What standard input held, and whose secret that is.
static INPUT: Mutex<Option<(String, SecretString)>> = Mutex::new(None);

/// The secret on standard input, for what `whose` names. There is one input: whoever else wants one
/// is refused, and the same one may ask again.
pub(crate) fn read_standard_input(whose: &str) -> Result<String, Failure> {
    let mut input = INPUT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((taken_by, secret)) = input.as_ref() {
        if taken_by == whose {
            return Ok(secret.expose_secret().to_owned());
        }
        return Err(Failure::with_cure(
            format!("standard input is {taken_by} already, and cannot be {whose} too"),
            "give one of them by a file: @FILE",
        ));
    }
    let mut text = String::new();
    let read = std::io::stdin()
        .take(INPUT_BYTES_MAX)
        .read_to_string(&mut text);
    read.map_err(|cause| Failure::new(format!("{whose} from standard input: {cause}")))?;
    let text = text.trim_end();
    if text.is_empty() {
        return Err(Failure::with_cure(
            format!("{whose}: standard input is empty"),
            "write the secret into it",
        ));
    }
    *input = Some((whose.to_owned(), SecretString::from(text)));
    Ok(text.to_owned())
}

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

/// Whether systemd handed a file to this process. It lets the unit's user read it by an access
/// list; the mode then shows that list's mask where the group's bits are, though no group may read
/// anything.
pub(crate) fn is_credential(path: &Path) -> bool {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    folder.is_some_and(|folder| folder.is_absolute() && path.starts_with(folder))
}
