"""The pictures of an audit, as shapes for a template: no colour, no words."""
