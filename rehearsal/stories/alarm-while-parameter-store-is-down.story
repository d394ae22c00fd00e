#: dead-letters
#: alarms orders-5xx=rollback
# An alarm goes off while Parameter Store throttles everything: it is tried again, kept, and made good
alarm orders-5xx OK
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
advance 3m
fault ssm throttle
alarm orders-5xx ALARM
say Nobody can claim a decision, so nothing moves. Lambda tries each event three times, then keeps it as a dead letter.
advance 5m
expect reader=50
say Parameter Store answers again. The clock needs no letter: it reads the alarm, and takes reads back.
fault clear
advance 4m
expect reader=0 state-phase=rolled-back
