"""The read side: an operation becomes a plan, a plan is one SQL statement, and its answer is the response's text.

docs/planner.md tells how. The face:

- `needs`: what a field declares about its data
- `Catalogue`: the needs of every type, gathered from the schema and checked
- `Planner`: operations in, plans out, kept
"""
