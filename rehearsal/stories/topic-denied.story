# The topic cannot be reached: moves go on, and people are told afterwards, once
fault sns deny of Publish
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20,"reason":"first readers"}
expect outcome=done reader=20 notices=0
advance 3m
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=done reader=50 notices=0
task failed FATAL_ERROR
advance 3m
expect hold=replication-not-running notices=0 bus=3
say The permission is back. What people missed is told by the next tick, each once.
fault clear
advance 1m
expect notices=3
advance 10m
expect notices=3 reader=50
