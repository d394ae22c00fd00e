#: dr SecretKeyArn=arn:aws:kms:eu-west-1:111122223333:key/secrets
# A planned switchover: refused while replication is behind, then without a lost write
lag global 20s
advance 2m
invoke dr-failover {"action":"switchover","reason":"maintenance"}
expect outcome=refused blockers=lag-too-high promotions=0
lag global 300ms
advance 2m
invoke dr-failover {"action":"switchover","dry_run":true}
invoke dr-failover {"action":"switchover","reason":"maintenance"}
expect outcome=in_progress writer=dr lost-writes=0
advance 4m
expect traffic=dr application=dr state-phase=failed-over lost-writes=0
say And back.
invoke dr-failover {"action":"failback","reason":"maintenance is over"}
expect outcome=in_progress writer=primary lost-writes=0
advance 4m
expect traffic=primary application=primary state-phase=normal lost-writes=0
