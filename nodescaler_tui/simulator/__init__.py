"""A Genesys Cloud and an external provider on loopback, over real HTTP, with a small physics behind them.

It shares no code with the rest of the product, so the two can never agree by sharing a mistake.
"""
