"""The read side: an operation becomes a plan, a plan is one SQL statement, and its answer is the response's text.

docs/planner.md tells how. Nothing here knows what is planned: the schema says it beside its fields, and its host says
who may see what (`viewers.Policy`). The face:

- `declare`, `needs`: types, fields, and what a field needs of the data
- `Catalogue`: the needs of every type, gathered from the schema and checked
- `Planner`: operations in, plans out, kept
- `errors`, `ids`: what is refused, and how rows are named
"""
