"""From the flags of the command line to a console on the terminal, and its end."""
