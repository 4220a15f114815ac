"""Notices to the person in custody: what paper is on file, what it is and is not, and what this jail will do."""
