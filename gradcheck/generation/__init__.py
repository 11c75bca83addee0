"""The grammar of random expressions and points, written once over a source of choices."""
