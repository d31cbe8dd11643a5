//! Where notifications may go.

use crate::config::option::section;

section! {
    /// Notifications
    Notifications from FileAndEnvironment {
        /// Accepts notification addresses on private networks and the loopback. For a laboratory
        /// only: it lets merchants make this machine call its neighbours.
        dangerous_allow_private_notify: bool = false,
        wants "true or false";
    }
}
