"""The documents that Nexus writes and reads back to the same content: Markdown with front matter.

Nothing here is guessed, and nothing here knows Django or a database.

values.py    what such a document holds
front.py     front matter: text to plain values and back, hostile text refused
writing.py   a value as a document
reading.py   a document as a value
"""
