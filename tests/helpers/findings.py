"""Findings as a run would save them."""

from gradcheck.findings.finding import Finding, Sighting, now


def finding_of(verdict):
    """Return the finding that was seen once, in this verdict."""
    seen = Sighting(began=now(), last=now(), times=1, seed=0)
    return Finding(verdict, worst=verdict, seen=seen, cases=1)
