"""Scenarios whose outcome must be the same on the twin and on what others wrote."""

from crosscheck import cloudwatch, dms, events, rds, route53, sns, ssm  # noqa: F401  (each registers its scenarios)
from crosscheck.scenario import SCENARIOS, World

__all__ = ["SCENARIOS", "World"]
