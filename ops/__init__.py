"""What runs Nexus on one machine: the supervisor behind `make run`, its PostgreSQL, and the services of `make test`.

No Django in here: the programs are started with an environment and watched from outside.
"""
