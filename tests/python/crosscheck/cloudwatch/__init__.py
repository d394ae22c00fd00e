"""CloudWatch: metrics, alarms, and composite ones."""

from crosscheck.cloudwatch import composites, readings, states  # noqa: F401  (each registers its scenarios)
