"""From a jail's own records to events: one declarative mapping that tables, files and messages share."""
