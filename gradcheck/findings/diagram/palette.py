"""The colours: two of Okabe and Ito's, which are distinct for colour-blind readers too.

They are darker than the originals on white and lighter on black, so that their contrast is at least
4.5 to 1. Colour is never the only mark of anything.
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
"""The counterpart of each colour on a dark background."""

OFF = "#ffd9bf"
FAR_OFF = "#f2a97c"
"""Backgrounds of wrong elements, the second where no digit is right."""

FILLS_ON_DARK = {OFF: "#66371a", FAR_OFF: "#8f4a18"}
"""The counterpart of each background on a dark one."""
