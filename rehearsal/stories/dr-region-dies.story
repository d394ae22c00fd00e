#: dr
# The primary region dies: the DR cluster serves within minutes, once, with a known loss
advance 3m
invoke dr-failover {"action":"status"}
expect outcome=unchanged phase=normal writer=primary traffic=primary
dark eu-central-1
advance 7m
expect writer=dr traffic=dr application=dr refreshes=1 state-phase=failed-over promotions=1
say The region comes back. Its cluster becomes a secondary; nothing moves back by itself.
light eu-central-1
advance 40m
expect writer=dr traffic=dr promotions=1
invoke dr-failover {"action":"status"}
expect phase=failed-over
