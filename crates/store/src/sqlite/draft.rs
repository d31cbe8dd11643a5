//! A file that is made beside its place, and is there whole and on disk, or not at all.

use std::fs::File;
use std::path::{Path, PathBuf};

use heliu_ports::store::StoreError;

/// A file on its way; gone when it is dropped before it is in place.
pub(crate) struct Draft {
    path: PathBuf,
    place: PathBuf,
}

impl Draft {
    /// Nothing yet, beside `place`; what an earlier one left is removed.
    pub(crate) fn of(place: &Path) -> Self {
        let path = beside(place, ".draft");
        let _not_there = std::fs::remove_file(&path);
        let place = place.to_owned();
        Self { path, place }
    }

    /// Where it is made.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Syncs what is in it, gives it its name, and syncs the folder that has the name.
    pub(crate) fn put_in_place(self) -> Result<(), StoreError> {
        let put = || {
            File::open(&self.path)?.sync_all()?;
            std::fs::rename(&self.path, &self.place)?;
            sync_folder_of(&self.place)
        };
        put().map_err(|cause| StoreError::unavailable(format!("{}: {cause}", self.place.display())))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _in_place = std::fs::remove_file(&self.path);
    }
}

/// Puts on disk that a file has a name.
pub(crate) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// The file of this name and `suffix`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}
