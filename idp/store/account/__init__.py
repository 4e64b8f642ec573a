"""Rows of accounts, recoveries and changes of mobiles; costs and peppers of the stored hashes."""
