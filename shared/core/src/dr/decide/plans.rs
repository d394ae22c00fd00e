//! The steps of each way to move the writer.

use crate::dr::phase::Action;
use crate::dr::plan::{Equipment, Step};
use crate::dr::side::Side;
use crate::dr::verb::Verb;
use crate::plan::Plan;

/// Loses what had not arrived. Nobody is asked any more, and nothing precedes the promotion: the migration is frozen
/// beside it.
pub(super) fn forced(verb: &Verb, to: Side, equipment: Equipment) -> Plan<Step> {
    let mut steps = promotion(verb, to);
    steps.extend(serving(to, equipment));
    Plan::of(steps)
}

/// Loses nothing: replication is level first.
pub(super) fn planned(verb: &Verb, to: Side, equipment: Equipment) -> Plan<Step> {
    let mut steps = Vec::new();
    if equipment.pre_hook {
        steps.push(Step::AskHook);
    }
    if equipment.migration {
        steps.push(Step::Freeze);
    }
    steps.push(Step::AwaitLevel { to });
    steps.extend(promotion(verb, to));
    steps.extend(serving(to, equipment));
    Plan::of(steps)
}

/// Another instance of the same cluster: its endpoint stays, so nothing has to be led anywhere.
pub(super) fn within_a_cluster(verb: &Verb, to: Side) -> Plan<Step> {
    let mut steps = promotion(verb, to);
    steps.push(Step::Verify { to });
    Plan::of(steps)
}

/// Somebody else moved the writer: what follows a promotion is left to do.
pub(super) fn adopted(to: Side, equipment: Equipment) -> Plan<Step> {
    Plan::of(serving(to, equipment))
}

fn promotion(verb: &Verb, to: Side) -> Vec<Step> {
    vec![
        Step::Promote {
            verb: verb.clone(),
            to,
        },
        Step::AwaitRole {
            verb: verb.clone(),
            to,
        },
    ]
}

/// First what needs no control plane, then what does.
fn serving(to: Side, equipment: Equipment) -> Vec<Step> {
    let mut steps = vec![Step::Serve { from: to }];
    if equipment.records {
        steps.push(Step::MoveRecords { to });
    }
    if equipment.global_endpoint {
        steps.push(Step::ConfirmEndpoint { to });
    }
    if equipment.application {
        steps.push(Step::Configure { to });
    }
    if equipment.instance_refresh {
        steps.push(Step::Refresh);
    }
    // Last, because it takes a minute of CloudWatch's whatever else is done meanwhile.
    if equipment.routing_alarm {
        steps.push(Step::AwaitRouting { to });
    }
    steps.push(Step::Verify { to });
    if equipment.post_hook {
        steps.push(Step::TellHook);
    }
    steps
}

/// The phase in which a run begins.
pub(super) fn during(action: Action) -> crate::dr::phase::Phase {
    use crate::dr::phase::Phase;
    match action {
        Action::Failback | Action::DrillBack => Phase::FailingBack,
        Action::Adopt => Phase::Routing,
        Action::Failover | Action::Switchover | Action::Drill | Action::Promote => Phase::Promoting,
        Action::Acknowledge | Action::Arm | Action::Status | Action::Tick | Action::Watch => Phase::Promoting,
        Action::WouldPromote | Action::Suspect | Action::Hold | Action::Clear => Phase::Promoting,
    }
}
