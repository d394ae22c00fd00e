"""Starts moto with two corrections to its DMS.

moto writes dates as text. The protocol says seconds since the epoch, which boto3 does not mind but the AWS
SDK for Rust does: it cannot read the answer at all. And moto has no table statistics, which it says by an
internal failure. A client tries those again for seconds, so here it is a refusal. Nothing else is touched.
"""

from datetime import datetime, timezone

import moto.server
from moto.core.exceptions import JsonRESTError
from moto.dms.models import FakeReplicationInstance, FakeReplicationTask
from moto.dms.responses import DatabaseMigrationServiceResponse


def is_moment(name: str) -> bool:
    return name.endswith(("Date", "Time"))


def as_seconds(written: dict) -> dict:
    return {
        name: as_seconds(value)
        if isinstance(value, dict)
        else datetime.fromisoformat(value).replace(tzinfo=timezone.utc).timestamp()
        if is_moment(name) and value is not None
        else value
        for name, value in written.items()
    }


def correct(model: type) -> None:
    as_moto_writes_it = model.to_dict
    model.to_dict = lambda described: as_seconds(as_moto_writes_it(described))


def refuse(_response: DatabaseMigrationServiceResponse) -> str:
    raise JsonRESTError("AccessDeniedFault", "moto has no table statistics")


correct(FakeReplicationInstance)
correct(FakeReplicationTask)
DatabaseMigrationServiceResponse.describe_table_statistics = refuse

if __name__ == "__main__":
    moto.server.main()
