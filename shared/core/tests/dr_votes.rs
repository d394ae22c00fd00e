//! What each signal says of a region, for how long it has said so, and what proves that a writer is at work.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_case;

use cutover_core::dr::observation::{Far, Probed};
use cutover_core::dr::policy::SIGNALS_MAX;
use cutover_core::dr::side::Side;
use cutover_core::dr::votes::{BadSince, Says, Vote, bad_since, is_seen_alive, votes};
use cutover_core::observation::AlarmState;
use cutover_core::text::Text;
use dr_case::Case;
use dr_case::built::{ALARM, WINDOW_SECONDS, ago, alarm, now};

fn says(case: &Case, signal: &str) -> Option<Says> {
    find(&case.votes(), signal).map(|vote| vote.says)
}

fn find(votes: &[Vote], signal: &str) -> Option<Vote> {
    votes.iter().find(|vote| vote.signal.as_str() == signal).cloned()
}

fn alarm_says(state: Far<AlarmState>) -> Option<Says> {
    let case = Case::quiet().see(|seen| seen.alarms[0].state = state);
    says(&case, &format!("alarm {ALARM}"))
}

fn probe_says(probe: Probed) -> Option<Says> {
    says(&Case::quiet().see(|seen| seen.primary_probe = probe), "probe")
}

fn status_says(status: &str) -> Option<Says> {
    let case = Case::quiet().see_cluster(Side::Primary, |cluster| status.clone_into(&mut cluster.status));
    says(&case, "rds-api")
}

#[test]
fn only_an_alarm_that_is_in_alarm_is_bad() {
    assert_eq!(alarm_says(Far::Known(AlarmState::Alarm)), Some(Says::Bad));
    assert_eq!(alarm_says(Far::Known(AlarmState::Ok)), Some(Says::Good));
    for nothing in [AlarmState::InsufficientData, AlarmState::Absent] {
        assert_eq!(alarm_says(Far::Known(nothing)), Some(Says::Unknown));
    }
    // The witness is in a third region, which may be the one that is gone.
    let silent = Far::Unreachable("no answer".to_owned());
    assert_eq!(alarm_says(silent), Some(Says::Unknown));
    let denied = Far::Unknown("AccessDenied".to_owned());
    assert_eq!(alarm_says(denied), Some(Says::Unknown));
}

#[test]
fn an_alarm_that_is_told_to_be_silent_says_nothing() {
    let case = Case::lost().see(|seen| seen.alarms[0].suppressed = true);
    assert_eq!(says(&case, &format!("alarm {ALARM}")), Some(Says::Unknown));
}

#[test]
fn an_endpoint_that_takes_no_writes_is_bad_and_one_that_nobody_asked_is_no_vote() {
    assert_eq!(
        probe_says(Probed::Answers { writes: Some(true) }),
        Some(Says::Good)
    );
    assert_eq!(
        probe_says(Probed::Answers { writes: Some(false) }),
        Some(Says::Bad)
    );
    assert_eq!(probe_says(Probed::Answers { writes: None }), Some(Says::Good));
    assert_eq!(probe_says(Probed::Refused("refused".to_owned())), Some(Says::Bad));
    assert_eq!(probe_says(Probed::Silent("silent".to_owned())), Some(Says::Bad));
    assert_eq!(probe_says(Probed::NotAsked), None);
}

#[test]
fn a_region_that_does_not_answer_is_bad_and_one_that_does_not_let_us_ask_is_not() {
    let with = |primary| Case::quiet().see(|seen| seen.primary = primary);
    let silent = with(Far::Unreachable("no answer within 2 s".to_owned()));
    assert_eq!(says(&silent, "rds-api"), Some(Says::Bad));
    for why in ["AccessDenied", "DBClusterNotFoundFault", "Throttling"] {
        let denied = with(Far::Unknown(why.to_owned()));
        assert_eq!(says(&denied, "rds-api"), Some(Says::Unknown), "{why}");
    }
}

#[test]
fn a_cluster_that_something_is_being_done_to_is_neither_well_nor_lost() {
    assert_eq!(status_says("available"), Some(Says::Good));
    for passing in [
        "backing-up",
        "failing-over",
        "modifying",
        "promoting",
        "upgrading",
    ] {
        assert_eq!(status_says(passing), Some(Says::Unknown), "{passing}");
    }
    for lost in [
        "inaccessible-encryption-credentials",
        "failed",
        "deleting",
        "stopped",
    ] {
        assert_eq!(status_says(lost), Some(Says::Bad), "{lost}");
    }
}

#[test]
fn an_available_cluster_without_a_writer_instance_is_bad() {
    let case = Case::quiet().see_cluster(Side::Primary, |cluster| cluster.instances[0].is_writer = false);
    assert_eq!(says(&case, "rds-api"), Some(Says::Bad));
}

#[test]
fn an_alarm_counts_from_before_it_went_off_and_a_probe_from_when_it_was_seen() {
    let case = Case::lost().remember(|state| state.bad_since.clear());
    let votes = case.votes();
    let seconds = |signal: &str| find(&votes, signal).unwrap().bad_for_seconds;
    assert_eq!(seconds(&format!("alarm {ALARM}")), Some(5 + WINDOW_SECONDS));
    assert_eq!(seconds("probe"), Some(0));
    assert_eq!(seconds("rds-api"), Some(0));
    let later = Case::lost().votes();
    assert_eq!(find(&later, "probe").unwrap().bad_for_seconds, Some(65));
}

#[test]
fn a_signal_that_was_good_in_between_begins_anew() {
    let lost = Case::lost();
    let good = Case::quiet();
    let kept = bad_since(&good.votes(), now());
    assert!(kept.is_empty());
    let again = votes(&lost.seen, Side::Primary, &kept);
    assert_eq!(find(&again, "probe").unwrap().bad_for_seconds, Some(0));
    let kept = bad_since(&lost.votes(), now());
    let probe = kept.iter().find(|bad| bad.signal.as_str() == "probe").unwrap();
    assert_eq!(probe.since, ago(65));
}

#[test]
fn a_moment_in_the_future_counts_as_now() {
    let case = Case::lost().see(|seen| seen.alarms[0].since = Some(ago(-600)));
    let vote = find(&case.votes(), &format!("alarm {ALARM}")).unwrap();
    assert_eq!(vote.bad_for_seconds, Some(WINDOW_SECONDS));
    let kept = [BadSince {
        signal: Text::new("probe"),
        since: ago(-600),
    }];
    let votes = votes(&case.seen, Side::Primary, &kept);
    assert_eq!(find(&votes, "probe").unwrap().bad_for_seconds, Some(0));
}

#[test]
fn no_more_signals_are_remembered_than_there_is_room_for() {
    let mut case = Case::lost();
    case.seen.alarms = (0..40)
        .map(|number| alarm(&format!("{number}-{}", "x".repeat(250)), AlarmState::Alarm))
        .collect();
    assert_eq!(bad_since(&case.votes(), now()).len(), SIGNALS_MAX);
}

#[test]
fn the_votes_are_about_the_region_of_the_writer() {
    let case = Case::over().see(|seen| {
        seen.primary = Far::Unreachable("no answer".to_owned());
        seen.primary_probe = Probed::Silent("no answer".to_owned());
    });
    assert_eq!(says(&case, "probe"), Some(Says::Good));
    assert_eq!(says(&case, "rds-api"), Some(Says::Good));
}

#[test]
fn a_writer_is_seen_alive_by_its_role_or_by_two_signs_together() {
    let alive = |probe: Probed, api_well: bool| {
        let case = Case::quiet().see(|seen| {
            seen.primary_probe = probe;
            if !api_well {
                seen.primary = Far::Unreachable("no answer".to_owned());
            }
        });
        is_seen_alive(&case.seen, Side::Primary).is_some()
    };
    let silent = || Probed::Silent("no answer".to_owned());
    for (probe, with_api, without_api) in [
        (Probed::Answers { writes: Some(true) }, true, true),
        (Probed::Answers { writes: None }, true, false),
        (Probed::Answers { writes: Some(false) }, false, false),
        (Probed::NotAsked, true, false),
        (silent(), false, false),
        (Probed::Refused("refused".to_owned()), false, false),
    ] {
        assert_eq!(alive(probe.clone(), true), with_api, "{probe:?}");
        assert_eq!(alive(probe.clone(), false), without_api, "{probe:?}");
    }
}
