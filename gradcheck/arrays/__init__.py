"""Array programs: operations on whole arrays, judged element by element as one expression."""
