//! Whose a request is, as limits and the exchange log see it: the peer of its connection; behind a
//! proxy of the operator's the first address, read from the right, that is none of them (ruling
//! 66).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use http::HeaderMap;
use ipnet::IpNet;

const FORWARDED: &str = "x-forwarded-for";
/// Bits of an IPv6 address that are counted: whoever has one address has the whole network of these
/// bits.
const NETWORK_BITS: u32 = 64;

/// Proxies whose word about an address is taken.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// From addresses (`10.0.0.5`) and networks (`10.0.0.0/24`).
    ///
    /// # Errors
    /// The texts that are neither.
    pub fn try_new(texts: &[String]) -> Result<Self, Vec<String>> {
        let mut networks = Vec::with_capacity(texts.len());
        let mut others = Vec::new();
        for text in texts {
            let network = text.parse::<IpNet>().ok();
            match network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)) {
                Some(network) => networks.push(network.trunc()),
                None => others.push(text.clone()),
            }
        }
        if others.is_empty() {
            Ok(Self(networks.into()))
        } else {
            Err(others)
        }
    }

    /// Whether an address is one of theirs.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whose a request is that came from `peer` with these headers. A proxy that names nobody, or
    /// nobody that can be read, speaks for itself.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if self.0.is_empty() || !self.trusts(client) {
            return client;
        }
        for line in headers.get_all(FORWARDED).iter().rev() {
            let Ok(line) = line.to_str() else {
                return client;
            };
            for entry in line.rsplit(',') {
                let Some(address) = address(entry.trim()) else {
                    return client;
                };
                client = address.to_canonical();
                if !self.trusts(client) {
                    return client;
                }
            }
        }
        client
    }
}

/// An address as proxies write it: bare, with a port, in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let bare = bare.unwrap_or(text);
    let parsed = bare.parse::<IpAddr>().ok();
    parsed.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
}

/// An address as limits count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Origin(IpAddr);

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() >> (128 - NETWORK_BITS) << (128 - NETWORK_BITS);
                Ipv6Addr::from_bits(network).into()
            }
            address => address,
        })
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<String> = trusted.iter().map(|text| (*text).to_owned()).collect();
        let proxies = TrustedProxies::try_new(&trusted).expect("networks");
        let mut headers = HeaderMap::new();
        for line in forwarded {
            let value = HeaderValue::from_bytes(line.as_bytes()).expect("a header");
            headers.append(FORWARDED, value);
        }
        let peer = peer.parse().expect("an address");
        proxies.client(peer, &headers).to_string()
    }

    #[test]
    fn the_first_address_from_the_right_that_is_no_proxy_counts() {
        let ours = ["10.0.0.0/8", "fd00::1"];
        for (peer, forwarded, counted) in [
            // Who is no proxy may write what he likes.
            ("198.51.100.7", vec!["203.0.113.1"], "198.51.100.7"),
            ("10.0.0.5", vec!["203.0.113.1"], "203.0.113.1"),
            ("10.0.0.5", vec!["1.1.1.1, 203.0.113.1"], "203.0.113.1"),
            ("10.0.0.5", vec!["203.0.113.1, 10.2.3.4"], "203.0.113.1"),
            (
                "10.0.0.5",
                vec!["203.0.113.1", "10.2.3.4,10.2.3.5"],
                "203.0.113.1",
            ),
            ("10.0.0.5", vec!["1.1.1.1", "203.0.113.1"], "203.0.113.1"),
            ("10.0.0.5", vec!["203.0.113.1:40001"], "203.0.113.1"),
            ("10.0.0.5", vec!["[2001:db8::7]:40001"], "2001:db8::7"),
            ("10.0.0.5", vec!["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.5", vec!["2001:db8::7"], "2001:db8::7"),
            ("::ffff:10.0.0.5", vec!["::ffff:203.0.113.1"], "203.0.113.1"),
            ("fd00::1", vec!["203.0.113.1"], "203.0.113.1"),
            // Nobody is named, or nobody that can be read: the last proxy that was trusted counts.
            ("10.0.0.5", vec![], "10.0.0.5"),
            ("10.0.0.5", vec!["203.0.113.1, unknown"], "10.0.0.5"),
            ("10.0.0.5", vec!["unknown, 10.2.3.4"], "10.2.3.4"),
            ("10.0.0.5", vec![""], "10.0.0.5"),
            ("10.0.0.5", vec!["\u{ff}"], "10.0.0.5"),
        ] {
            assert_eq!(
                client(&ours, peer, &forwarded),
                counted,
                "{peer} {forwarded:?}"
            );
        }
        assert_eq!(client(&[], "10.0.0.5", &["203.0.113.1"]), "10.0.0.5");
    }

    #[test]
    fn what_is_no_address_is_told() {
        let texts = ["10.0.0.0/8", "10.0.0.0/40", "balancer", "::1"].map(str::to_owned);
        let others = TrustedProxies::try_new(&texts).expect_err("two are none");
        assert_eq!(others, ["10.0.0.0/40", "balancer"]);
    }

    #[test]
    fn a_network_of_64_bits_counts_as_one_address() {
        let origin = |text: &str| Origin::from(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(origin("2001:db8::1"), origin("2001:db8::ffff:1"));
        assert_ne!(origin("2001:db8::1"), origin("2001:db8:0:1::1"));
        assert_eq!(origin("192.0.2.1"), origin("::ffff:192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
    }
}
