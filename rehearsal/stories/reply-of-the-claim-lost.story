# The reply of a call is lost: the effect stands, and is recognised as our own
fault ssm reply-lost 1 of PutParameter on /journal/
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=done reader=20 generation=1
fault route53 reply-lost 1 of ChangeResourceRecordSets
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=done reader=50 generation=2
advance 4m
expect settled=true
fault ssm reply-lost 1 of PutParameter on /state
invoke route53-updater {"action":"gradual_cutover","aurora_weight":80}
expect outcome=done reader=80 generation=3
advance 4m
expect state-generation=3
