"""Reading a message's bytes into views: every part, decoded in every plausible way, within fixed limits.

Nothing here judges. What cannot be read, or not for certain, is told with a typed reason (`gaps.Gap`); nothing raises.
"""
