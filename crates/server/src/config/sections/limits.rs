//! How much at once.

use crate::config::option::section;

section! {
    /// Limits
    Limits from FileAndEnvironment {
        /// Connections at the same time. A till that confirms a payment holds one for up to 80 s.
        /// When there are so many, the one goes that has been without a whole request for longest,
        /// never one whose request is under way; an eighth is kept for channels' callbacks and
        /// payers' pages. Where fewer files may be open (ulimit -n), there are fewer.
        connections_max: usize = 10_000,
        wants "a whole number, such as 10000";

        /// Connections of one address at the same time, and requests of one address behind a
        /// trusted proxy; 0 is no limit. Many tills may share one address.
        connections_per_address: usize = 1_000,
        wants "a whole number; 0 is no limit";

        /// Requests per second from one address, before anything is decoded; 0 is no limit.
        /// Generous, since many tills may share one address. Behind a proxy that is not in
        /// trusted_proxies every request has the proxy's address: set it to 0 there and limit in
        /// the proxy.
        requests_per_address_per_s: u32 = 5_000,
        wants "a whole number; 0 is no limit";

        /// Requests per second of one app, after its signature held; 0 is no limit. Keeps one
        /// merchant's faulty loop from the others.
        requests_per_app_per_s: u32 = 2_000,
        wants "a whole number; 0 is no limit";
    }
}
