"""Servers that answer the same questions over the same tables, behind the same HTTP server.

limit/                the SQL by hand in a Django view: as fast as it can be
graphene_plain.py     graphene-django as its documentation has it
strawberry_optimized.py strawberry-django with its query optimizer

BENCH_CONTESTANT names the module whose URLs `wsgi` serves.
"""
