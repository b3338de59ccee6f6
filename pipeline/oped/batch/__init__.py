"""Many articles to many maps: what is done (worker), apart from where it runs (local, ray_engine) and what it leaves
behind (ledger, output).

inputs ──► Task ──► engine: a pool of supervised workers ──► Outcome ──► ledger and maps ──► tables, errors, summary
"""
