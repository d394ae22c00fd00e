#: zone Z0NOTTHERE
# The configuration names a hosted zone that does not exist
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect error=Permanent reader=0 state-generation=none
say A tick is nobody's command: it says so without failing, because Lambda would only try again.
advance 2m
expect outcome=needs_human notices=0
