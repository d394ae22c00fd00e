//! Who could still write to a fenced database, who gets time, and who stays.
#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and clippy only sees those in functions marked so"
)]

use cutover_core::database::sessions::{
    Reason, Session, Sign, born_read_only, due, only_those_who_stay, writers,
};
use jiff::{SignedDuration, Timestamp};

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
}

fn session(pid: i32, began: i64) -> Session {
    Session {
        pid,
        role: "app".to_owned(),
        application: "web".to_owned(),
        kind: "client backend".to_owned(),
        began: Some(at(began)),
        busy: false,
        sign: Sign::None,
        superuser: false,
    }
}

#[test]
fn those_older_than_the_fence_those_who_write_and_those_we_cannot_see_are_writers() {
    let mut sessions: Vec<Session> = (1..=6).map(|pid| session(pid, 10)).collect();
    sessions[0].began = Some(at(0));
    sessions[1].sign = Sign::Writes;
    sessions[2].sign = Sign::Overrides;
    sessions[3].began = None;
    let found = writers(&sessions, at(0), &[]);
    let reasons: Vec<(i32, Reason)> = found.iter().map(|writer| (writer.pid, writer.reason)).collect();
    assert_eq!(
        reasons,
        [
            (1, Reason::OlderThanTheFence),
            (2, Reason::Writes),
            (3, Reason::Overrides),
            (4, Reason::Hidden)
        ]
    );
}

#[test]
fn sessions_that_began_under_a_fence_go_with_it() {
    let mut sessions: Vec<Session> = (1..=3).map(|pid| session(pid, 10)).collect();
    sessions[0].began = Some(at(-1));
    sessions[2].role = "dms".to_owned();
    let found = born_read_only(&sessions, at(0), &["dms".to_owned()]);
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["session 2 of app (web) began under the fence, and would only read for ever"]
    );
}

#[test]
fn a_process_of_the_server_is_no_writer_though_it_is_hidden() {
    let mut sessions = [session(1, 10), session(2, 10)];
    for session in &mut sessions {
        session.began = None;
        session.kind = String::new();
    }
    sessions[1].role = String::new();
    let found = writers(&sessions, at(0), &[]);
    assert_eq!(
        found
            .iter()
            .map(|writer| (writer.pid, writer.reason))
            .collect::<Vec<_>>(),
        [(1, Reason::Hidden)]
    );
}

#[test]
fn replication_guests_the_provider_and_ourselves_are_no_writers() {
    let mut sessions: Vec<Session> = (1..=4).map(|pid| session(pid, -10)).collect();
    sessions[0].kind = "walsender".to_owned();
    sessions[1].role = "dms".to_owned();
    sessions[2].role = "rdsadmin".to_owned();
    sessions[3].application = "cutover/route53-updater/7".to_owned();
    assert_eq!(writers(&sessions, at(0), &["dms".to_owned()]), []);
}

#[test]
fn who_is_in_a_transaction_has_until_the_grace_is_over_and_nobody_ends_a_superuser() {
    let mut sessions: Vec<Session> = (1..=4).map(|pid| session(pid, -10)).collect();
    sessions[0].busy = true;
    sessions[2].superuser = true;
    sessions[3] = Session {
        busy: true,
        sign: Sign::Writes,
        ..session(4, 10)
    };
    let found = writers(&sessions, at(0), &[]);
    let grace = SignedDuration::from_secs(5);
    let ended = |waited| -> Vec<i32> {
        let due = due(&found, SignedDuration::from_millis(waited), grace);
        due.iter().map(|writer| writer.pid).collect()
    };
    assert_eq!(ended(0), [2, 4]);
    assert_eq!(ended(4999), [2, 4]);
    assert_eq!(ended(5000), [1, 2, 4]);
    assert!(!only_those_who_stay(&found) && only_those_who_stay(&found[2..3]));
    assert!(found[2].to_string().ends_with("only a superuser can end it"));
}
