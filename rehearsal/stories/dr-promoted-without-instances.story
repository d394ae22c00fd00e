#: dr
# The DR cluster has no instances: nothing is promoted by itself, and what the console promotes cannot serve
remove instances dr
advance 2m
dark eu-central-1
advance 4m
expect promotions=0 state-phase=suspected
console failover
advance 4m
expect state-phase=needs-human
say Somebody creates one, as the notice says.
add instance dr
advance 2m
invoke dr-failover {"action":"acknowledge","reason":"it has an instance now"}
advance 3m
expect writer=dr traffic=dr state-phase=failed-over
