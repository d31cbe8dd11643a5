//! The wallet's browser: its user agent, cookies, and redirects followed by hand. Visits the
//! platform only.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, header};
use url::Url;

use super::{Refusal, refuse};
use crate::state::Inner;
use crate::transcript;
use crate::wallets::Wallet;

/// More redirects than this end the visit.
const MOST_REDIRECTS: usize = 10;

/// Where a visit ended.
pub(super) struct Page {
    pub(super) url: String,
    pub(super) status: u16,
    pub(super) text: String,
}

/// Opens a page as the wallet's browser does.
pub(super) async fn open(
    inner: &Inner,
    url: &str,
    wallet: &Wallet,
    payer: &str,
) -> Result<Page, Refusal> {
    let mut here = match Url::parse(url) {
        Ok(parsed) if is_under(&parsed, &inner.platform_url) => parsed,
        _ => {
            return refuse(
                400,
                format!(
                    "only pages of the platform ({}) can be scanned",
                    inner.platform_url
                ),
            );
        }
    };
    let mut cookies = BTreeMap::new();
    for _ in 0..=MOST_REDIRECTS {
        if is_under(&here, &inner.public_url) && !is_under(&here, &inner.platform_url) {
            here = authorize(inner, &here, payer)?;
            continue;
        }
        if !is_under(&here, &inner.platform_url) {
            if wallet.invoked(here.as_str()).is_some() {
                return Ok(Page {
                    url: here.into(),
                    status: 302,
                    text: String::new(),
                });
            }
            return refuse(
                422,
                format!("the page leads away from the platform, to {here}"),
            );
        }
        let response = fetch(inner, &here, wallet, &mut cookies).await?;
        let status = response.status();
        let location = response
            .headers()
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        match location {
            Some(location) if status.is_redirection() => {
                here = match here.join(location) {
                    Ok(next) => next,
                    Err(_) => {
                        return refuse(
                            422,
                            format!("the page redirects to no address: {location}"),
                        );
                    }
                };
            }
            _ => {
                return Ok(Page {
                    url: here.into(),
                    status: status.as_u16(),
                    text: String::from_utf8_lossy(response.body()).into_owned(),
                });
            }
        }
    }
    refuse(
        422,
        format!("more than {MOST_REDIRECTS} redirects, the last to {here}"),
    )
}

/// Whether a page belongs to an origin (and its path prefix, if the base has one).
fn is_under(page: &Url, base: &str) -> bool {
    Url::parse(base).is_ok_and(|base| {
        let prefix = base.path().trim_end_matches('/');
        page.origin() == base.origin()
            && page.username().is_empty()
            && page
                .path()
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The sandbox's own login pages, without a detour over the network.
fn authorize(inner: &Inner, page: &Url, payer: &str) -> Result<Url, Refusal> {
    let query: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    let mut logins = inner.tills().map(|till| &till.login);
    let Some(login) = logins.find(|login| page.path().ends_with(login.path)) else {
        return refuse(
            422,
            format!("the page leads to {page}, which is no login page"),
        );
    };
    let sent = inner.look(|book| (login.authorize)(book, &query, payer))?;
    match sent.map(|target| Url::parse(&target)) {
        Ok(Ok(target)) => Ok(target),
        Ok(Err(_)) => refuse(422, "the login page redirects to no address"),
        Err(field) => refuse(422, format!("the login page refuses {field} in {page}")),
    }
}

async fn fetch(
    inner: &Inner,
    page: &Url,
    wallet: &Wallet,
    cookies: &mut BTreeMap<String, String>,
) -> Result<http::Response<Bytes>, Refusal> {
    let mut address = page.clone();
    address.set_fragment(None);
    let mut request = Request::get(address.as_str())
        .header(header::USER_AGENT, wallet.agent)
        .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
        .header(header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9");
    if !cookies.is_empty() {
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        request = request.header(header::COOKIE, pairs.join("; "));
    }
    let Ok(request) = request.body(Bytes::new()) else {
        return refuse(422, format!("{page} cannot be requested"));
    };
    let line = format!("GET {page}");
    let seen = transcript::message(request.headers(), b"");
    let at_ms = inner.now_ms();
    match inner.caller.call(request).await {
        Ok(response) => {
            let answer = transcript::message(response.headers(), response.body());
            let status = Some(response.status().as_u16());
            inner
                .transcript
                .add(at_ms, "out", &line, seen, status, answer);
            for set in response.headers().get_all(header::SET_COOKIE) {
                let pair = set.to_str().ok().and_then(|text| text.split(';').next());
                if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
                    cookies.insert(name.trim().to_owned(), value.trim().to_owned());
                }
            }
            Ok(response)
        }
        Err(reason) => {
            inner
                .transcript
                .add(at_ms, "out", &line, seen, None, reason.clone().into());
            refuse(502, format!("{page} does not answer: {reason}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_platform_is_under_the_platform() {
        let base = "http://127.0.0.1:8080";
        for (page, under) in [
            ("http://127.0.0.1:8080/q/1?x=1", true),
            ("http://127.0.0.1:8080", true),
            ("http://127.0.0.1:80801/q", false),
            ("http://127.0.0.1:8080@evil.example/q", false),
            ("http://127.0.0.1:8081/q", false),
            ("https://127.0.0.1:8080/q", false),
        ] {
            let parsed = Url::parse(page);
            assert_eq!(
                parsed.is_ok_and(|page| is_under(&page, base)),
                under,
                "{page}"
            );
        }
    }
}
