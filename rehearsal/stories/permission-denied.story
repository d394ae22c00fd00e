# A permission is missing: the answer names it, and nothing changes
fault route53 deny of ListResourceRecordSets
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect error=Permanent reader=0 state-generation=none
fault clear
fault ssm deny of PutParameter on /journal/
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect error=Permanent reader=0
fault clear
fault cloudwatch deny of GetMetricData
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=held blockers=lag-unknown reader=0
fault clear
fault route53 deny of ChangeResourceRecordSets
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect error=Permanent reader=0 state-outcome=undone
fault clear
say A topic that cannot be reached never holds a move up.
fault sns deny of Publish
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=done reader=20
say A rollback needs neither replication nor its metrics.
fault dms deny
fault cloudwatch deny
invoke route53-updater {"action":"rollback"}
expect outcome=done reader=0
