"""The colours: two of Okabe and Ito's, which eyes of every kind can tell apart.

Darker than theirs on white, and lighter on black, so that text in them has a contrast of at least
4.5 to 1 on either. Nothing is said by a colour alone.
"""

WRONG = "#b34700"
BLAME = "#0069a6"
QUIET = "#595959"

DARK_BACKGROUND = "#1b1d21"
DARK_FOREGROUND = "#e6e6e6"
ON_DARK = {
    WRONG: "#ff9a57",
    BLAME: "#63b8ee",
    QUIET: "#a8a8a8",
}
"""What each colour is on a dark background."""
