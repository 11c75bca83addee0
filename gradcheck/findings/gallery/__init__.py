"""The gallery: all findings on one self-contained HTML page."""
