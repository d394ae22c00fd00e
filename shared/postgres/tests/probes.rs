//! What a probe finds, from the other end of its connection.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the server is part of the tests, which clippy only sees in functions marked so"
)]

mod server;

use std::time::Duration;

use cutover_postgres::login::Login;
use cutover_postgres::{Found, Postgres, WriteError};
use server::{PASSWORD, Reply, Script, Server, start};
use tokio::net::TcpListener;

/// Long enough for a busy machine.
const PATIENT: Duration = Duration::from_secs(30);
/// For a server that will not answer, however long anybody waits.
const SHORT: Duration = Duration::from_millis(50);
const ROLE: &str = "pg_is_in_recovery";

fn login(password: &str) -> Login {
    Login::new("probe", password, "orders")
}

fn believing(server: &Server) -> Postgres {
    Postgres::new(PATIENT, Some(server.ca_file.clone()))
}

async fn role(script: Script) -> Found {
    let server = start(script).await;
    believing(&server)
        .role("localhost", server.port, &login(PASSWORD))
        .await
}

fn no_role(found: Found) -> String {
    assert!(matches!(found, Found::Answers { no_role: Some(_) }), "{found:?}");
    let Found::Answers { no_role } = found else {
        return String::new();
    };
    no_role.unwrap_or_default()
}

#[tokio::test]
async fn a_writer_takes_writes_and_a_reader_does_not() {
    let writer = Script::of(vec![(ROLE, Reply::Value("t"))]);
    assert_eq!(role(writer).await, Found::Role { writes: true });
    let reader = Script::of(vec![(ROLE, Reply::Value("f"))]);
    assert_eq!(role(reader).await, Found::Role { writes: false });
}

#[tokio::test]
async fn the_server_sees_who_asks() {
    let server = start(Script::of(vec![(ROLE, Reply::Value("t"))])).await;
    let _found = believing(&server)
        .role("localhost", server.port, &login(PASSWORD))
        .await;
    let heard = server.heard.lock().unwrap().clone();
    for word in [
        "user probe",
        "database orders",
        "application_name cutover/dr-failover",
    ] {
        assert!(heard[0].contains(word), "{heard:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_the_connection_is_refused() {
    let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let postgres = Postgres::new(PATIENT, None);
    assert!(matches!(
        postgres.knock("localhost", port).await,
        Found::Refused(_)
    ));
    let found = postgres.role("localhost", port, &login(PASSWORD)).await;
    assert!(matches!(found, Found::Refused(_)), "{found:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_silent_and_costs_no_more_than_the_time_limit() {
    let mut script = Script::of(Vec::new());
    script.silent = true;
    let server = start(script).await;
    let found = Postgres::new(SHORT, None)
        .role("localhost", server.port, &login(PASSWORD))
        .await;
    assert!(matches!(found, Found::Silent(_)), "{found:?}");
}

#[tokio::test]
async fn without_a_login_a_connection_is_all_that_is_asked_for() {
    let server = start(Script::of(Vec::new())).await;
    let found = Postgres::new(PATIENT, None).knock("localhost", server.port).await;
    assert_eq!(found, Found::Answers { no_role: None });
}

#[tokio::test]
async fn a_server_that_keeps_us_out_is_alive() {
    let server = start(Script::of(vec![(ROLE, Reply::Value("t"))])).await;
    let postgres = believing(&server);
    let why = no_role(postgres.role("localhost", server.port, &login("hunter2")).await);
    assert!(
        why.contains("so the server says") && !why.contains("hunter2"),
        "{why}"
    );
    let mut unknown_database = Script::of(Vec::new());
    unknown_database.greeting = Some("3D000");
    assert!(no_role(role(unknown_database).await).contains("so the server says"));
    let forbidden = Script::of(vec![(ROLE, Reply::Error("42501"))]);
    assert!(no_role(role(forbidden).await).contains("so the server says"));
    let mut plain = Script::of(Vec::new());
    plain.name = None;
    assert!(no_role(role(plain).await).contains("TLS"));
}

#[tokio::test]
async fn a_server_that_starts_or_is_full_refuses() {
    for code in ["57P03", "53300"] {
        let mut script = Script::of(Vec::new());
        script.greeting = Some(code);
        let found = role(script).await;
        assert!(matches!(found, Found::Refused(_)), "{code}: {found:?}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_name_or_of_nobody_we_know_is_not_believed() {
    let mut script = Script::of(vec![(ROLE, Reply::Value("t"))]);
    script.name = Some("elsewhere.example.com");
    let server = start(script).await;
    let _why = no_role(
        believing(&server)
            .role("localhost", server.port, &login(PASSWORD))
            .await,
    );
    let server = start(Script::of(vec![(ROLE, Reply::Value("t"))])).await;
    let stranger = Postgres::new(PATIENT, None);
    let _why = no_role(stranger.role("localhost", server.port, &login(PASSWORD)).await);
    let heard = server.heard.lock().unwrap().clone();
    assert!(heard.is_empty(), "a password was sent to a stranger: {heard:?}");
}

#[tokio::test]
async fn a_write_counts_when_it_is_read_back() {
    let written = async |replies| {
        let server = start(Script::of(replies)).await;
        let answer = believing(&server)
            .write("localhost", server.port, &login(PASSWORD), 42)
            .await;
        (answer, server.heard.lock().unwrap().clone())
    };
    let there = ("to_regclass", Reply::Value("t"));
    let (answer, heard) = written(vec![there.clone(), ("INSERT", Reply::Mark)]).await;
    answer.unwrap();
    assert!(!heard.iter().any(|query| query.contains("CREATE")), "{heard:?}");
    let absent = ("to_regclass", Reply::Value("f"));
    let (answer, heard) = written(vec![absent, ("INSERT", Reply::Mark)]).await;
    answer.unwrap();
    assert!(
        heard.iter().any(|query| query.contains("CREATE TABLE")),
        "{heard:?}"
    );
    let (answer, _) = written(vec![there.clone(), ("INSERT", Reply::Value("41"))]).await;
    assert!(matches!(answer, Err(WriteError::Different(_))), "{answer:?}");
    let (answer, _) = written(vec![there, ("INSERT", Reply::Error("25006"))]).await;
    assert!(matches!(answer, Err(WriteError::Postgres(_))), "{answer:?}");
}

#[test]
fn a_login_does_not_tell_its_password() {
    assert!(!format!("{:?}", login("hunter2")).contains("hunter2"));
}
