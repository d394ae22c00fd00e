#: alarms target-cpu=hold,replica-lag=notify
# Paused, resumed, and an alarm that holds
alarm target-cpu OK
alarm replica-lag ALARM
invoke route53-updater {"action":"gradual_cutover","ladder":[20,100],"bake_minutes":5}
expect outcome=done reader=20
invoke route53-updater {"action":"pause","reason":"lunch"}
expect outcome=done
invoke route53-updater {"action":"pause"}
expect outcome=unchanged
advance 20m
expect reader=20 hold=paused
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=held blockers=paused
invoke route53-updater {"action":"resume"}
expect outcome=done
alarm target-cpu ALARM
advance 3m
expect reader=20 hold=alarm-active
alarm target-cpu INSUFFICIENT_DATA
advance 3m
expect reader=20 hold=alarm-active
alarm target-cpu OK
advance 2m
expect reader=100
