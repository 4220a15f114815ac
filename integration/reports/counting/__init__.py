"""Counting: pure functions from log entries to figures. No clock, no files, no database."""
