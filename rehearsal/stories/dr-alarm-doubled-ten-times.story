#: dr
# The event of an alarm arrives ten times over: one promotion
advance 2m
ticks off
dark eu-central-1
advance 2m
repeat alarm 10
advance 5m
expect promotions=1 writer=dr
ticks on
advance 4m
expect promotions=1 state-phase=failed-over traffic=dr
