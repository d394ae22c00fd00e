"""Parameter Store: creating once, versions, sizes, listing by path."""

from crosscheck.scenario import World, outcome, scenario


def put(world: World, name: str, value: str = "one", **more) -> str:
    arguments = {"Name": name, "Value": value, "Type": "String"} | more
    return outcome(world.client("ssm").put_parameter, **arguments)


def path(world: World) -> str:
    return f"/{world.fresh('cross')}"


def value_and_version(world: World, name: str) -> list:
    parameter = world.client("ssm").get_parameter(Name=name)["Parameter"]
    return [parameter["Value"], parameter["Version"], parameter["Type"]]


@scenario
def a_parameter_is_created_once(world: World):
    name = f"{path(world)}/journal/00000001"
    return [
        put(world, name, "first", Overwrite=False),
        put(world, name, "second", Overwrite=False),
        put(world, name, "third"),
        value_and_version(world, name),
    ]


@scenario
def overwriting_counts_versions(world: World):
    name = f"{path(world)}/state"
    answers = [put(world, name, value, Overwrite=True) for value in ("one", "two", "three")]
    return [answers, value_and_version(world, name)]


@scenario
def an_overwritten_value_may_stay_the_same(world: World):
    name = f"{path(world)}/state"
    put(world, name, "same", Overwrite=True)
    return [put(world, name, "same", Overwrite=True), value_and_version(world, name)]


@scenario
def a_deleted_parameter_begins_again_at_version_1(world: World):
    name = f"{path(world)}/state"
    put(world, name)
    put(world, name, "two", Overwrite=True)
    deleted = outcome(world.client("ssm").delete_parameter, Name=name)
    return [deleted, put(world, name, "three"), value_and_version(world, name)]


@scenario
def a_standard_value_holds_4096_bytes(world: World):
    stem = path(world)
    return [put(world, f"{stem}/full", "x" * 4096), put(world, f"{stem}/over", "x" * 4097)]


@scenario
def bytes_count_and_not_characters(world: World):
    return put(world, f"{path(world)}/umlauts", "ü" * 2100)


@scenario
def an_advanced_value_holds_8192_bytes(world: World):
    stem = path(world)
    return [
        put(world, f"{stem}/full", "x" * 8192, Tier="Advanced"),
        put(world, f"{stem}/over", "x" * 8193, Tier="Advanced"),
    ]


@scenario
def an_empty_value_is_refused(world: World):
    return put(world, f"{path(world)}/empty", "")


@scenario
def a_type_is_needed_to_create(world: World):
    return outcome(world.client("ssm").put_parameter, Name=f"{path(world)}/untyped", Value="x")


@scenario
def names_have_rules(world: World):
    stem = path(world)
    return {
        name: put(world, spelled)
        for name, spelled in {
            "space": f"{stem}/a b",
            "umlaut": f"{stem}/ü",
            "double slash": f"{stem}//a",
            "slash at the end": f"{stem}/a/",
            "aws": f"/aws{stem}",
            "ssm": f"/ssm{stem}",
            "no slash before a path": f"{stem[1:]}/a",
        }.items()
    }


@scenario
def an_unknown_parameter_is_not_found(world: World):
    ssm, name = world.client("ssm"), f"{path(world)}/missing"
    return [
        outcome(ssm.get_parameter, Name=name),
        outcome(ssm.delete_parameter, Name=name),
        outcome(ssm.get_parameter_history, Name=name),
    ]


@scenario
def a_version_can_be_asked_for(world: World):
    name = f"{path(world)}/state"
    put(world, name, "one")
    put(world, name, "two", Overwrite=True)
    return [
        value_and_version(world, f"{name}:1"),
        value_and_version(world, f"{name}:2"),
        outcome(world.client("ssm").get_parameter, Name=f"{name}:3"),
    ]


@scenario
def many_are_read_at_once_and_the_missing_are_named(world: World):
    stem = path(world)
    put(world, f"{stem}/a")
    put(world, f"{stem}/b")
    answer = world.client("ssm").get_parameters(Names=[f"{stem}/a", f"{stem}/missing", f"{stem}/b"])
    return [
        sorted(parameter["Name"].removeprefix(stem) for parameter in answer["Parameters"]),
        [name.removeprefix(stem) for name in answer["InvalidParameters"]],
    ]


@scenario
def eleven_at_once_are_too_many(world: World):
    stem = path(world)
    return outcome(world.client("ssm").get_parameters, Names=[f"{stem}/{number}" for number in range(11)])


@scenario
def a_path_is_read_in_pages_of_ten(world: World):
    ssm, stem = world.client("ssm"), path(world)
    for number in range(12):
        put(world, f"{stem}/journal/{number:08}")
    sizes, found, token = [], [], {}
    while True:
        answer = ssm.get_parameters_by_path(Path=f"{stem}/journal", MaxResults=10, **token)
        sizes.append(len(answer["Parameters"]))
        found.extend(parameter["Name"].removeprefix(stem) for parameter in answer["Parameters"])
        if not answer.get("NextToken"):
            return [sizes, sorted(found)]
        token = {"NextToken": answer["NextToken"]}


@scenario
def a_page_of_eleven_is_refused(world: World):
    return outcome(world.client("ssm").get_parameters_by_path, Path=path(world), MaxResults=11)


@scenario
def a_path_is_read_with_and_without_what_lies_deeper(world: World):
    ssm, stem = world.client("ssm"), path(world)
    for name in ("/state", "/journal/1", "/journal/old/0"):
        put(world, f"{stem}{name}")

    def names(**more) -> list[str]:
        answer = ssm.get_parameters_by_path(**more)
        return sorted(parameter["Name"].removeprefix(stem) for parameter in answer["Parameters"])

    return [names(Path=stem), names(Path=stem, Recursive=True), names(Path=f"{stem}/journal/"), names(Path="/none")]


@scenario
def deleting_many_says_which_were_there(world: World):
    stem = path(world)
    put(world, f"{stem}/a")
    answer = world.client("ssm").delete_parameters(Names=[f"{stem}/a", f"{stem}/missing"])
    return [
        [name.removeprefix(stem) for name in answer["DeletedParameters"]],
        [name.removeprefix(stem) for name in answer["InvalidParameters"]],
        outcome(world.client("ssm").get_parameter, Name=f"{stem}/a"),
    ]


@scenario
def the_history_has_every_version(world: World):
    name = f"{path(world)}/state"
    for value in ("one", "two", "three"):
        put(world, name, value, Overwrite=True)
    history = world.client("ssm").get_parameter_history(Name=name)["Parameters"]
    return [[entry["Version"], entry["Value"]] for entry in history]


@scenario
def a_parameter_has_an_arn_under_its_path(world: World):
    name = f"{path(world)}/state"
    put(world, name)
    arn = world.client("ssm").get_parameter(Name=name)["Parameter"]["ARN"]
    return arn.replace(name, "NAME")
