"""Shift calendars: who is on duty when, from files that people keep."""
