//! Which addresses a notification may go to. Source: reliability row F4.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Longest notification address that is taken, in bytes.
const URL_BYTES_MAX: usize = 2048;

/// What the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressPolicy {
    /// Takes private, loopback and link-local addresses: for a laboratory only.
    pub dangerous_allow_private: bool,
}

impl AddressPolicy {
    /// Whether an address may be dialled.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        self.dangerous_allow_private || is_public(address)
    }

    /// Checks form, scheme and literal address; names are checked again when they are dialled.
    ///
    /// # Errors
    /// The reason, for whoever gave the address.
    pub fn check(self, text: &str) -> Result<Url, String> {
        if text.len() > URL_BYTES_MAX {
            return Err(format!("the address is longer than {URL_BYTES_MAX} bytes"));
        }
        if text.chars().any(char::is_control) {
            return Err("the address contains control characters".to_owned());
        }
        let url = Url::parse(text).map_err(|cause| format!("the address is malformed: {cause}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!(
                "the scheme {} is neither http nor https",
                url.scheme()
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the address contains credentials".to_owned());
        }
        let literal = match url.host() {
            None => return Err("the address names no host".to_owned()),
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
        };
        match literal {
            Some(address) if !self.allows(address) => {
                Err(format!("{address} is not a public address"))
            }
            _ => Ok(url),
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => {
            embedded_v4(address).map_or_else(|| is_public_v6(address), is_public_v4)
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_benchmark = a == 198 && (b == 18 || b == 19);
    let is_protocol = a == 192 && b == 0 && c == 0;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || is_shared
        || is_benchmark
        || is_protocol)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_documentation = first == 0x2001 && second == 0x0db8;
    // Only global unicast, 2000::/3, is public.
    (first & 0xe000) == 0x2000 && !is_documentation
}

/// The IPv4 address inside a mapped, compatible, NAT64 or 6to4 address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let from = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => Some(from(high, low)),
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(from(high, low)),
        [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: AddressPolicy = AddressPolicy {
        dangerous_allow_private: false,
    };

    #[test]
    fn addresses_that_lead_inside_are_refused_in_every_spelling() {
        for url in [
            "http://127.0.0.1/n",
            "http://2130706433/n",
            "http://0x7f.1/n",
            "http://017700000001/n",
            "http://10.0.0.1/",
            "http://172.16.0.1/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "http://user:pass@example.com/",
            "http://example.com/\r\nHost: evil",
            "not a url",
            "",
        ] {
            assert!(STRICT.check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn public_addresses_and_names_are_taken() {
        for url in [
            "http://8.8.8.8/n?a=1",
            "https://merchant.example/notify",
            "http://[2606:4700::1]/",
        ] {
            assert!(STRICT.check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_laboratory_may_allow_its_loopback() {
        let lab = AddressPolicy {
            dangerous_allow_private: true,
        };
        assert!(lab.check("http://127.0.0.1:9000/n").is_ok());
        assert!(lab.check("gopher://127.0.0.1/").is_err());
    }
}
