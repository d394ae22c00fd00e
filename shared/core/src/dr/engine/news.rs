//! What RDS tells that no look can read back: whether the old writer was fenced.

use super::Run;
use super::conclude::effect;
use crate::dr::observation::{ClusterSeen, Far};
use crate::dr::ports::{Clusters, World};
use crate::dr::roles;
use crate::dr::side::Side;
use crate::dr::state::State;
use crate::dr::trigger::{DatabaseEvent, Happening, Subject};
use crate::notice::Notice;
use crate::ports::{Probe, StateLog};
use crate::report::StepReport;
use crate::told::TellingKey;

impl<W: World> Run<'_, W> {
    /// Notes it in the account of the last run, and tells people what they have to do. It moves nothing, so that a
    /// forged event costs a page and no more.
    pub(super) async fn take_note(&self, event: &DatabaseEvent) -> Vec<StepReport> {
        if !is_news(event.happening) {
            return Vec::new();
        }
        let Ok(log) = self.world.log().read(Probe::Head).await else {
            return Vec::new();
        };
        let Some(mut state) = log.state else {
            return Vec::new();
        };
        if event.subject == Subject::Instance && !self.may_be_ours(event).await {
            return vec![StepReport::named("note-event", "of no instance of ours")];
        }
        let before = state.clone();
        let key = TellingKey::of(&format!("{:?} {}", event.happening, event.resource));
        let known = self.knows(&state, key);
        let mut steps = Vec::new();
        if let Some(notice) = self.noted_of(event, &mut state).filter(|_| !known) {
            let told = self.tell(&notice).await;
            if told.is_ok() {
                self.remember(&mut state, key);
            }
            steps.push(effect("notify", &told));
        }
        if state != before {
            steps.push(effect("note-event", &self.save(&mut state).await));
        }
        steps
    }

    /// Membership is read back, where the region that it would be in answers.
    async fn may_be_ours(&self, event: &DatabaseEvent) -> bool {
        let sides = [Side::Primary, Side::Dr].into_iter();
        let here = sides.filter(|side| self.settings.cluster(*side).region() == event.region);
        for side in here {
            match self.world.clusters().cluster(side).await {
                Far::Known(cluster) if has_instance(&cluster, &event.identifier) => return true,
                Far::Unreachable(_) => return true,
                Far::Known(_) | Far::Unknown(_) => {}
            }
        }
        false
    }

    fn noted_of(&self, event: &DatabaseEvent, state: &mut State) -> Option<Notice> {
        let run = state.run.as_mut();
        match event.happening {
            Happening::Fenced => {
                let run = run?;
                run.fenced = Some(true);
                None
            }
            Happening::FencingTimedOut => {
                let lost_by = run.map_or(Side::Primary, |run| {
                    run.fenced = Some(false);
                    run.note("RDS could not block the old writer's writes");
                    run.to.other()
                });
                Some(self.not_fenced(event, state, lost_by))
            }
            Happening::PromotedWithoutInstances => Some(self.without_instances(event, state)),
            Happening::WriterEndpointChanged => {
                run?.note("RDS says that the global writer endpoint follows");
                None
            }
            Happening::VersionDrift => Some(self.drifts(event, state)),
            Happening::SwitchoverStarted | Happening::WaitingForLag | Happening::Promoted => None,
            Happening::SwitchoverFinished | Happening::SwitchoverCancelled => None,
            Happening::SwitchoverFailed | Happening::FailoverDone | Happening::FailoverFailed => None,
            Happening::Resync | Happening::Other => None,
        }
    }

    fn not_fenced(&self, event: &DatabaseEvent, state: &State, lost_by: Side) -> Notice {
        let cluster = self.settings.cluster(lost_by);
        let mut notice = self.critical(
            state,
            "the old writer could not be fenced and may still take writes".to_owned(),
        );
        notice.paragraphs = vec![
            format!(
                "RDS-EVENT-0391 of {} in {}: {}",
                event.identifier, event.region, event.message
            ),
            format!(
                "Whatever is written to {} now will be lost. Cut the application off from it: close its security group, \
                 or stop it once its region answers.",
                cluster.identifier()
            ),
        ];
        notice
    }

    fn without_instances(&self, event: &DatabaseEvent, state: &State) -> Notice {
        let headline = "a cluster was promoted without instances and cannot serve".to_owned();
        let mut notice = self.critical(state, headline);
        let side = roles::side_of(&event.resource, self.settings).unwrap_or(state.record.writer);
        let cluster = self.settings.cluster(side);
        notice.paragraphs = vec![
            format!("RDS-EVENT-0519 of {}: {}", event.identifier, event.message),
            format!(
                "Create one at once: aws rds create-db-instance --region {} --db-cluster-identifier {} \
                 --db-instance-identifier {}-1 --engine aurora-postgresql --db-instance-class <as the old one's>",
                cluster.region(),
                cluster.identifier(),
                cluster.identifier()
            ),
        ];
        notice
    }

    fn drifts(&self, event: &DatabaseEvent, state: &State) -> Notice {
        let mut notice = self.warning(state, "the clusters' versions drift apart".to_owned());
        notice.paragraphs = vec![
            format!("{}: {}", event.identifier, event.message),
            "AWS moves the writer between equal versions only: bring the secondary to the writer's version."
                .to_owned(),
        ];
        notice
    }
}

fn is_news(happening: Happening) -> bool {
    match happening {
        Happening::Fenced | Happening::FencingTimedOut | Happening::PromotedWithoutInstances => true,
        Happening::WriterEndpointChanged | Happening::VersionDrift => true,
        Happening::SwitchoverStarted | Happening::WaitingForLag | Happening::Promoted => false,
        Happening::SwitchoverFinished | Happening::SwitchoverCancelled => false,
        Happening::SwitchoverFailed | Happening::FailoverDone | Happening::FailoverFailed => false,
        Happening::Resync | Happening::Other => false,
    }
}

fn has_instance(cluster: &ClusterSeen, identifier: &str) -> bool {
    cluster
        .instances
        .iter()
        .any(|instance| instance.identifier == identifier)
}
