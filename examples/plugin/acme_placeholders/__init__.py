"""A tiny plug-in of wsgi-placeholder: one short module for a format, a style and a dialect each."""
