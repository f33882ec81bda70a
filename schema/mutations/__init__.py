"""What can be changed. Each mutation is one call of the domain; CONTRIBUTING tells how to add one."""
