# Entries of the journal are deleted once they are a day old and far behind the head
ticks off
often 110 every 31m route53-updater {"action":"pause"} | {"action":"resume"}
say Nobody has looked for days. The first tick finds entries that no one can want any more.
ticks on
advance 2m
expect state-generation=110 journal-first=10
