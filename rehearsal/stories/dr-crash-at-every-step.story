#: dr
# The function dies at every step of a promotion: each time the next one goes on, and nothing is done twice
advance 2m
crash after claim
crash before promote
crash after promote
crash after configure-application
crash before refresh-instances
crash after notify
dark eu-central-1
advance 15m
fault clear
advance 5m
expect promotions=1 writer=dr traffic=dr application=dr refreshes=1 state-phase=failed-over
