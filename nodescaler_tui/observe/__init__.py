"""Bring readings in from Genesys Cloud; never judge them."""
