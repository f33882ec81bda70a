"""Subscriptions: server-sent events after the graphql-sse protocol, one connection an operation.

- `endpoint`: the ASGI application: one request in, one stream out
- `opening`: from a request to a feed, or to the error that it is refused with
- `feeds`: what each root field tells, and when: the one table
- `listening`: the life of a stream
- `notifications`: one connection to PostgreSQL a process, and who waits for what it says
- `places`: how many streams one caller may hold open
- `threads`, `events`: reads of the database, the wire
"""
