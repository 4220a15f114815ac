"""OpenID Connect: people who log in at a provider that the county has already."""
