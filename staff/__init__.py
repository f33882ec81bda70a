"""The admin at /admin/: what staff do beside the API.

    urls.py      what there is, in its order: the table of pages
    site.py      the site: signing in and out, the list of pages
    shield.py    what stands around each page: the host, the session, the viewer, headers
    sign_in.py   from a password to a signed cookie, and from the cookie to a viewer
    pages.py     the base of all pages: lists and details that only read
    verbs.py     what can be done: a form, and one call of a service
    filters.py   what lists can be narrowed by
    the others   one page each

It reads by scoped querysets and writes by services alone: no page saves a model.
"""
