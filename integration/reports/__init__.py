"""Reports that a council can read, counted from the entries of the audit log alone."""
