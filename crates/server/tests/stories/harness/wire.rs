//! What every till needs of HTTP: a client that leaves the machine's proxies alone, and an answer
//! as it came over the wire.

use std::time::Duration;

use super::Json;

pub(crate) fn client() -> reqwest::Client {
    builder().build().unwrap()
}

/// A client that uses each connection for one call. Over a kept one a call may meet the other
/// side's closing of an idle connection, which is nobody's fault and looks like a call that was
/// cut.
pub(crate) fn client_of_new_connections() -> reqwest::Client {
    builder().pool_max_idle_per_host(0).build().unwrap()
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(150))
}

/// An answer whose body is JSON; the order of its members is kept.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// What the frame has no place for: field, problem and cure, percent-encoded (ruling 31).
    pub(crate) detail: Option<String>,
    pub(crate) text: String,
    pub(crate) json: Json,
}

impl Received {
    /// Sends; an error is a connection that ended without an answer, or an answer that is no JSON.
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Result<Received, String> {
        let failed = |problem: reqwest::Error| format!("{problem:?}");
        let response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        let content_type = header("content-type").unwrap_or_default();
        let detail = header("x-error-detail");
        let bytes = response.bytes().await.map_err(failed)?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|problem| problem.to_string())?;
        let json = Json::parse(&text)?;
        Ok(Received {
            status,
            content_type,
            detail,
            text,
            json,
        })
    }

    /// What both dialects promise of every answer: status 200 and compact JSON with raw UTF-8.
    pub(crate) fn assert_compact(&self) {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(
            self.json.to_string(),
            self.text,
            "compact JSON with raw UTF-8"
        );
    }
}
