#: dr
# Two alarms go off in the same second, long after the region has died in silence: one promotion
advance 2m
ticks off
canary well
dark eu-central-1
events held
canary as it is
advance 3m
events released
advance 5m
ticks on
advance 3m
expect promotions=1 writer=dr traffic=dr state-phase=failed-over
