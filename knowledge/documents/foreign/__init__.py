"""Exports of other programs. Nothing here knows Django or a database, and nothing is unpacked to a disk.

archive.py   a zip archive, refused where it could do harm
notion.py    a Notion export: its pages and databases as Markdown, for the parser
trello.py    a Trello board: its cards on challenges as a document
plain.py     Markdown in them as plain text
"""
