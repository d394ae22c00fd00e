//! What of both regions can be read, as AWS shows it.

use super::{DR, PRIMARY};
use cutover_core::dr::observation::{
    ClusterSeen, FailoverSeen, Far, GlobalSeen, InstanceSeen, LagSeen, MemberSeen,
};
use cutover_core::dr::ports::Tail;
use cutover_core::dr::side::Side;
use cutover_core::replication::Seen;

use super::aws::{Aws, Region, arn, endpoint};

impl Aws {
    pub fn global(&self) -> Option<Far<GlobalSeen>> {
        self.has_global.then(|| {
            let member = |side: Side, arn: &str| {
                self.cluster(side).is_member.then(|| MemberSeen {
                    arn: arn.to_owned(),
                    is_writer: self.writer == side,
                })
            };
            // What a region has no member of any more it knows only through the other region.
            if !self.dr.is_member && self.region != Region::Well {
                return Far::Known(GlobalSeen::gone());
            }
            Far::Known(GlobalSeen {
                status: "available".to_owned(),
                members: [member(Side::Primary, PRIMARY), member(Side::Dr, DR)]
                    .into_iter()
                    .flatten()
                    .collect(),
                failover: self.moving.as_ref().map(|moving| FailoverSeen {
                    status: if moving.forced {
                        "failing-over"
                    } else {
                        "switching-over"
                    }
                    .to_owned(),
                    to_arn: Some(arn(moving.to).to_owned()),
                    data_loss_allowed: moving.forced,
                }),
                endpoint: Some("orders.global.example.com".to_owned()),
            })
        })
    }

    pub fn seen(&self, side: Side) -> Far<ClusterSeen> {
        if !self.is_seen(side) {
            return Far::Unreachable("no answer within 2 s".to_owned());
        }
        let cluster = self.cluster(side);
        let promoting = !self.has_global && self.moving.is_some() && side == Side::Dr;
        Far::Known(ClusterSeen {
            arn: arn(side).to_owned(),
            status: if promoting {
                "promoting".to_owned()
            } else {
                cluster.status.clone()
            },
            engine_version: cluster.version.clone(),
            instances: cluster
                .instances
                .iter()
                .map(|instance| InstanceSeen {
                    identifier: instance.identifier.clone(),
                    is_writer: instance.is_writer,
                    status: instance.status.clone(),
                })
                .collect(),
            endpoint: Some(endpoint(side)),
            parameter_group: Some("orders".to_owned()),
            replicates_from: cluster.follows.then(|| arn(side.other()).to_owned()),
        })
    }

    pub fn lag(&self, writer: Side) -> Seen<LagSeen> {
        let reader_is_seen = self.is_seen(writer.other()) && self.writer == writer;
        match self.reading.filter(|_| reader_is_seen) {
            Some((milliseconds, at)) => Seen::Known(LagSeen { milliseconds, at }),
            None => Seen::Unknown("no datapoint in 15 min".to_owned()),
        }
    }

    pub fn tails(&self) -> Vec<Tail> {
        let tail = self.tail.iter().map(|(identifier, made_at, kept_as)| Tail {
            identifier: identifier.clone(),
            made_at: *made_at,
            kept_as: kept_as.clone(),
        });
        tail.collect()
    }
}
