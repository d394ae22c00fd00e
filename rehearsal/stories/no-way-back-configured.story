#: without-reverse
# No reverse task is configured: the cutover asks first, and a rollback after it asks again
lag idle
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
expect outcome=held blockers=reverse-not-ready writer=0
invoke route53-updater {"action":"manual_cutover","writes_stopped":true,"force":["reverse-not-ready"],"reason":"read-mostly, we go forward only"}
expect outcome=in_progress forced=reverse-not-ready
advance 5m
expect writer=100 state-phase=cut-over
invoke route53-updater {"action":"rollback"}
expect outcome=needs_human viability=lossy writer=100
invoke route53-updater {"action":"complete"}
expect outcome=done phase=completed viability=impossible
