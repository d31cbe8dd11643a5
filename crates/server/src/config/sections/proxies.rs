//! Whose word about addresses is taken.

use heliu_gateway::TrustedProxies;

use crate::config::masked::masked;
use crate::config::option::section;

section! {
    /// Proxies
    Proxies from FileAndEnvironment {
        /// Your own proxies and balancers, as addresses or networks: `["10.0.0.5",
        /// "10.1.0.0/16"]`. Their connections are not counted by address, and what they say in
        /// X-Forwarded-For is taken: the first address there, read from the right, that is none of
        /// them is the one that all limits and the exchange log see. Name nobody here who does not
        /// set that header: who can write it can be anybody.
        trusted_proxies: Vec<String> = Vec::new(),
        wants "a list of addresses and networks, such as [\"10.0.0.0/24\"]";
    }
}

impl Proxies {
    /// Whose word about addresses is taken.
    pub(crate) fn trusted(&self) -> TrustedProxies {
        TrustedProxies::try_new(&self.trusted_proxies).unwrap_or_default()
    }

    /// Whether all of them are addresses or networks.
    pub(in crate::config) fn check(&self) -> Result<(), String> {
        match TrustedProxies::try_new(&self.trusted_proxies) {
            Ok(_) => Ok(()),
            Err(others) => {
                let others: Vec<String> = others.iter().map(|other| masked(other)).collect();
                let others = others.join(", ");
                Err(format!(
                    "trusted_proxies: {others}: neither an address (10.0.0.5) nor a network (10.0.0.0/24)"
                ))
            }
        }
    }
}
