"""Outgoing messages: what they give away (section 6).

Categories are never taken on the sender's word. What goes to an immigration authority counts as status alone only when
every word of every view of it is accounted for: `statusonly` is a list of what is let in, the detectors name the rest.
"""
