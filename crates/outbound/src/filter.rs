//! Which addresses a notification may go to. Source: reliability row F4.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Longest notification address that is taken, in bytes.
const URL_BYTES_MAX: usize = 2048;

/// Longest address of a page to which a payer's browser is sent, in bytes.
const PAGE_BYTES_MAX: usize = 1024;

/// What the operator allows, and where we ourselves are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    /// Takes private, loopback and link-local addresses, and names of such: for a laboratory only.
    pub dangerous_allow_private: bool,
    /// Our own addresses: nobody is to be notified there, and no payer sent back there.
    pub own: Vec<Url>,
}

impl AddressPolicy {
    /// Whether an address may be dialled.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.dangerous_allow_private || is_public(address)
    }

    /// Checks form, scheme, name and literal address of a place that is to be notified; names are
    /// checked again by the addresses that they lead to when they are dialled.
    ///
    /// # Errors
    /// The reason, for whoever gave the address.
    pub fn check(&self, text: &str) -> Result<Url, String> {
        let url = self.check_form(text, URL_BYTES_MAX)?;
        match url.host() {
            None => Err("the address names no host".to_owned()),
            Some(Host::Ipv4(address)) => self.check_literal(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.check_literal(IpAddr::V6(address)),
            Some(Host::Domain(name)) => self.check_name(name),
        }?;
        Ok(url)
    }

    /// Checks the address of a page to which a payer's browser is sent. It may lead into the
    /// payer's own network.
    ///
    /// # Errors
    /// The reason, for whoever gave the address.
    pub fn check_page(&self, text: &str) -> Result<(), String> {
        self.check_form(text, PAGE_BYTES_MAX).map(|_| ())
    }

    fn check_form(&self, text: &str, bytes_max: usize) -> Result<Url, String> {
        if text.len() > bytes_max {
            return Err(format!("the address is longer than {bytes_max} bytes"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err("the address contains blanks or control characters".to_owned());
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
        if self.own.iter().any(|own| is_same_place(own, &url)) {
            return Err("the address is this platform's own".to_owned());
        }
        Ok(url)
    }

    fn check_literal(&self, address: IpAddr) -> Result<(), String> {
        if self.allows(address) {
            return Ok(());
        }
        Err(format!("{address} is not a public address"))
    }

    fn check_name(&self, name: &str) -> Result<(), String> {
        if self.dangerous_allow_private || !is_inner(name) {
            return Ok(());
        }
        Err(format!(
            "{name} is a name within one machine or network, which nobody else can reach; give one that the internet knows"
        ))
    }
}

/// Whether two addresses lead to the same listener. With the usual ports, one for each scheme, they
/// do: both are one site.
fn is_same_place(own: &Url, other: &Url) -> bool {
    const USUAL: [Option<u16>; 2] = [Some(80), Some(443)];
    let host = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        host.trim_end_matches('.').to_owned()
    };
    let (port, other_port) = (own.port_or_known_default(), other.port_or_known_default());
    let is_same_port = port == other_port || USUAL.contains(&port) && USUAL.contains(&other_port);
    is_same_port && host(own) == host(other)
}

/// Whether a name is one that only a machine, or a network, knows for itself: a single word, or
/// under one of the ends that are kept for that (RFC 6761, 6762, 8375; `internal` by ICANN). The
/// resolver is not asked.
fn is_inner(name: &str) -> bool {
    const ENDS: [&str; 10] = [
        "localhost",
        "localdomain",
        "local",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "home.arpa",
    ];
    let name = name.trim_end_matches('.');
    let is_below = |end: &str| {
        let rest = name.strip_suffix(end);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.') || ENDS.iter().any(|end| is_below(end))
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
    // Relays of 6to4, which are no more (RFC 7526).
    let is_relay = a == 192 && b == 88 && c == 99;
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
        || is_protocol
        || is_relay)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_documentation =
        first == 0x2001 && second == 0x0db8 || first == 0x3fff && second < 0x1000;
    // 2001::/23 is the protocols' own: Teredo, which carries an IPv4 address inside, benchmarks,
    // ORCHID.
    let is_protocol = first == 0x2001 && second < 0x0200;
    // Only global unicast, 2000::/3, is public.
    (first & 0xe000) == 0x2000 && !is_documentation && !is_protocol
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

    fn strict() -> AddressPolicy {
        AddressPolicy {
            dangerous_allow_private: false,
            own: own(&["https://pay.example.com", "http://203.0.113.9:8080"]),
        }
    }

    fn own(addresses: &[&str]) -> Vec<Url> {
        let parsed = addresses.iter().map(|text| Url::parse(text));
        parsed.collect::<Result<_, _>>().expect("addresses")
    }

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
            "http://192.88.99.1/",
            "http://192.88.99.255:8443/n",
            "http://[2002:c058:6301::]/",
            "http://[2001::1]/",
            "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
            "http://[2001:10::1]/",
            "http://[2001:db8::1]/",
            "http://[3fff::1]/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "http://user:pass@example.com/",
            "http://example.com/\r\nHost: evil",
            "not a url",
            "",
        ] {
            assert!(strict().check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn public_addresses_and_names_are_taken() {
        for url in [
            "http://8.8.8.8/n?a=1",
            "https://merchant.example/notify",
            "http://[2606:4700::1]/",
            "http://[2001:4860::8888]/",
            "http://192.88.98.1/",
            "http://192.88.100.1/",
            "https://localhost.example.com/",
            "https://local.example/",
            "https://mylocal.cn/",
            "https://internal.shop.cn./",
            "https://pay.example.com.cn/",
            "https://shop.pay.example.com/",
            "https://pay.example.com:8443/notify",
        ] {
            assert!(strict().check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_laboratory_may_allow_its_loopback() {
        let lab = AddressPolicy {
            dangerous_allow_private: true,
            own: own(&["http://127.0.0.1:8080"]),
        };
        for url in [
            "http://127.0.0.1:9000/n",
            "http://localhost:9000/n",
            "http://till/n",
            "http://shop.local/",
        ] {
            assert!(lab.check(url).is_ok(), "{url}");
        }
        assert!(lab.check("http://127.0.0.1:8080/n").is_err(), "our own");
        assert!(lab.check("gopher://127.0.0.1/").is_err());
    }

    #[test]
    fn names_that_only_a_machine_or_a_network_knows_are_refused_with_the_reason() {
        for name in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "ｌｏｃａｌｈｏｓｔ",
            "a.localhost",
            "ip6-localhost",
            "ip6-loopback",
            "localhost.localdomain",
            "till",
            "till.local",
            "db.prod.internal",
            "router.lan",
            "router.home.arpa",
            "metadata.google.internal",
        ] {
            for url in [
                format!("http://{name}/n"),
                format!("https://{name}:8080/n?a=b"),
            ] {
                let why = strict().check(&url).expect_err(&url);
                assert!(why.contains("nobody else can reach"), "{url}: {why}");
            }
        }
    }

    #[test]
    fn our_own_address_is_refused_in_every_spelling() {
        for url in [
            "https://pay.example.com/notify",
            "https://pay.example.com:443/",
            "http://pay.example.com/",
            "HTTPS://PAY.EXAMPLE.COM./n",
            "http://203.0.113.9:8080/n",
        ] {
            let why = strict().check(url).expect_err(url);
            assert!(why.contains("own"), "{url}: {why}");
            assert!(strict().check_page(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_browser_is_sent_to_pages_only() {
        for url in [
            "https://merchant.example/done",
            "HTTP://merchant.example:8443/?a=b",
            "http://192.168.1.20/till",
            "http://localhost:3000/done",
        ] {
            assert_eq!(strict().check_page(url), Ok(()), "{url}");
        }
        let long = format!("https://merchant.example/{}", "x".repeat(1024));
        for url in [
            "",
            "merchant.example/done",
            "javascript://x%0aalert(1)",
            "https://merchant.example/\r\nSet-Cookie: a=b",
            "https://merchant.example/a b",
            "https://merchant.example/a\tb",
            "https://shop:secret@merchant.example/",
            "https://shop@merchant.example/",
            "https://:secret@merchant.example/",
            &long,
        ] {
            assert!(strict().check_page(url).is_err(), "{url}");
        }
    }
}
