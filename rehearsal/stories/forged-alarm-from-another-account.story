#: alarms migration-dev-target-errors=rollback
# Alarms that are forged: nothing changes, and people are told once
alarm migration-dev-target-errors OK
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
advance 3m
expect notices=1
say Another account's alarm of the same name on our bus: the rule does not let it through.
event cloudwatch.alarm.foreign-account
expect reader=50 notices=1
say The same straight to the function: it is not acted on, and people are told, once.
event cloudwatch.alarm.foreign-account to alarm-rollback
expect unrecognised=eventbridge/alarm:foreign-account reader=50 notices=2
event cloudwatch.alarm.foreign-account to alarm-rollback
expect unrecognised=eventbridge/alarm:foreign-account reader=50 notices=2
event alarm-action.foreign-account to alarm-rollback
expect unrecognised=alarm-action:foreign-account reader=50
say One that looks right in every field. The alarm is read back, and it is OK.
event cloudwatch.alarm.metric-in-alarm
expect outcome=unchanged unrecognised=none reader=50
advance 3m
expect reader=50 hold=none state-generation=1
