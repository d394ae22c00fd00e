#: alarms orders-failing=rollback
# A composite alarm whose actions are suppressed: nothing moves until the suppression is over
alarm orders-5xx OK
alarm deploying OK
composite orders-failing unless deploying when ALARM(orders-5xx)
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
advance 3m
say A deployment is under way, and errors are expected.
alarm deploying ALARM
alarm orders-5xx ALARM
advance 5m
expect reader=50 state-phase=shifting
say The deployment is over, the errors are not.
alarm deploying OK
advance 3m
expect reader=0 state-phase=rolled-back
