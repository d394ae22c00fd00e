"""Route 53: weighted pairs, atomic batches, listing, propagation."""

from crosscheck.scenario import World, outcome, scenario
from processes import wait_until

UNKNOWN_ZONE = "Z00000000000000000000"


class Zone:
    """A hosted zone of its own, with short names for what the scenarios do."""

    def __init__(self, world: World):
        self.route53 = world.client("route53")
        self.name = f"{world.fresh('zone')}.example.com."
        created = self.route53.create_hosted_zone(Name=self.name, CallerReference=self.name)
        self.id = created["HostedZone"]["Id"].removeprefix("/hostedzone/")

    def record(self, label: str, weight: int | None, identifier: str | None, **more) -> dict:
        record = {
            "Name": f"{label}.{self.name}",
            "Type": "CNAME",
            "TTL": 60,
            "ResourceRecords": [{"Value": f"{identifier or 'only'}.db.example.net"}],
        }
        if weight is not None:
            record["Weight"] = weight
        if identifier is not None:
            record["SetIdentifier"] = identifier
        return record | more

    def change(self, *changes: tuple[str, dict]) -> str:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
        return outcome(self.route53.change_resource_record_sets, HostedZoneId=self.id, ChangeBatch=batch)

    def pair(self, label: str = "reader") -> None:
        changes = [("CREATE", self.record(label, 100, "source")), ("CREATE", self.record(label, 0, "target"))]
        assert self.change(*changes) == "ok"

    def shift(self, old: int, new: int, label: str = "reader") -> str:
        """The compare-and-swap batch."""
        return self.change(
            ("DELETE", self.record(label, 100 - old, "source")),
            ("CREATE", self.record(label, 100 - new, "source")),
            ("DELETE", self.record(label, old, "target")),
            ("CREATE", self.record(label, new, "target")),
        )

    def listed(self, **arguments) -> list[dict]:
        answer = self.route53.list_resource_record_sets(HostedZoneId=self.id, **arguments)
        return [record for record in answer["ResourceRecordSets"] if record["Type"] not in ("NS", "SOA")]

    def brief(self, records: list[dict]) -> list[list]:
        return [
            [record["Name"].removesuffix(self.name), record.get("SetIdentifier"), record.get("Weight")]
            for record in records
        ]

    def state(self) -> list[list]:
        return self.brief(self.listed())


@scenario
def a_swap_moves_both_weights(world: World):
    zone = Zone(world)
    zone.pair()
    return [zone.shift(0, 20), zone.state()]


@scenario
def a_swap_goes_back_to_an_earlier_weight(world: World):
    zone = Zone(world)
    zone.pair()
    return [zone.shift(0, 50), zone.shift(50, 0), zone.shift(0, 50), zone.state()]


@scenario
def a_swap_from_weights_that_moved_on_fails_whole(world: World):
    zone = Zone(world)
    zone.pair()
    return [zone.shift(0, 20), zone.shift(0, 50), zone.state()]


@scenario
def a_batch_with_one_bad_change_changes_nothing(world: World):
    zone = Zone(world)
    zone.pair()
    bad = ("CREATE", zone.record("reader", 1, "source"))
    return [zone.change(("CREATE", zone.record("other", 1, "source")), bad), zone.state()]


@scenario
def a_delete_with_a_stale_weight_is_refused(world: World):
    zone = Zone(world)
    zone.pair()
    return [zone.change(("DELETE", zone.record("reader", 99, "source"))), zone.state()]


@scenario
def a_delete_with_another_ttl_is_refused(world: World):
    zone = Zone(world)
    zone.pair()
    return [zone.change(("DELETE", zone.record("reader", 100, "source", TTL=61))), zone.state()]


@scenario
def a_delete_with_another_value_is_refused(world: World):
    zone = Zone(world)
    zone.pair()
    moved = zone.record("reader", 100, "source", ResourceRecords=[{"Value": "moved.db.example.net"}])
    return [zone.change(("DELETE", moved)), zone.state()]


@scenario
def a_delete_of_an_unknown_identifier_is_refused(world: World):
    zone = Zone(world)
    zone.pair()
    return [zone.change(("DELETE", zone.record("reader", 100, "third"))), zone.state()]


@scenario
def a_delete_without_the_dot_at_the_end_matches(world: World):
    zone = Zone(world)
    zone.pair()
    record = zone.record("reader", 100, "source")
    return [zone.change(("DELETE", record | {"Name": record["Name"].rstrip(".")})), zone.state()]


@scenario
def a_delete_in_capitals_matches(world: World):
    zone = Zone(world)
    zone.pair()
    record = zone.record("reader", 100, "source")
    return [zone.change(("DELETE", record | {"Name": record["Name"].upper()})), zone.state()]


@scenario
def a_create_of_what_exists_is_refused(world: World):
    zone = Zone(world)
    zone.pair()
    return [zone.change(("CREATE", zone.record("reader", 100, "source"))), zone.state()]


@scenario
def an_upsert_creates_and_then_replaces(world: World):
    zone = Zone(world)
    first = zone.change(("UPSERT", zone.record("reader", 10, "source")))
    return [first, zone.change(("UPSERT", zone.record("reader", 30, "source"))), zone.state()]


@scenario
def a_simple_record_beside_a_weighted_pair_is_refused(world: World):
    zone = Zone(world)
    zone.pair()
    return [zone.change(("CREATE", zone.record("reader", None, None))), zone.state()]


@scenario
def a_weight_without_a_set_identifier_is_refused(world: World):
    zone = Zone(world)
    return [zone.change(("CREATE", zone.record("reader", 10, None))), zone.state()]


@scenario
def a_weight_of_255_is_the_highest(world: World):
    zone = Zone(world)
    highest = zone.change(("CREATE", zone.record("reader", 255, "source")))
    return [highest, zone.change(("CREATE", zone.record("reader", 256, "target"))), zone.state()]


@scenario
def a_negative_weight_is_refused(world: World):
    zone = Zone(world)
    return [zone.change(("CREATE", zone.record("reader", -1, "source"))), zone.state()]


@scenario
def an_empty_batch_is_refused(world: World):
    zone = Zone(world)
    return [zone.change(), zone.state()]


@scenario
def a_record_outside_the_zone_is_refused(world: World):
    zone = Zone(world)
    record = zone.record("reader", 10, "source", Name="reader.example.org.")
    return [zone.change(("CREATE", record)), zone.state()]


@scenario
def records_are_listed_by_reversed_labels_and_identifier(world: World):
    zone = Zone(world)
    for label in ("b", "a.b", "a", "z.a", "c"):
        zone.pair(label)
    return zone.state()


@scenario
def a_wildcard_is_listed_with_its_escape(world: World):
    zone = Zone(world)
    zone.pair("*")
    return zone.state()


@scenario
def a_listing_is_read_in_pages(world: World):
    zone = Zone(world)
    for label in ("a", "b", "c"):
        zone.pair(label)
    found, start = [], {}
    while True:
        answer = zone.route53.list_resource_record_sets(HostedZoneId=zone.id, MaxItems="2", **start)
        page = [record for record in answer["ResourceRecordSets"] if record["Type"] == "CNAME"]
        found.extend(zone.brief(page))
        if not answer["IsTruncated"]:
            return found
        assert len(answer["ResourceRecordSets"]) == 2
        following = {
            "StartRecordName": answer.get("NextRecordName"),
            "StartRecordType": answer.get("NextRecordType"),
            "StartRecordIdentifier": answer.get("NextRecordIdentifier"),
        }
        start = {key: value for key, value in following.items() if value}


@scenario
def a_listing_starts_at_a_name(world: World):
    zone = Zone(world)
    for label in ("a", "b", "c"):
        zone.pair(label)
    return zone.brief(zone.listed(StartRecordName=f"b.{zone.name}", StartRecordType="CNAME"))


@scenario
def a_change_is_pending_and_then_in_sync(world: World):
    zone = Zone(world)
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": zone.record("reader", 1, "source")}]}
    change = zone.route53.change_resource_record_sets(HostedZoneId=zone.id, ChangeBatch=batch)["ChangeInfo"]
    world.settle()

    def in_sync() -> bool:
        return zone.route53.get_change(Id=change["Id"])["ChangeInfo"]["Status"] == "INSYNC"

    return [change["Status"], bool(wait_until(in_sync, "the change in sync"))]


@scenario
def an_unknown_change_is_not_found(world: World):
    return outcome(world.client("route53").get_change, Id="C00000000000000000000")


@scenario
def an_unknown_zone_is_not_found(world: World):
    route53 = world.client("route53")
    record = {"Name": "a.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    return [
        outcome(route53.list_resource_record_sets, HostedZoneId=UNKNOWN_ZONE),
        outcome(route53.change_resource_record_sets, HostedZoneId=UNKNOWN_ZONE, ChangeBatch=batch),
        outcome(route53.get_hosted_zone, Id=UNKNOWN_ZONE),
    ]
