"""Who a message reaches, told from what a channel knows of a recipient (section 6)."""
