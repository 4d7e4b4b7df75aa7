"""What do many responses show? Tables in, tables out: every formula with its source."""
