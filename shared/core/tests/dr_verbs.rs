//! Which operation of AWS moves the writer, where it is called, and what it costs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_case;

use cutover_core::blocker::Code;
use cutover_core::dr::observation::{Far, Observation};
use cutover_core::dr::plan::Step;
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::{Intent, Verb, choose};
use cutover_core::text::Text;
use dr_case::Case;
use dr_case::built::DR;

const FAILOVER: &str = r#"{"action":"failover","accept_data_loss":true}"#;

fn verb_of(case: &Case) -> Verb {
    let steps = case.goes().plan.steps;
    steps.iter().find_map(Step::verb).unwrap().clone()
}

fn drifted(case: Case) -> Case {
    case.see_cluster(Side::Dr, |dr| "16.6".clone_into(&mut dr.engine_version))
        .see_cluster(Side::Primary, |primary| {
            "15.6".clone_into(&mut primary.engine_version);
        })
}

/// The table in the documentation of `choose`, row by row.
#[test]
fn the_operation_is_chosen_as_the_table_says() {
    let (planned, automatic, by_hand) = (Intent::Planned, Intent::Automatic, Intent::ByHand);
    let verb = |case: &Case, intent| choose(intent, Side::Dr, &case.seen).map_err(|blocker| blocker.code);
    let both = Case::quiet();
    assert_eq!(verb(&both, planned), Ok(Verb::SwitchoverGlobalCluster));
    assert_eq!(verb(&both, automatic), Ok(Verb::FailoverGlobalCluster));
    assert_eq!(verb(&both, by_hand), Ok(Verb::FailoverGlobalCluster));
    let differ = drifted(Case::quiet());
    assert_eq!(verb(&differ, planned), Err(Code::VersionDrift));
    assert_eq!(verb(&differ, automatic), Err(Code::VersionDrift));
    assert_eq!(verb(&differ, by_hand), Ok(Verb::RemoveFromGlobalCluster));
    let replica = Case::quiet().with_replica();
    assert_eq!(verb(&replica, planned), Err(Code::SwitchoverUnsupported));
    assert_eq!(verb(&replica, automatic), Ok(Verb::PromoteReadReplicaDbCluster));
    assert_eq!(verb(&replica, by_hand), Ok(Verb::PromoteReadReplicaDbCluster));
    let no_member = Case::quiet().see_global(|global| global.members.retain(|member| member.arn != DR));
    let neither = Case::quiet()
        .with_replica()
        .see_cluster(Side::Dr, |dr| dr.replicates_from = None);
    let unread = Case::quiet().see(|seen| seen.global = Some(Far::Unknown("denied".to_owned())));
    for case in [no_member, neither, unread] {
        for intent in [planned, automatic, by_hand] {
            assert_eq!(verb(&case, intent), Err(Code::NotReplicating), "{intent:?}");
        }
    }
}

#[test]
fn versions_differ_by_their_first_two_numbers_and_only_where_both_are_known() {
    let with = |primary: &str, dr: &str| {
        let case = Case::quiet()
            .see_cluster(Side::Dr, |cluster| dr.clone_into(&mut cluster.engine_version))
            .see_cluster(Side::Primary, |cluster| {
                primary.clone_into(&mut cluster.engine_version);
            });
        choose(Intent::Planned, Side::Dr, &case.seen).is_ok()
    };
    assert!(with("16.4", "16.4"));
    assert!(with("16.4.1", "16.4.2"));
    assert!(!with("16.4", "16.5"));
    assert!(!with("16.4", "15.4"));
    let silent = |seen: &mut Observation| seen.primary = Far::Unreachable("no answer".to_owned());
    let unknown = drifted(Case::quiet()).see(silent);
    assert_eq!(verb_of(&unknown.asked(FAILOVER)), Verb::FailoverGlobalCluster);
}

#[test]
fn each_operation_is_called_where_it_belongs_and_says_what_it_costs() {
    let instance = Verb::FailoverDbCluster {
        instance: Text::new("orders-dr-2"),
    };
    // Called at, may lose writes, keeps the topology; for the DR cluster as the target.
    for (verb, at, loses, keeps) in [
        (Verb::SwitchoverGlobalCluster, Side::Primary, false, true),
        (Verb::FailoverGlobalCluster, Side::Dr, true, true),
        (Verb::RemoveFromGlobalCluster, Side::Dr, true, false),
        (Verb::PromoteReadReplicaDbCluster, Side::Dr, true, false),
        (instance, Side::Dr, false, true),
    ] {
        assert_eq!(verb.called_at(Side::Dr), at, "{}", verb.name());
        assert_eq!(verb.called_at(Side::Primary), at.other(), "{}", verb.name());
        assert_eq!(verb.may_lose_writes(), loses, "{}", verb.name());
        assert_eq!(verb.keeps_topology(), keeps, "{}", verb.name());
    }
}

#[test]
fn what_gives_the_topology_up_is_remembered() {
    assert!(drifted(Case::quiet()).asked(FAILOVER).goes().record.detached);
    assert!(Case::lost().with_replica().asked(FAILOVER).goes().record.detached);
    assert!(!Case::lost().asked(FAILOVER).goes().record.detached);
}
