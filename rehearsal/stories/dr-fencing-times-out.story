#: dr
# The old writer cannot be fenced: a person is paged, with what to do
fencing times out
advance 2m
dark eu-central-1
advance 6m
expect writer=dr traffic=dr promotions=1 fenced=false
say The region comes back, and with it an old writer that does not know.
light eu-central-1
advance 30m
expect writer=dr
