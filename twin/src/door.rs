//! The door for everybody else: HTTP/1.1 on a TCP port.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use winterbaume_core::{MockRequest, MockResponse};

use crate::exchange::Exchange;
use crate::twin::Twin;

/// More than Lambda's payload limit, so that the limit itself is answered as Lambda answers it.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// `POST` an event here, as the bus carries it, and it is put on the bus whoever it claims to be from.
const EVENT_PATH: &str = "/_twin/event";

/// A route beside AWS's own, for driving the twin itself. Gets a POST's body, returns a status and text.
pub trait SideDoor: Send + Sync {
    fn handle(&self, body: Vec<u8>) -> Pin<Box<dyn Future<Output = (u16, String)> + Send + '_>>;
}

/// Why a connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
enum Hangup {
    #[error("the reply is lost, as a fault demands")]
    ReplyLost,
    #[error("the response cannot be written")]
    Unwritable(#[from] http::Error),
}

impl Twin {
    /// Answers on a listener until dropped; then its connections are closed too.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await?;
            connections.spawn(self.clone().attend(stream));
            while connections.try_join_next().is_some() {}
        }
    }

    async fn attend(self, stream: TcpStream) {
        let service = service_fn(|request| self.serve_one(request));
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // It ends in an error whenever a client hangs up, and whenever a fault demands it.
        let _broken_or_closed = connection.await;
    }

    async fn serve_one(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Hangup> {
        let (parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
            return text(
                413,
                format!("the twin reads at most {BODY_BYTES_MAX} bytes of a body"),
            );
        };
        let body = body.to_bytes();
        if parts.method == Method::POST
            && let Some(door) = self.side_door_at(parts.uri.path())
        {
            let (status, answer) = door.handle(body.to_vec()).await;
            return text(status, answer);
        }
        if parts.method == Method::POST && parts.uri.path() == EVENT_PATH {
            return match self.inject(&String::from_utf8_lossy(&body)) {
                Ok(id) => text(200, format!("{id}\n")),
                Err(invalid) => text(400, format!("{invalid}\n")),
            };
        }
        let request = MockRequest {
            method: parts.method.to_string(),
            uri: parts.uri.to_string(),
            headers: parts.headers,
            body,
        };
        match self.exchange(request, None).await {
            Exchange::Reply(response) => written(response),
            Exchange::Lost | Exchange::Never => Err(Hangup::ReplyLost),
            // Until the client hangs up.
            Exchange::Silence => std::future::pending().await,
        }
    }
}

fn text(status: u16, body: String) -> Result<Response<Full<Bytes>>, Hangup> {
    let response = Response::builder()
        .status(status)
        .header("content-type", "text/plain; charset=utf-8");
    Ok(response.body(Full::from(body))?)
}

fn written(answer: MockResponse) -> Result<Response<Full<Bytes>>, Hangup> {
    let mut response = Response::builder()
        .status(answer.status)
        .body(Full::from(answer.body))?;
    *response.headers_mut() = answer.headers;
    Ok(response)
}
