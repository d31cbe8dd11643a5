//! The sandbox's own HTTP client, used when no caller is given.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::error::SandboxError;
use crate::options::Caller;

struct Plain(reqwest::Client);

/// A client that follows no redirect and uses no proxy.
pub(crate) fn plain_caller() -> Result<Arc<dyn Caller>, SandboxError> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .http1_title_case_headers()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30))
        .build()
        .map_err(|error| SandboxError::Client(error.to_string()))?;
    Ok(Arc::new(Plain(client)))
}

impl Caller for Plain {
    fn call(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, String>> {
        let client = self.0.clone();
        async move {
            let request = reqwest::Request::try_from(request).map_err(|error| error.to_string())?;
            let answer = client
                .execute(request)
                .await
                .map_err(|error| error.to_string())?;
            let mut response = http::Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                *headers = answer.headers().clone();
            }
            let body = answer.bytes().await.map_err(|error| error.to_string())?;
            response.body(body).map_err(|error| error.to_string())
        }
        .boxed()
    }
}
