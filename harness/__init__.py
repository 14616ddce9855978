"""pgtap-harness: does this schema do what we think, and would our tests notice if not?"""
