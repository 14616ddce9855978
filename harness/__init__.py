"""pgtap-harness: a schema does what we think it does, or our tests notice."""
