//! The table of phases and actions, and the codes, each by name.
#![allow(clippy::panic, reason = "test support may stop at the first surprise")]

use cutover_core::blocker::{Blocker, Code};
use cutover_core::phase::{Action, Legality, Phase, legality};

/// One row per phase, one letter per action in the order of `Action::ALL`: legal, already so, refused.
///
/// The actions: gradual, manual, rollback, status, pause, resume, complete, tick, undo, monitor, guard, restart, hold, release.
const TABLE: [(Phase, &str); 10] = [
    (Phase::Preparing, "LLLLLLRLRLLLLL"),
    (Phase::FullLoad, "LLLLLLRLRLLLLL"),
    (Phase::CatchingUp, "LLLLLLRLRLLLLL"),
    (Phase::Ready, "LLLLLLRLRLLLLL"),
    (Phase::Shifting, "LLLLLLRLRLLLLL"),
    (Phase::CuttingOver, "RRLLRRRLLLLRRR"),
    (Phase::CutOver, "RALLLLLLRLLLLL"),
    (Phase::RollingBack, "RRLLRRRLRLLRRR"),
    (Phase::RolledBack, "LLLLLLRLRLLLLL"),
    (Phase::Completed, "RARLRRALRLLRRR"),
];

fn letter(phase: Phase, action: Action) -> char {
    match legality(phase, action) {
        Legality::Legal => 'L',
        Legality::AlreadySo(_) => 'A',
        Legality::Refused(_) => 'R',
    }
}

#[test]
fn every_pair_of_phase_and_action_is_as_the_table_says() {
    assert_eq!(TABLE.map(|(phase, _)| phase), Phase::ALL);
    for (phase, row) in TABLE {
        let found: String = Action::ALL
            .into_iter()
            .map(|action| letter(phase, action))
            .collect();
        assert_eq!(found, row, "{}", phase.name());
    }
}

#[test]
fn no_refusal_is_without_a_reason() {
    for phase in Phase::ALL {
        for action in Action::ALL {
            match legality(phase, action) {
                Legality::Legal => {}
                Legality::AlreadySo(why) | Legality::Refused(why) => {
                    assert!(
                        why.len() > 10,
                        "{} in {} says {why:?}",
                        action.name(),
                        phase.name()
                    );
                }
            }
        }
    }
}

#[test]
fn looking_and_ticking_are_legal_everywhere_and_a_rollback_until_completed() {
    for phase in Phase::ALL {
        assert_eq!(legality(phase, Action::Status), Legality::Legal);
        assert_eq!(legality(phase, Action::Tick), Legality::Legal);
        assert_eq!(
            legality(phase, Action::Rollback) == Legality::Legal,
            phase != Phase::Completed
        );
    }
}

#[test]
fn names_of_phases_and_actions_are_those_of_their_json() {
    for phase in Phase::ALL {
        assert_eq!(serde_json::to_value(phase).ok(), Some(phase.name().into()));
    }
    for action in Action::ALL {
        assert_eq!(serde_json::to_value(action).ok(), Some(action.name().into()));
    }
}

#[test]
fn every_code_is_found_by_its_name_and_by_no_other() {
    for code in Code::ALL {
        assert_eq!(Code::parse(code.name()), Some(code));
        assert_eq!(serde_json::to_value(code).ok(), Some(code.name().into()));
        assert_eq!(Code::parse(&code.name().to_uppercase()), None);
    }
    let mut names = Code::ALL.map(Code::name).to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
    assert_eq!(Code::parse(""), None);
}

#[test]
fn what_may_be_forced_is_exactly_this() {
    let forceable: Vec<&str> = Code::ALL
        .into_iter()
        .filter(|code| code.forceable())
        .map(Code::name)
        .collect();
    assert_eq!(
        forceable,
        [
            "lag-unknown",
            "lag-stale",
            "lag-too-high",
            "replication-not-running",
            "tables-in-error",
            "validation-mismatch",
            "drift",
            "ttl-too-high",
            "alarm-active",
            "paused",
            "split-writes-unsafe",
            "reverse-not-ready",
        ]
    );
    assert!(Blocker::new(Code::Drift, "seen").forceable);
    assert!(!Blocker::new(Code::Drift, "seen").not_forceable().forceable);
}
