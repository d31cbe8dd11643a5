//! The key of all keys.

use std::path::PathBuf;

use crate::config::option::section;

section! {
    /// Keys
    Keys from FileAndEnvironment {
        /// The file with the root key, mode 0600. The root key encrypts all other keys. `heliu
        /// serve` refuses to start without one; `heliu keys root` makes one. `-` is standard input.
        /// HELIU_ROOT_KEY gives the key itself.
        root_key_file: Option<PathBuf> = None,
        variable "HELIU_ROOT_KEY_FILE",
        example "\"/etc/heliu/root.key\"",
        wants "a file's name";
    }
}
