"""What a run leaves in its folder, without what is another thing each time."""

import json

import pytest


@pytest.fixture(scope="session")
def saved():
    """The findings below a folder: where, and what their cases hold but for the time of day."""

    def read(folder):
        found = {}
        for path in folder.rglob("case.json"):
            case = found[path.relative_to(folder)] = json.loads(path.read_text())
            for sighting in case["seen"]:
                del sighting["began"], sighting["last"]
        return found

    return read
