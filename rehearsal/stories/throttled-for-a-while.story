# AWS throttles for a while
fault route53 throttle 3
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=done reader=20
say Longer than retries last: the answer says so, nothing is half done, and the tick carries on.
fault route53 throttle of ChangeResourceRecordSets
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect error=Retryable reader=20
fault clear
advance 4m
expect reader=50 state-outcome=finished
say A tick that AWS has no time for is no error, and nobody tries it again: the next minute's goes on.
fault route53 throttle
invoke route53-updater {"action":"tick"}
expect outcome=unchanged
advance 3m
fault clear
advance 2m
expect reader=50 state-outcome=finished
fault ssm throttle of PutParameter on /state
invoke route53-updater {"action":"gradual_cutover","aurora_weight":80}
expect outcome=done reader=80
fault clear
advance 4m
expect state-generation=3
