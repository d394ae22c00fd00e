#: parameter LatencyExpression=SELECT MAX(LatencyIncrease) FROM Orders
# A limit on what users feel: growth in latency over 30 % takes reads back, and no data holds
metric Orders LatencyIncrease 4
advance 2m
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50],"bake_minutes":10}
expect outcome=done reader=20
advance 3m
say The metric is no longer reported. Nobody knows how users fare, so nothing climbs; nothing goes back either.
metric Orders LatencyIncrease none
advance 20m
expect reader=20 hold=alarm-active
metric Orders LatencyIncrease 12
advance 4m
expect reader=50 hold=none
say On the target every query takes half as long again.
metric Orders LatencyIncrease 48
advance 3m
expect reader=0 state-phase=rolled-back
