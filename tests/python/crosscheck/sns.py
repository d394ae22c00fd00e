"""SNS: publishing and its limits."""

from crosscheck.scenario import World, outcome, scenario


def topic(world: World) -> str:
    return world.client("sns").create_topic(Name=world.fresh("cross"))["TopicArn"]


def publish(world: World, arn: str, **more) -> str:
    return outcome(world.client("sns").publish, **({"TopicArn": arn, "Message": "moved to 20 %"} | more))


def attribute(value: str, kind: str = "String") -> dict:
    return {"DataType": kind, "StringValue": value}


@scenario
def a_notice_gets_an_id(world: World):
    answer = world.client("sns").publish(TopicArn=topic(world), Subject="dev: 20 %", Message="moved to 20 %")
    return len(answer["MessageId"])


@scenario
def a_notice_may_carry_attributes(world: World):
    attributes = {"severity": attribute("info"), "generation": attribute("7", "Number")}
    return publish(world, topic(world), MessageAttributes=attributes)


@scenario
def a_subject_has_at_most_100_characters(world: World):
    arn = topic(world)
    return [publish(world, arn, Subject="s" * 100), publish(world, arn, Subject="s" * 101)]


@scenario
def a_subject_of_two_lines_is_refused(world: World):
    return publish(world, topic(world), Subject="one\ntwo")


@scenario
def a_subject_beyond_ascii_is_refused(world: World):
    return publish(world, topic(world), Subject="Fünf")


@scenario
def an_empty_message_is_refused(world: World):
    return publish(world, topic(world), Message="")


@scenario
def a_message_holds_256_kib(world: World):
    arn = topic(world)
    return [publish(world, arn, Message="m" * 262_144), publish(world, arn, Message="m" * 262_145)]


@scenario
def an_unknown_topic_is_not_found(world: World):
    arn = topic(world) + "-missing"
    return [publish(world, arn), outcome(world.client("sns").get_topic_attributes, TopicArn=arn)]


@scenario
def a_topic_is_created_once_under_one_name(world: World):
    sns, name = world.client("sns"), world.fresh("cross")
    first, second = (sns.create_topic(Name=name)["TopicArn"] for _ in range(2))
    return [first == second, first.replace(name, "NAME")]
