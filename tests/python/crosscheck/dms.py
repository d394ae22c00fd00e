"""DMS: a task's life, and how it is found."""

from crosscheck.scenario import World, outcome, scenario

MISSING = "arn:aws:dms:eu-central-1:111122223333:task:MISSINGMISSINGMISSING"


def task(world: World) -> dict:
    """The task from source to target that the world was seeded with, running."""
    dms = world.client("dms")
    [arn] = [
        found["ReplicationTaskArn"]
        for found in dms.describe_replication_tasks()["ReplicationTasks"]
        if found["MigrationType"] == "full-load-and-cdc"
    ]
    if read(world, arn)["Status"] != "running":
        # What the scenario before began may still be under way.
        world.settle()
    if read(world, arn)["Status"] != "running":
        dms.start_replication_task(ReplicationTaskArn=arn, StartReplicationTaskType="resume-processing")
        world.settle()
    found = read(world, arn)
    assert found["Status"] == "running", found
    return found


def found_by(world: World, *filters: tuple[str, str]) -> list[dict]:
    spelled = [{"Name": name, "Values": [value]} for name, value in filters]
    return world.client("dms").describe_replication_tasks(Filters=spelled)["ReplicationTasks"]


def read(world: World, arn: str) -> dict:
    [found] = found_by(world, ("replication-task-arn", arn))
    return found


def start(world: World, arn: str, kind: str = "resume-processing") -> str:
    return outcome(
        world.client("dms").start_replication_task, ReplicationTaskArn=arn, StartReplicationTaskType=kind
    )


def stop(world: World, arn: str) -> str:
    return outcome(world.client("dms").stop_replication_task, ReplicationTaskArn=arn)


@scenario
def a_running_task_is_found_by_arn_and_by_identifier(world: World):
    running = task(world)
    arn, identifier = running["ReplicationTaskArn"], running["ReplicationTaskIdentifier"]
    return [
        [found["Status"] for found in found_by(world, ("replication-task-arn", arn))],
        [found["ReplicationTaskArn"] == arn for found in found_by(world, ("replication-task-id", identifier))],
    ]


@scenario
def filters_must_all_match(world: World):
    running = task(world)
    arn, identifier = running["ReplicationTaskArn"], running["ReplicationTaskIdentifier"]
    return len(found_by(world, ("replication-task-arn", arn), ("replication-task-id", identifier)))


@scenario
def a_task_is_found_by_its_migration_type(world: World):
    kind = task(world)["MigrationType"]
    return all(found["MigrationType"] == kind for found in found_by(world, ("migration-type", kind)))


@scenario
def an_unknown_task_is_not_listed(world: World):
    filters = [{"Name": "replication-task-arn", "Values": [MISSING]}]
    return outcome(world.client("dms").describe_replication_tasks, Filters=filters)


@scenario
def an_unknown_task_cannot_be_started_or_stopped(world: World):
    return [start(world, MISSING), stop(world, MISSING)]


@scenario
def a_running_task_cannot_be_started(world: World):
    return start(world, task(world)["ReplicationTaskArn"])


@scenario
def a_task_stops_and_resumes(world: World):
    arn = task(world)["ReplicationTaskArn"]
    stopped = stop(world, arn)
    world.settle()
    between = read(world, arn)["Status"]
    resumed = start(world, arn)
    world.settle()
    return [stopped, between, resumed, read(world, arn)["Status"]]


@scenario
def a_stopped_task_cannot_be_stopped(world: World):
    arn = task(world)["ReplicationTaskArn"]
    stop(world, arn)
    world.settle()
    return stop(world, arn)


@scenario
def a_stop_is_under_way_before_it_is_done(world: World):
    arn = task(world)["ReplicationTaskArn"]
    answer = world.client("dms").stop_replication_task(ReplicationTaskArn=arn)
    return answer["ReplicationTask"]["Status"]


@scenario
def a_start_is_under_way_before_it_is_done(world: World):
    arn = task(world)["ReplicationTaskArn"]
    stop(world, arn)
    world.settle()
    answer = world.client("dms").start_replication_task(
        ReplicationTaskArn=arn, StartReplicationTaskType="resume-processing"
    )
    return answer["ReplicationTask"]["Status"]


@scenario
def a_running_task_has_loaded_everything(world: World):
    statistics = task(world)["ReplicationTaskStats"]
    return [statistics["FullLoadProgressPercent"], statistics["TablesErrored"]]


@scenario
def a_task_names_its_instance(world: World):
    arn = task(world)["ReplicationInstanceArn"]
    filters = [{"Name": "replication-instance-arn", "Values": [arn]}]
    instances = world.client("dms").describe_replication_instances(Filters=filters)["ReplicationInstances"]
    return [instance["ReplicationInstanceArn"] == arn for instance in instances]


@scenario
def table_statistics_can_be_read(world: World):
    arn = task(world)["ReplicationTaskArn"]
    return outcome(world.client("dms").describe_table_statistics, ReplicationTaskArn=arn)
