//! What happens to two regions in a story, and the sentence that tells it.

use cutover_core::dr::ports::{Clusters, Promoted, World};
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use cutover_core::error::chain;
use twin::rds::Fencing;

use super::change_line::{Canary, Click, Database, DrChange, Fence, Outage, Presence, Which};
use super::stage::{CANARY, DR_CLUSTER, DR_REGION, DrStage, PRIMARY_CLUSTER};
use crate::player::PlayError;
use crate::stage::Stage;
use crate::weather;

impl Stage {
    /// Makes it happen, and says what happened.
    pub async fn dr_change(&self, change: &DrChange) -> Result<String, PlayError> {
        let dr = self.dr()?;
        let told = match change {
            DrChange::Outage(outage) => self.outage(outage),
            DrChange::Database(database) => self.database(database)?,
            DrChange::Alarm { name, state, region } => {
                self.twin.at(region).cloudwatch(|cloudwatch| {
                    cloudwatch.create_alarm(name);
                    cloudwatch.set_alarm_state(name, state, "the story says so");
                });
                format!("alarm {name} in {region} is {state}")
            }
            DrChange::Canary(canary) => dr.set_canary(*canary),
            DrChange::Event(sent) => {
                let text = weather::sample(&sent.sample, &self.twin)?;
                return weather::send(&dr.twin, sent, &text);
            }
            DrChange::Repeat(times) => dr.repeat(*times)?,
            DrChange::Clients(presence) => {
                dr.clients.come(*presence == Presence::Back);
                match presence {
                    Presence::Away => "nobody uses the application for now".to_owned(),
                    Presence::Back => "the application is used again".to_owned(),
                }
            }
            DrChange::Console(click) => dr.click(*click).await?,
        };
        dr.let_canary_follow();
        self.twin.deliver();
        Ok(told)
    }

    /// The half of the environment that is about disasters.
    pub fn dr(&self) -> Result<&DrStage, PlayError> {
        let missing = || PlayError::Line("the environment has no DR region: say so with #: dr".to_owned());
        self.dr.as_ref().ok_or_else(missing)
    }

    fn outage(&self, outage: &Outage) -> String {
        let twin = &self.twin;
        match outage {
            Outage::Dark(region, None) => {
                twin.darken(region);
                format!("{region} goes dark")
            }
            Outage::Dark(region, Some(service)) => {
                twin.darken_service(region, service);
                format!("{service} fails in {region}")
            }
            Outage::Light(region, None) => {
                twin.lighten(region);
                format!("{region} is back")
            }
            Outage::Light(region, Some(service)) => {
                twin.lighten_service(region, service);
                format!("{service} works again in {region}")
            }
            Outage::Part(one, other) => {
                twin.part(one, other);
                format!("{one} and {other} cannot reach each other")
            }
            Outage::Join(one, other) => {
                twin.join(one, other);
                format!("{one} and {other} reach each other again")
            }
            Outage::Slow(region, by) => {
                twin.slow(region, *by);
                format!("every answer of {region} takes {by:?} longer")
            }
        }
    }

    fn database(&self, change: &Database) -> Result<String, PlayError> {
        let (done, told) = self.twin.rds(|rds| match change {
            Database::Lag(by) => {
                rds.set_lag(*by);
                (Ok(()), format!("the secondary is {by:?} behind"))
            }
            Database::Fencing(Fence::TimesOut) => {
                rds.fencing(Fencing::TimesOut);
                (Ok(()), "an old writer cannot be fenced from now on".to_owned())
            }
            Database::Fencing(Fence::Succeeds) => {
                rds.fencing(Fencing::Succeeds);
                (Ok(()), "an old writer can be fenced from now on".to_owned())
            }
            Database::RemoveInstances(which) => {
                let cluster = which.cluster();
                let told = format!("somebody deletes all instances of {cluster}");
                (rds.remove_instances(cluster), told)
            }
            Database::AddInstance(which) => {
                let cluster = which.cluster();
                let done = rds.add_instance(cluster, &format!("{cluster}-new"));
                (done, format!("somebody gives {cluster} a new instance"))
            }
            Database::Version(which, version) => {
                let cluster = which.cluster();
                let told = format!("{cluster} runs {version} from now on");
                (rds.set_engine_version(cluster, version), told)
            }
        });
        done.map_err(|refused| PlayError::Line(refused.to_string()))?;
        Ok(told)
    }
}

impl Which {
    fn cluster(self) -> &'static str {
        match self {
            Self::Primary => PRIMARY_CLUSTER,
            Self::Dr => DR_CLUSTER,
        }
    }
}

impl DrStage {
    fn set_canary(&self, canary: Canary) -> String {
        *self.canary() = canary;
        match canary {
            Canary::Failing => format!("what {CANARY} tries fails"),
            Canary::Well => format!("what {CANARY} tries goes well"),
            Canary::AsItIs => format!("{CANARY} tells how the primary region is"),
        }
    }

    fn let_canary_follow(&self) {
        let well = match *self.canary() {
            Canary::Failing => false,
            Canary::Well => true,
            Canary::AsItIs => self.twin.connected(DR_REGION, &self.setting.primary_region),
        };
        self.feed_canary(well);
    }

    /// The same event, with its own id.
    fn repeat(&self, times: u32) -> Result<String, PlayError> {
        let is_alarm = |event: &serde_json::Value| {
            event
                .get("source")
                .is_some_and(|source| source == "aws.cloudwatch")
        };
        let bus = self.twin.bus();
        let last = bus
            .iter()
            .rev()
            .map(|seen| &seen.event)
            .find(|event| is_alarm(event));
        let last = last.ok_or_else(|| PlayError::Line("no alarm has gone off yet".to_owned()))?;
        for _ in 0..times {
            let sent = self.twin.inject(&last.to_string());
            sent.map_err(|invalid| PlayError::Line(invalid.to_string()))?;
        }
        Ok(format!("the last event of an alarm arrives {times} more times"))
    }

    /// From outside of AWS, by somebody's own hand.
    async fn click(&self, click: Click) -> Result<String, PlayError> {
        let (verb, to, what) = match click {
            Click::Failover => (Verb::FailoverGlobalCluster, Side::Dr, "fails over"),
            Click::Switchover => (Verb::SwitchoverGlobalCluster, Side::Dr, "switches over"),
            Click::SwitchBack => (Verb::SwitchoverGlobalCluster, Side::Primary, "switches back"),
        };
        let answer = match Box::pin(self.by_hand.clusters().promote(&verb, to)).await {
            Ok(Promoted::Accepted) => "accepted".to_owned(),
            Ok(Promoted::Refused(words) | Promoted::UnderWay(words)) => format!("refused: {words}"),
            Err(error) => return Err(PlayError::Line(chain(&error))),
        };
        Ok(format!("somebody {what} in the console ({answer})"))
    }
}
