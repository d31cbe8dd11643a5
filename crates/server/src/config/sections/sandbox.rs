//! The sandbox of a demonstration.

use std::net::SocketAddr;

use crate::config::option::section;

section! {
    /// Sandbox
    Sandbox from FileAndEnvironment {
        /// Where the sandbox of `heliu demo` listens; `heliu serve` never opens it.
        sandbox_listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8090)),
        variable "HELIU_SANDBOX_LISTEN",
        wants "an address with its port, such as \"127.0.0.1:8090\"";

        /// A sandbox that `heliu demo` uses instead of its own. `heliu sandbox` runs one, and
        /// several nodes of a demonstration can share it.
        sandbox_url: Option<String> = None,
        variable "HELIU_SANDBOX_URL",
        example "\"http://127.0.0.1:8090\"",
        wants "an address, such as \"http://127.0.0.1:8090\"";
    }
}
