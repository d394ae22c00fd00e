"""The variables of a function of a migration, as the template sets them by default."""

from seeding import READER, WRITER


def migration(zone: str, task: str, topic: str, **others: str) -> dict[str, str]:
    """For the environment `dev`. `others` are added, or replace what is here."""
    return {
        "ENVIRONMENT": "dev",
        "STATE_PREFIX": "",
        "HOSTED_ZONE_ID": zone,
        "READER_RECORD_NAME": READER,
        "WRITER_RECORD_NAME": WRITER,
        "RECORD_TYPE": "CNAME",
        "SOURCE_SET_IDENTIFIER": "source",
        "TARGET_SET_IDENTIFIER": "target",
        "DMS_TASK_ARN": task,
        "REVERSE_DMS_TASK_ARN": "",
        "DMS_RELATED_ARNS": "",
        "NOTIFICATION_TOPIC_ARN": topic,
        "READY_LAG_SECONDS": "60",
        "CUTOVER_LAG_SECONDS": "1",
        "LAG_MAX_AGE_SECONDS": "180",
        "READY_SAMPLES": "3",
        "BAKE_MINUTES": "30",
        "RECORD_TTL_MAX_SECONDS": "60",
        "MIGRATION_ALARMS": "",
    } | others
