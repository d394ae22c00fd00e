//! The door for code in the same process: an HTTP client for the AWS SDK.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use winterbaume_core::{MockRequest, MockResponse};

use crate::exchange::Exchange;
use crate::twin::Twin;

tokio::task_local! {
    /// The hosted invocation that runs in this task.
    static RUNNING: String;
}

/// Runs a hosted invocation, so that the calls it makes through a shared client are known to be its own.
pub(crate) fn as_invocation<F: Future>(id: String, running: F) -> impl Future<Output = F::Output> {
    RUNNING.scope(id, running)
}

#[derive(Clone)]
struct InProcess {
    twin: Twin,
    /// None: of the invocation in whose task a call is made.
    invocation: Option<String>,
    /// How long the client tries to connect to somebody who does not answer.
    connect_timeout: Option<Duration>,
}

pub(crate) fn client(twin: &Twin, invocation: Option<&str>) -> SharedHttpClient {
    SharedHttpClient::new(InProcess {
        twin: twin.clone(),
        invocation: invocation.map(str::to_owned),
        connect_timeout: None,
    })
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess")
            .field("invocation", &self.invocation)
            .finish_non_exhaustive()
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self {
            connect_timeout: settings.connect_timeout(),
            ..self.clone()
        })
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self {
            twin,
            invocation,
            connect_timeout,
        } = self.clone();
        let invocation = invocation.or_else(|| RUNNING.try_with(String::clone).ok());
        HttpConnectorFuture::new(async move {
            let request = decoded(&request)?;
            match twin.exchange(request, invocation.as_deref()).await {
                Exchange::Reply(response) => encoded(response),
                Exchange::Lost => Err(ConnectorError::io(
                    "connection closed before the reply arrived".into(),
                )),
                Exchange::Silence => Err(unanswered(&twin, connect_timeout).await),
                Exchange::Never => std::future::pending().await,
            }
        })
    }
}

/// A client that has a limit gives up after it; the others wait for ever.
async fn unanswered(twin: &Twin, connect_timeout: Option<Duration>) -> ConnectorError {
    let Some(timeout) = connect_timeout else {
        return std::future::pending().await;
    };
    twin.clock().sleep(timeout).await;
    ConnectorError::timeout(format!("no connection within {timeout:?}").into())
}

fn decoded(request: &HttpRequest) -> Result<MockRequest, ConnectorError> {
    let Some(body) = request.body().bytes() else {
        return Err(ConnectorError::user("the twin takes no streamed bodies".into()));
    };
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| ConnectorError::user(e.into()))?;
        let value = HeaderValue::from_str(value).map_err(|e| ConnectorError::user(e.into()))?;
        headers.append(name, value);
    }
    Ok(MockRequest {
        method: request.method().to_owned(),
        uri: request.uri().to_owned(),
        headers,
        body: Bytes::copy_from_slice(body),
    })
}

fn encoded(response: MockResponse) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(response.status).map_err(|e| ConnectorError::user(e.into()))?;
    let mut encoded = HttpResponse::new(status, SdkBody::from(response.body));
    for (name, value) in &response.headers {
        if let Ok(value) = value.to_str() {
            encoded
                .headers_mut()
                .insert(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(encoded)
}
