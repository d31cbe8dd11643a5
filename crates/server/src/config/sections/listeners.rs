//! Where heliu listens, and how it is reached from outside.

use std::net::SocketAddr;

use heliu_engine::enrolment::Faults;
use heliu_engine::enrolment::addresses::check_public_url;

use crate::config::option::section;

section! {
    /// Listeners
    Listeners from FileAndEnvironment {
        /// The address at which merchants, payers and channels reach us. Put a TLS proxy in front
        /// of it.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)),
        variable "HELIU_LISTEN",
        wants "an address with its port, such as \"127.0.0.1:8080\"";

        /// Health (/livez, /readyz) and metrics (/metrics). Never make them public: they tell about
        /// your trade.
        admin_listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8081)),
        variable "HELIU_ADMIN_LISTEN",
        wants "an address with its port, such as \"127.0.0.1:8081\"";

        /// Our address as payers' phones and channels' callbacks see it, without a trailing slash.
        /// Absent: the address of `listen`, which works on one machine only.
        public_url: Option<String> = None,
        variable "HELIU_PUBLIC_URL",
        example "\"https://pay.example.com\"",
        wants "an address, such as \"https://pay.example.com\"";
    }
}

impl Listeners {
    /// Our address as payers and channels see it, looked at: with real money it must lead here from
    /// outside.
    pub(crate) fn check_public_url(&self, is_live: bool) -> Result<(), Faults> {
        let mut faults = Faults::new();
        if let Some(text) = &self.public_url {
            faults.note(
                "public_url (HELIU_PUBLIC_URL)",
                check_public_url(text, is_live),
            );
        }
        faults.into_result()
    }
}
