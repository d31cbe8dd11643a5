//! Messages as they travel: bytes and headers, before anybody has understood them.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request that came to us.
#[derive(Debug, Clone)]
pub struct WireRequest {
    /// Method.
    pub method: Method,
    /// Path, percent-encoding as it came.
    pub path: String,
    /// Query without its question mark, as it came; empty if there is none.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, within the surface's limit.
    pub body: Bytes,
    /// Who sent it.
    pub peer: IpAddr,
}

/// An answer, ours or somebody else's.
#[derive(Debug, Clone)]
pub struct WireResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl WireResponse {
    /// An answer with a body of the given type.
    #[must_use]
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static(content_type),
        );
        Self {
            status,
            headers,
            body: body.into(),
        }
    }
}

/// A request that we send.
#[derive(Debug, Clone)]
pub struct OutRequest {
    /// Method.
    pub method: Method,
    /// Absolute address.
    pub url: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Bytes,
}
