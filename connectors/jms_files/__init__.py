"""Files in the contract's own form: JSON Lines, and XML documents that another connector maps."""
