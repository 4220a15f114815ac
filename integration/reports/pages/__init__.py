"""The reports, section by section: from what stands to a `Document`."""
