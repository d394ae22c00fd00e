"""RDS: global databases, who leads them, and what is refused."""

from dataclasses import dataclass

from clients import REGION
from crosscheck.scenario import World, moto_too, outcome, scenario

ELSEWHERE = "eu-west-1"
ENGINE = {"Engine": "aurora-postgresql", "EngineVersion": "16.8"}


@dataclass
class Database:
    """A global database with its primary here and its secondary elsewhere."""

    world: World
    name: str
    primary: str
    secondary: str

    @property
    def here(self):
        return self.world.client("rds")

    @property
    def there(self):
        return self.world.client("rds", ELSEWHERE)

    def read(self) -> dict:
        answer = self.there.describe_global_clusters(GlobalClusterIdentifier=self.name)
        return answer["GlobalClusters"][0]

    def writers(self) -> list[str]:
        """The parts of those that lead: a list, because there could be none or two."""
        members = self.read()["GlobalClusterMembers"]
        roles = {self.primary: "primary", self.secondary: "secondary"}
        return [roles[member["DBClusterArn"]] for member in members if member["IsWriter"]]

    def move(self, client, operation: str, target: str | None = None, **more) -> str:
        return outcome(
            getattr(client, operation),
            GlobalClusterIdentifier=self.name,
            TargetDbClusterIdentifier=target or self.secondary,
            **more,
        )


def create_cluster(client, name: str, **more) -> str:
    """A cluster without instances, and its ARN."""
    credentials = {"MasterUsername": "postgres", "MasterUserPassword": "not-a-secret"}
    answer = client.create_db_cluster(DBClusterIdentifier=name, **ENGINE, **credentials, **more)
    return answer["DBCluster"]["DBClusterArn"]


def create_instance(client, cluster: str) -> None:
    client.create_db_instance(
        DBInstanceIdentifier=f"{cluster}-1",
        DBClusterIdentifier=cluster,
        DBInstanceClass="db.r6g.large",
        Engine=ENGINE["Engine"],
    )


def database(world: World) -> Database:
    name = world.fresh("global")
    clients = {region: world.client("rds", region) for region in (REGION, ELSEWHERE)}
    clients[REGION].create_global_cluster(GlobalClusterIdentifier=name, **ENGINE)
    arns = []
    for region, part in ((REGION, "primary"), (ELSEWHERE, "secondary")):
        cluster = f"{name}-{part}"
        arns.append(create_cluster(clients[region], cluster, GlobalClusterIdentifier=name))
        create_instance(clients[region], cluster)
    world.settle()
    return Database(world, name, *arns)


@moto_too
@scenario
def a_global_database_has_one_writer(world: World):
    found = database(world)
    described = found.read()
    members = described["GlobalClusterMembers"]
    return [found.writers(), len(members), described["Status"], described["GlobalClusterArn"].split(":")[:5]]


@moto_too
@scenario
def a_region_lists_its_own_clusters_only(world: World):
    found = database(world)
    name = f"{found.name}-secondary"
    return [
        outcome(found.here.describe_db_clusters, DBClusterIdentifier=name),
        outcome(found.there.describe_db_clusters, DBClusterIdentifier=name),
    ]


@scenario
def a_switchover_changes_the_writer(world: World):
    found = database(world)
    switched = found.move(found.here, "switchover_global_cluster")
    world.settle()
    return [switched, found.writers(), found.read()["Status"]]


@scenario
def a_switchover_is_under_way_before_it_is_done(world: World):
    found = database(world)
    found.move(found.here, "switchover_global_cluster")
    return [found.writers(), found.read().get("FailoverState", {}).get("Status")]


@scenario
def a_switchover_must_be_asked_for_where_the_primary_is(world: World):
    found = database(world)
    return found.move(found.there, "switchover_global_cluster")


@scenario
def a_switchover_to_nobody_or_of_nobody_is_refused(world: World):
    found = database(world)
    stranger = found.secondary.replace("-secondary", "-stranger")
    nobody = outcome(
        found.here.switchover_global_cluster,
        GlobalClusterIdentifier="nobody",
        TargetDbClusterIdentifier=found.secondary,
    )
    return [found.move(found.here, "switchover_global_cluster", stranger), nobody]


@scenario
def a_switchover_to_the_primary_itself_is_refused(world: World):
    found = database(world)
    return found.move(found.here, "switchover_global_cluster", found.primary)


@scenario
def a_forced_failover_changes_the_writer(world: World):
    found = database(world)
    forced = found.move(found.there, "failover_global_cluster", AllowDataLoss=True)
    world.settle()
    return [forced, found.writers()]


@scenario
def a_failover_cannot_be_forced_and_be_a_switchover(world: World):
    found = database(world)
    return found.move(found.there, "failover_global_cluster", AllowDataLoss=True, Switchover=True)


@scenario
def a_failover_that_allows_no_loss_is_a_switchover(world: World):
    found = database(world)
    moved = found.move(found.here, "failover_global_cluster")
    world.settle()
    return [moved, found.writers()]


@moto_too
@scenario
def a_removed_secondary_is_in_no_global_database(world: World):
    found = database(world)
    removed = outcome(
        found.there.remove_from_global_cluster,
        GlobalClusterIdentifier=found.name,
        DbClusterIdentifier=found.secondary,
    )
    world.settle()
    answer = found.here.describe_global_clusters(GlobalClusterIdentifier=found.name)
    members = answer["GlobalClusters"][0]["GlobalClusterMembers"]
    alone = found.there.describe_db_clusters(DBClusterIdentifier=f"{found.name}-secondary")["DBClusters"][0]
    return [removed, len(members), alone["Status"]]


@scenario
def only_a_replica_can_be_promoted(world: World):
    here = world.client("rds")
    name = world.fresh("alone")
    create_cluster(here, name)
    return [
        outcome(here.promote_read_replica_db_cluster, DBClusterIdentifier=name),
        outcome(here.promote_read_replica_db_cluster, DBClusterIdentifier="nobody"),
    ]


@moto_too
@scenario
def a_cluster_with_one_instance_cannot_fail_over(world: World):
    found = database(world)
    return outcome(found.here.failover_db_cluster, DBClusterIdentifier=f"{found.name}-primary")
