"""Pages of development: the inbox, the style guide."""
