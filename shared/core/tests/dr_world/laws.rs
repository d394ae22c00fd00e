//! What must hold at every single effect, whoever caused it.

use cutover_core::dr::Entry;
use cutover_core::dr::observation::{AlarmSeen, ClusterSeen, Far, Probed};
use cutover_core::dr::phase::Action;
use cutover_core::dr::side::Side;
use cutover_core::dr::state::State;
use cutover_core::dr::verb::Verb;
use cutover_core::journal::Outcome;
use cutover_core::observation::AlarmState;

use super::Inner;
use super::environment::{BUDGET_SECONDS, QUORUM};

/// What an invocation was told of the primary, as far as it counts.
#[derive(Debug, Clone, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each sign is there or not, apart from all others"
)]
pub struct Sight {
    bad_alarms: usize,
    probe_bad: bool,
    api_bad: bool,
    api_well: bool,
    writes: bool,
    connects: bool,
}

impl Sight {
    pub fn cluster(&mut self, side: Side, found: &Far<ClusterSeen>) {
        if side == Side::Primary {
            self.api_bad = matches!(found, Far::Unreachable(_));
            self.api_well = found.known().is_some_and(|cluster| cluster.status == "available");
        }
    }

    pub fn probe(&mut self, side: Side, found: &Probed) {
        if side == Side::Primary {
            let bad = matches!(found, Probed::Silent(_) | Probed::Refused(_));
            self.probe_bad = bad || *found == Probed::Answers { writes: Some(false) };
            self.writes = *found == Probed::Answers { writes: Some(true) };
            self.connects = *found == Probed::Answers { writes: None };
        }
    }

    pub fn alarms(&mut self, alarms: &[AlarmSeen]) {
        let rings = |alarm: &&AlarmSeen| alarm.state == Far::Known(AlarmState::Alarm) && !alarm.suppressed;
        self.bad_alarms = alarms.iter().filter(rings).count();
    }

    fn is_alive(&self) -> bool {
        self.writes || (self.connects && self.api_well)
    }

    fn bad(&self) -> usize {
        self.bad_alarms + usize::from(self.probe_bad) + usize::from(self.api_bad)
    }
}

/// Generations are created once, without a gap, and each says what became of the one before.
pub fn entry_is_lawful(inner: &Inner, entry: &Entry) {
    let number = entry.generation.number();
    let head = inner.head();
    assert_eq!(
        number,
        head + 1,
        "generation {number} is not the one after {head}"
    );
    assert_eq!(entry.previous.generation.number(), head, "previous of {number}");
    assert_ne!(
        entry.previous.outcome,
        Outcome::Open,
        "generation {number} forgets what became of {head}"
    );
    if entry.action == Action::Promote {
        let before = &entry.before;
        assert!(!before.is_blocked(entry.at), "promoted within the block period");
        let Some((milliseconds, at)) = inner.aws.reading else {
            panic!("promoted, and no lag was ever read")
        };
        let seconds = milliseconds.div_ceil(1_000) + (entry.at.as_second() - at.as_second()).unsigned_abs();
        assert!(seconds <= BUDGET_SECONDS, "promoted with {seconds} s to lose");
        assert_eq!(before.writer, Side::Primary, "promoted what was promoted");
    }
}

/// An operation that nobody asked for is only called by somebody who has just seen why.
pub fn promotion_is_lawful(inner: &mut Inner, sight: &Sight, verb: &Verb, to: Side) {
    let head = &inner.journal[&inner.head()];
    let automatic =
        head.action == Action::Promote && head.plan.steps.iter().any(|step| step.verb() == Some(verb));
    if automatic {
        assert_eq!(to, Side::Dr);
        assert!(
            !sight.is_alive(),
            "promoted over a primary that was seen at work: {sight:?}"
        );
        assert!(
            sight.bad() >= QUORUM && sight.bad_alarms > 0,
            "promoted without a quorum: {sight:?}"
        );
    }
    if inner.aws.moving.is_some() {
        inner.reached.insert("AWS was asked while it was at it");
    }
}

/// Forced moves to the DR cluster since the primary was the writer last.
pub fn one_promotion(inner: &Inner) {
    let since_back = inner
        .aws
        .accepted
        .iter()
        .rev()
        .take_while(|(_, to)| *to == Side::Dr);
    let forced = since_back.filter(|(verb, _)| verb != "FailoverDBCluster");
    assert!(forced.count() <= 1, "promoted twice: {:?}", inner.aws.accepted);
}

/// Traffic is led to who takes writes, and never from there to an old writer that still takes them too.
pub fn traffic_is_lawful(inner: &mut Inner, from: Side) {
    let (writer, both) = (
        inner.aws.writer,
        inner.aws.takes_writes(Side::Primary) && inner.aws.takes_writes(Side::Dr),
    );
    if from == Side::Dr {
        let served = inner.aws.cluster(Side::Dr);
        assert!(served.writable || !served.follows, "traffic was led to a reader");
    } else if writer == Side::Dr {
        inner.reached.insert("the metric was published late");
    }
    if both {
        inner.reached.insert("both clusters took writes");
        let ever = inner.served.iter().any(|(_, side)| *side == Side::Dr);
        assert!(
            !(ever && inner.leads_to() == Side::Primary && writer == Side::Dr),
            "traffic was led back to the old writer"
        );
    }
}

/// A snapshot never says more than was so.
pub fn state_is_lawful(inner: &Inner, state: &State) {
    let generation = state.generation.number();
    assert!(
        generation <= inner.head(),
        "a snapshot of generation {generation}, which nobody claimed"
    );
    let was_writer = |side: Side| {
        side == Side::Primary
            || inner.aws.writer == side
            || inner.aws.accepted.iter().any(|(_, to)| *to == side)
    };
    assert!(
        was_writer(state.record.writer),
        "the snapshot names a writer that never was one"
    );
    if let Some(run) = &state.run {
        let marks = run.timeline.marks();
        assert!(
            marks.windows(2).all(|two| two[0].1 <= two[1].1),
            "the timeline runs backwards: {marks:?}"
        );
    }
}

/// After the last tick everything agrees: roles, traffic, snapshot, journal.
pub fn all_agrees(inner: &Inner) {
    let Some(state) = inner.state() else {
        assert_eq!(inner.head(), 0, "generations exist, and no snapshot says so");
        return;
    };
    assert_eq!(
        state.generation.number(),
        inner.head(),
        "the snapshot is behind the journal"
    );
    assert_ne!(
        state.outcome,
        Outcome::Open,
        "generation {} was forgotten half done",
        state.generation
    );
    let expected: Vec<u32> = (1..=inner.head()).collect();
    let found: Vec<u32> = inner.journal.keys().copied().collect();
    assert_eq!(found, expected, "the journal has a gap");
    assert_eq!(
        state.record.writer, inner.aws.writer,
        "the snapshot and the roles differ"
    );
    assert_eq!(inner.leads_to(), inner.aws.writer, "traffic is led elsewhere");
    assert!(
        state.untold.open().is_empty(),
        "people were not told of {:?}",
        state.untold
    );
}
