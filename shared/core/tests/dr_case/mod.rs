//! One question to `decide`, built from what was seen and remembered: quiet, or with the primary's region gone.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise, and not every test uses all of it"
)]

pub mod built;

use built::{ALARM, ago, alarm, cluster, global, now, settings};
use cutover_core::blocker::{Blocker, Code};
use cutover_core::dr::Entry;
use cutover_core::dr::command::{Command, Verb};
use cutover_core::dr::decide::{Decision, Intent, Question, decide};
use cutover_core::dr::observation::{
    ClusterSeen, Far, GlobalSeen, LagSeen, MigrationSeen, Observation, Probed,
};
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::record::Record;
use cutover_core::dr::settings::Settings;
use cutover_core::dr::side::Side;
use cutover_core::dr::standing::Standing;
use cutover_core::dr::state::State;
use cutover_core::dr::votes::{BadSince, Vote, votes};
use cutover_core::generation::Generation;
use cutover_core::observation::AlarmState;
use cutover_core::ports::LogView;
use cutover_core::replication::Seen;
use cutover_core::schema::SCHEMA;
use cutover_core::text::Text;

#[derive(Clone)]
pub struct Case {
    pub command: Command,
    pub seen: Observation,
    pub settings: Settings,
    pub state: Option<State>,
    pub entries: Vec<Entry>,
}

impl Case {
    /// All is well, and the clock asks.
    pub fn quiet() -> Self {
        Self {
            command: Command::plain(Verb::Tick),
            seen: Observation {
                at: now(),
                global: Some(Far::Known(global(Side::Primary))),
                primary: Far::Known(cluster(Side::Primary)),
                dr: Far::Known(cluster(Side::Dr)),
                lag: Seen::Known(LagSeen {
                    milliseconds: 400,
                    at: ago(20),
                }),
                alarms: vec![alarm(ALARM, AlarmState::Ok)],
                primary_probe: Probed::Answers { writes: Some(true) },
                dr_probe: Probed::Answers { writes: Some(false) },
                migration: None,
            },
            settings: settings(),
            state: Some(State::first(
                Record::found(Side::Primary, ago(3_600)),
                "dr-failover",
                ago(60),
            )),
            entries: Vec::new(),
        }
    }

    /// The primary's region is gone, has been for longer than it takes, and that was noted.
    pub fn lost() -> Self {
        let mut case = Self::quiet();
        case.seen.primary = Far::Unreachable("no answer within 2 s".to_owned());
        case.seen.primary_probe = Probed::Silent("no answer within 2 s".to_owned());
        case.seen.alarms = vec![alarm(ALARM, AlarmState::Alarm)];
        case.record(|record| {
            record.phase = Phase::Suspected;
            record.since = ago(70);
        });
        let bad = |signal: &str| BadSince {
            signal: Text::new(signal),
            since: ago(65),
        };
        case.state.as_mut().unwrap().bad_since = vec![bad("probe"), bad("rds-api")];
        case
    }

    /// The DR cluster is the writer, and all is well.
    pub fn over() -> Self {
        let mut case = Self::quiet();
        case.seen.global = Some(Far::Known(global(Side::Dr)));
        case.seen.primary_probe = Probed::Answers { writes: Some(false) };
        case.seen.dr_probe = Probed::Answers { writes: Some(true) };
        case.record(|record| {
            record.phase = Phase::FailedOver;
            record.writer = Side::Dr;
        });
        case
    }

    /// The DR cluster is a cross-region read replica.
    pub fn with_replica(mut self) -> Self {
        self.settings.global_cluster = None;
        self.seen.global = None;
        self
    }

    pub fn record(&mut self, change: impl FnOnce(&mut Record)) {
        change(&mut self.state.as_mut().unwrap().record);
    }

    pub fn see(mut self, change: impl FnOnce(&mut Observation)) -> Self {
        change(&mut self.seen);
        self
    }

    pub fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    pub fn remember(mut self, change: impl FnOnce(&mut State)) -> Self {
        change(self.state.as_mut().unwrap());
        self
    }

    pub fn asked(mut self, payload: &str) -> Self {
        self.command = Command::parse(payload.as_bytes()).unwrap();
        self
    }

    pub fn migration(mut self, seen: Far<MigrationSeen>) -> Self {
        self.seen.migration = Some(seen);
        self
    }

    pub fn see_global(self, change: impl FnOnce(&mut GlobalSeen)) -> Self {
        self.see(|seen| {
            let Some(Far::Known(global)) = &mut seen.global else {
                panic!("no global cluster is seen")
            };
            change(global);
        })
    }

    pub fn see_cluster(self, side: Side, change: impl FnOnce(&mut ClusterSeen)) -> Self {
        self.see(|seen| {
            let cluster = match side {
                Side::Primary => &mut seen.primary,
                Side::Dr => &mut seen.dr,
            };
            let Far::Known(cluster) = cluster else {
                panic!("the {side} cluster is not seen")
            };
            change(cluster);
        })
    }

    /// The decision as somebody else claimed it, as generation 1; the snapshot does not say that it is done.
    pub fn claimed(&self, seconds_ago: i64) -> Entry {
        let intent = self.goes();
        Entry {
            schema: SCHEMA,
            generation: Generation::new(1),
            at: ago(seconds_ago),
            deadline: ago(seconds_ago - 30),
            give_up_at: None,
            by: Text::new("dr-failover"),
            invocation: Text::new("theirs"),
            trigger: Text::default(),
            action: intent.action,
            reason: Text::default(),
            forced: Vec::new(),
            accept_data_loss: false,
            during: intent.during,
            before: intent.before,
            plan: intent.plan,
            record: intent.record,
            previous: intent.previous,
        }
    }

    pub fn beside(self, entry: &Entry) -> Self {
        Self {
            entries: vec![entry.clone()],
            ..self
        }
    }

    fn standing(&self) -> Standing {
        let log = LogView {
            state: self.state.clone(),
            entries: self.entries.clone(),
        };
        Standing::of(&log, &self.seen, &self.settings)
    }

    pub fn votes(&self) -> Vec<Vote> {
        let standing = self.standing();
        let writer = standing.writer.known().copied().unwrap_or(standing.record.writer);
        let known = self.state.as_ref().map(|state| state.bad_since.clone());
        votes(&self.seen, writer, &known.unwrap_or_default())
    }

    /// Once people know why it holds, if it does.
    pub fn decide(&self) -> Decision {
        let first = self.decide_first();
        let Decision::Go(intent) = &first else {
            return first;
        };
        if intent.action != Action::Hold {
            return first;
        }
        let mut told = self.clone();
        told.record(|record| *record = intent.record.clone());
        let then = told.decide_first();
        assert!(matches!(then, Decision::Hold(_)), "told, it holds: {then:?}");
        then
    }

    pub fn decide_first(&self) -> Decision {
        let (standing, votes) = (self.standing(), self.votes());
        let ask = || {
            decide(&Question {
                command: &self.command,
                standing: &standing,
                seen: &self.seen,
                votes: &votes,
                settings: &self.settings,
                invocation: "ours",
                trigger: "",
            })
        };
        let decision = ask();
        assert_eq!(decision, ask(), "the same question has two answers");
        decision
    }

    #[track_caller]
    pub fn goes(&self) -> Intent {
        let decision = self.decide();
        let Decision::Go(intent) = decision else {
            panic!("{decision:?}")
        };
        *intent
    }

    /// The codes for which it waits.
    #[track_caller]
    pub fn holds(&self) -> Vec<Code> {
        let decision = self.decide();
        let Decision::Hold(blockers) = decision else {
            panic!("{decision:?}")
        };
        codes(&blockers)
    }

    /// The codes for which it says no.
    #[track_caller]
    pub fn refuses(&self) -> Vec<Code> {
        let decision = self.decide();
        let Decision::Refuse(blockers, why) = decision else {
            panic!("{decision:?}")
        };
        assert!(why.len() > 10, "{why:?}");
        codes(&blockers)
    }

    #[track_caller]
    pub fn rests(&self) -> String {
        let decision = self.decide();
        let Decision::Rest(why) = decision else {
            panic!("{decision:?}")
        };
        why
    }

    #[track_caller]
    pub fn is_in_progress(&self) -> String {
        let decision = self.decide();
        let Decision::InProgress(why) = decision else {
            panic!("{decision:?}")
        };
        why
    }
}

fn codes(blockers: &[Blocker]) -> Vec<Code> {
    for blocker in blockers {
        assert!(blocker.message.len() > 10, "{blocker:?}");
        assert!(!blocker.forceable, "{blocker:?}");
    }
    blockers.iter().map(|blocker| blocker.code).collect()
}
