//! Every call of every kind of run, broken once in every way: it still ends where it should.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the functions here are all part of tests, which clippy only sees in those marked so"
)]

use tests::{Rest, run};
use twin::{Call, Fault, FaultKind};

struct Kind {
    what: &'static str,
    before: &'static str,
    story: &'static str,
    /// Phase and target weights where an undisturbed run ends.
    ends: (&'static str, (u8, u8)),
    /// Phase and target weights to which it may go back instead.
    or: (&'static str, (u8, u8)),
}

const SHIFT: Kind = Kind {
    what: "gradual_cutover",
    before: "",
    story: r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}"#,
    ends: ("shifting", (50, 0)),
    or: ("ready", (0, 0)),
};

const CUTOVER: Kind = Kind {
    what: "manual_cutover",
    before: "invoke route53-updater {\"action\":\"gradual_cutover\",\"aurora_weight\":50}\nlag idle\nadvance 3m",
    story: "invoke route53-updater {\"action\":\"manual_cutover\",\"writes_stopped\":true}\nadvance 8m",
    ends: ("cut-over", (100, 100)),
    or: ("shifting", (50, 0)),
};

const WAY_BACK: Kind = Kind {
    what: "rollback of the writer",
    before: "lag idle\nadvance 2m\ninvoke route53-updater {\"action\":\"manual_cutover\",\"writes_stopped\":true}\nadvance 9m",
    story: "invoke route53-updater {\"action\":\"rollback\"}\nadvance 5m",
    ends: ("rolled-back", (0, 0)),
    or: ("cut-over", (100, 100)),
};

/// Every call of a run that changes something, and the first few of each that only read.
fn places(log: &[Call]) -> Vec<(String, String, u32)> {
    let mut seen: Vec<(String, String, u32)> = Vec::new();
    for call in log {
        let same = |place: &&(String, String, u32)| place.0 == call.service && place.1 == call.operation;
        let earlier = u32::try_from(seen.iter().filter(same).count()).unwrap();
        seen.push((call.service.clone(), call.operation.clone(), earlier));
    }
    let changes = ["PutParameter", "ChangeResourceRecordSets", "StartReplicationTask"];
    seen.retain(|(_, operation, earlier)| changes.contains(&operation.as_str()) || *earlier == 0);
    seen
}

fn broken_once(kind: &Kind, fault: FaultKind) -> (usize, Vec<String>) {
    let (undisturbed, log) = run(kind.before, kind.story, None).unwrap();
    assert_eq!(
        (undisturbed.phase.as_str(), undisturbed.weights),
        kind.ends,
        "{}, undisturbed",
        kind.what
    );
    let mut wrong = Vec::new();
    let places = places(&log);
    for (service, operation, skip) in &places {
        let fault = Fault {
            skip: *skip,
            ..Fault::once(service, operation, fault)
        };
        let (rest, _) = run(kind.before, kind.story, Some(fault)).unwrap();
        if let Some(problem) = problem(kind, &rest) {
            wrong.push(format!(
                "{} with {service}:{operation} #{skip} broken: {problem}",
                kind.what
            ));
        }
    }
    (places.len(), wrong)
}

fn problem(kind: &Kind, rest: &Rest) -> Option<String> {
    let end = (rest.phase.as_str(), rest.weights);
    let writes: Vec<u8> = rest.passed.iter().map(|(_, writes)| *writes).collect();
    let flips = writes.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if !rest.broken.is_empty() {
        return Some(rest.broken.join("; "));
    }
    if flips > 1 {
        return Some(format!("the writer flipped {flips} times: {writes:?}"));
    }
    // A command that never got as far as a claim has changed nothing at all.
    let nothing = end.0.is_empty() && end.1 == kind.or.1;
    (end != kind.ends && end != kind.or && !nothing).then(|| format!("ended in {end:?}"))
}

fn check(kind: &Kind) {
    let mut runs = 0;
    let mut wrong = Vec::new();
    for fault in [
        FaultKind::FailBefore,
        FaultKind::ReplyLost,
        FaultKind::CrashBefore,
        FaultKind::CrashAfter,
        FaultKind::Deny,
    ] {
        let (count, mut found) = broken_once(kind, fault);
        runs += count;
        wrong.append(&mut found);
    }
    println!("{}: {runs} broken runs", kind.what);
    assert!(runs >= 40, "only {runs} runs");
    assert!(
        wrong.is_empty(),
        "{} of {runs} runs went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_shift_survives_every_interruption() {
    check(&SHIFT);
}

#[test]
fn a_cutover_survives_every_interruption() {
    check(&CUTOVER);
}

#[test]
fn a_way_back_survives_every_interruption() {
    check(&WAY_BACK);
}
