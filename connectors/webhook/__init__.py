"""A signed webhook, by the Standard Webhooks specification."""
