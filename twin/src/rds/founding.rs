//! Clusters, instances and global databases come into being, available at once.

use super::Rds;
use super::cluster::{Cluster, ClusterStatus, Instance, Standing};
use super::global::GlobalCluster;

const POSTGRESQL_PORT: i32 = 5432;
const AVAILABILITY_ZONES: [char; 3] = ['a', 'b', 'c'];

impl Rds {
    pub(super) fn found_global(&mut self, identifier: &str, engine: &str, engine_version: &str) {
        let global = GlobalCluster {
            identifier: identifier.to_owned(),
            arn: self.arn("", "global-cluster", identifier),
            engine: engine.to_owned(),
            engine_version: engine_version.to_owned(),
            encrypted: true,
            zone: self.dice.endpoint(),
            members: Vec::new(),
            writer: None,
            endpoint_at: None,
            endpoint_moves: None,
            operation: None,
        };
        self.globals.insert(identifier.to_owned(), global);
    }

    /// The first to join is the primary; all others follow it.
    pub(super) fn join(&mut self, identifier: &str, arn: &str) {
        let now = self.place.clock.now();
        let Some(global) = self.globals.get_mut(identifier) else {
            return;
        };
        global.members.push(arn.to_owned());
        let writer = global.writer.get_or_insert_with(|| arn.to_owned()).clone();
        global.endpoint_at.get_or_insert_with(|| writer.clone());
        if let Some(cluster) = self.clusters.get_mut(arn) {
            cluster.global = Some(identifier.to_owned());
        }
        if writer != arn {
            if let Some(cluster) = self.clusters.get_mut(arn) {
                cluster.standing = Standing::Reader;
            }
            self.copy_everything(&writer, arn, now);
        }
    }

    pub(super) fn follow(&mut self, arn: &str, source: &str) {
        let now = self.place.clock.now();
        if let Some(cluster) = self.clusters.get_mut(arn) {
            cluster.source = Some(source.to_owned());
            cluster.standing = Standing::Reader;
        }
        self.copy_everything(source, arn, now);
    }

    pub(super) fn put_cluster(
        &mut self,
        region: &str,
        identifier: &str,
        engine: &str,
        engine_version: &str,
    ) -> String {
        let arn = self.arn(region, "cluster", identifier);
        let now = self.place.clock.now();
        let major = engine_version.split('.').next().unwrap_or_default();
        let cluster = Cluster {
            arn: arn.clone(),
            identifier: identifier.to_owned(),
            region: region.to_owned(),
            engine: engine.to_owned(),
            engine_version: engine_version.to_owned(),
            parameter_group: format!("default.{engine}{major}"),
            zone: self.zone_of(region),
            port: POSTGRESQL_PORT,
            created: now,
            encrypted: true,
            status: ClusterStatus::Available,
            standing: Standing::Writer,
            instances: Vec::new(),
            leader: None,
            global: None,
            write_forwarding: false,
            source: None,
            superseded: false,
            becoming: None,
            fence: None,
            held: Vec::new(),
            carried: now,
            heard: now,
            lag: None,
        };
        self.clusters.insert(arn.clone(), cluster);
        arn
    }

    pub(super) fn put_instance(&mut self, cluster: &str, identifier: &str, class: &str) {
        let now = self.place.clock.now();
        let Some(region) = self.clusters.get(cluster).map(|known| known.region.clone()) else {
            return;
        };
        let arn = self.arn(&region, "db", identifier);
        let Some(known) = self.clusters.get_mut(cluster) else {
            return;
        };
        let zone = AVAILABILITY_ZONES.iter().cycle().nth(known.instances.len());
        known.instances.push(Instance {
            arn,
            identifier: identifier.to_owned(),
            class: class.to_owned(),
            availability_zone: format!("{region}{}", zone.unwrap_or(&'a')),
            created: now,
            status: "available".to_owned(),
        });
        known.leader.get_or_insert_with(|| identifier.to_owned());
    }

    fn zone_of(&mut self, region: &str) -> String {
        let made = self.zones.entry(region.to_owned());
        made.or_insert_with(|| self.dice.endpoint()).clone()
    }
}
