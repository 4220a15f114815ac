"""Papers that arrive by fax or by hand, typed in by an officer: a form becomes events of the contract."""
