"""Rooms of a chat service: an incoming webhook of Slack, or a workflow of Microsoft Teams."""
