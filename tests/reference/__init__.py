"""The same answers by another way: graphql-core over resolvers that read each need row by row.

Nothing here compiles SQL. Rows come one at a time through the ORM, within the same scopes; filters, orders, pages and
cursors are made in Python. What the planner answers must be equal to the byte, errors included.

reading.py     one operation's reader: visible rows, values, related rows
pages.py       connections: which rows, in which order, which page
searching.py   searches: what matches, how well
checking.py    what is refused before anything is read
executing.py   graphql-core's execution over all of it
comparing.py   both ways, side by side
operations.py  operations made up from the schema
world.py       rows for them to find
"""
