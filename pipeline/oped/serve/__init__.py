"""A local web page and REST API: articles in, maps out.

app (routes: api, api_maps, pages) ──► library (SQLite: articles, their state, their maps) ◄── mapping (a thread that feeds a
supervised worker)
"""
