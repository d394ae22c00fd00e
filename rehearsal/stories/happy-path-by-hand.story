# A whole migration by hand: 0, 20, 50, 80, 100 %, the writer, and all the way back
say Replication is level, all traffic is on the source. An operator looks, then moves reads step by step.
invoke route53-updater {"action":"status"}
expect outcome=unchanged phase=ready reader=0 writer=0
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20,"dry_run":true}
expect outcome=unchanged reader=0
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20,"reason":"first readers"}
expect outcome=done generation=1 phase=shifting reader=20 writer=0 waiting=reader-in-sync
advance 14m
expect settled=true
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=done reader=50
advance 14m
invoke route53-updater {"action":"gradual_cutover","aurora_weight":80}
expect outcome=done reader=80
advance 14m
invoke route53-updater {"action":"gradual_cutover","aurora_weight":100}
expect outcome=done reader=100 writer=0 viability=lossless
advance 14m
say Reads are on the target. Moving the writer needs the application's writes stopped.
invoke route53-updater {"action":"manual_cutover"}
expect outcome=held blockers=lag-too-high,writes-not-stopped writer=0
lag idle
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true,"reason":"change window 09:56"}
expect outcome=in_progress phase=cutting-over writer=0
advance 6m
expect state-phase=cut-over writer=100 reader=100
invoke route53-updater {"action":"status"}
expect phase=cut-over viability=lossless
invoke route53-updater {"action":"gradual_cutover","aurora_weight":100}
expect outcome=unchanged
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=refused reader=100
say Something is wrong with the new side. Reverse replication has carried every write back, so nothing is lost.
invoke route53-updater {"action":"rollback","reason":"slow queries on the target"}
advance 5m
expect state-phase=rolled-back reader=0 writer=0
invoke route53-updater {"action":"status"}
expect phase=rolled-back viability=lossless outcome=unchanged
