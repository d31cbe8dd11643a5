//! Our own address, as payers and channels see it.

use std::net::IpAddr;

use http::Uri;

use super::Problem;

/// The address under which we are reached. With real money it must lead here from outside: payers
/// open it, and channels tell there what was paid.
///
/// # Errors
/// What it must be.
pub fn check_public_url(text: &str, is_live: bool) -> Result<(), Problem> {
    let malformed = || {
        let form = "an address with its scheme and nothing behind the host, such as https://pay.example.com";
        Err(Problem::Malformed(form.to_owned()))
    };
    let Ok(address) = text.parse::<Uri>() else {
        return malformed();
    };
    let is_http = matches!(address.scheme_str(), Some("http" | "https"));
    let Some(authority) = address.authority().filter(|_| is_http) else {
        return malformed();
    };
    let is_bare = address.query().is_none() && !authority.as_str().contains('@');
    let host = authority.host();
    if !is_bare || host.is_empty() || text.chars().any(char::is_whitespace) {
        return malformed();
    }
    if is_live && is_this_machine(host) {
        return Err(Problem::unfit(
            format!("leads to {host}, which for payers and channels is their own machine"),
            "name the address under which they reach this platform, such as https://pay.example.com",
        ));
    }
    Ok(())
}

/// Whether whoever dials a host reaches himself.
fn is_this_machine(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => {
            address.to_canonical().is_loopback() || address.to_canonical().is_unspecified()
        }
        Err(_) => name == "localhost" || name.ends_with(".localhost") || name == "ip6-localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_a_scheme_and_leads_here_from_outside() {
        for text in [
            "https://pay.example.com",
            "http://203.0.113.7:8080",
            "https://pay.example.com/heliu",
            "https://pay.example.com/",
        ] {
            assert_eq!(check_public_url(text, true), Ok(()), "{text}");
        }
        for text in [
            "",
            "pay.example.com",
            "pay.example.com:8080",
            "//pay.example.com",
            "ftp://pay.example.com",
            "https://",
            "https://a b",
            "https://u:p@a.example",
            "https://a.example?x=1",
        ] {
            let fault = check_public_url(text, false).expect_err(text);
            assert!(matches!(fault, Problem::Malformed(_)), "{text}: {fault}");
        }
        for text in [
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://LOCALHOST.:80",
            "http://[::1]:8080",
            "http://0.0.0.0:80",
            "http://[::ffff:127.0.0.1]",
            "http://a.localhost",
        ] {
            assert_eq!(check_public_url(text, false), Ok(()), "{text}");
            let fault = check_public_url(text, true).expect_err(text);
            assert!(fault.cure().is_some(), "{text}: {fault}");
        }
    }
}
