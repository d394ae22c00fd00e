//! As much of a PostgreSQL server as a probe can see: TLS or none, a password, rows or an error.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

pub const PASSWORD: &str = "correct horse";
/// Bytes of an `SSLRequest`.
const REQUEST_BYTES: usize = 8;

/// What is said to a query.
#[derive(Clone)]
pub enum Reply {
    Value(&'static str),
    /// The mark of the last INSERT, as a table would give it back.
    Mark,
    Error(&'static str),
}

/// How it behaves.
#[derive(Clone)]
pub struct Script {
    /// The name in its certificate; `None`: it has none, and speaks no TLS.
    pub name: Option<&'static str>,
    /// It takes the connection, and says nothing.
    pub silent: bool,
    /// An error instead of the greeting.
    pub greeting: Option<&'static str>,
    /// What a query that has this word is answered.
    pub replies: Vec<(&'static str, Reply)>,
}

impl Script {
    pub fn of(replies: Vec<(&'static str, Reply)>) -> Self {
        Self {
            name: Some("localhost"),
            silent: false,
            greeting: None,
            replies,
        }
    }
}

pub struct Server {
    pub port: u16,
    /// Its certificate, as a file.
    pub ca_file: PathBuf,
    /// What came: the startup message, then every query.
    pub heard: Arc<Mutex<Vec<String>>>,
}

pub async fn start(script: Script) -> Server {
    let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let name = script.name.unwrap_or("localhost").to_owned();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name]).unwrap();
    let ca_file = std::env::temp_dir().join(format!("cutover-postgres-{}-{port}.pem", std::process::id()));
    std::fs::write(&ca_file, cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let server = Server {
        port,
        ca_file,
        heard: Arc::clone(&heard),
    };
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if script.silent {
                // The connection stays open, and nothing comes.
                std::future::pending::<()>().await;
            }
            let mut request = [0; REQUEST_BYTES];
            let _nothing_more = stream.read_exact(&mut request).await;
            if script.name.is_none() {
                let _sent = stream.write_all(b"N").await;
                continue;
            }
            let _sent = stream.write_all(b"S").await;
            if let Ok(stream) = acceptor.accept(stream).await {
                let _ended = talk(stream, &script, &heard).await;
            }
        }
    });
    server
}

async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    script: &Script,
    heard: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let startup = body(&mut stream).await?;
    heard
        .lock()
        .unwrap()
        .push(String::from_utf8_lossy(&startup).replace('\0', " "));
    // A cleartext password, which is what TLS is for.
    stream.write_all(&message(b'R', &3_i32.to_be_bytes())).await?;
    let _kind = stream.read_u8().await?;
    let password = body(&mut stream).await?;
    if password.strip_suffix(&[0]) != Some(PASSWORD.as_bytes()) {
        return stream.write_all(&error("28P01")).await;
    }
    if let Some(code) = script.greeting {
        return stream.write_all(&error(code)).await;
    }
    stream.write_all(&message(b'R', &0_i32.to_be_bytes())).await?;
    stream.write_all(&message(b'Z', b"I")).await?;
    while stream.read_u8().await? == b'Q' {
        let query = String::from_utf8_lossy(&body(&mut stream).await?).into_owned();
        let found = script.replies.iter().find(|(word, _)| query.contains(word));
        let reply = match found.map(|(_, reply)| reply) {
            Some(Reply::Value(value)) => row(value),
            Some(Reply::Mark) => row(mark(&query)),
            Some(Reply::Error(code)) => error(code),
            None => message(b'C', b"DO\0"),
        };
        heard.lock().unwrap().push(query);
        stream.write_all(&reply).await?;
        stream.write_all(&message(b'Z', b"I")).await?;
    }
    Ok(())
}

/// A message without its kind: a length, which counts itself, and the rest.
async fn body(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let length = usize::try_from(stream.read_u32().await?).unwrap();
    let mut body = vec![0; length - 4];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

fn error(code: &str) -> Vec<u8> {
    message(
        b'E',
        format!("SFATAL\0C{code}\0Mso the server says\0\0").as_bytes(),
    )
}

/// One row of one column, as text.
fn row(value: &str) -> Vec<u8> {
    let column = [
        &1_u16.to_be_bytes()[..],
        b"value\0",
        &0_u32.to_be_bytes(),
        &0_u16.to_be_bytes(),
        &25_u32.to_be_bytes(),
        &(-1_i16).to_be_bytes(),
        &(-1_i32).to_be_bytes(),
        &0_u16.to_be_bytes(),
    ]
    .concat();
    let length = u32::try_from(value.len()).unwrap();
    let data = [&1_u16.to_be_bytes()[..], &length.to_be_bytes(), value.as_bytes()].concat();
    [
        message(b'T', &column),
        message(b'D', &data),
        message(b'C', b"SELECT 1\0"),
    ]
    .concat()
}

fn mark(query: &str) -> &str {
    let after = query.split_once("VALUES (1, ").map_or("", |(_, after)| after);
    after.split_once(')').map_or("", |(mark, _)| mark)
}
