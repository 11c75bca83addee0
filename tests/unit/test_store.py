"""Files are written completely or not at all."""

import pytest

from gradcheck.findings.store import write_atomically


def test_a_file_is_replaced_as_a_whole(tmp_path):
    file = tmp_path / "case.json"
    write_atomically(file, b"old")
    write_atomically(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    file = tmp_path / "case.json"
    write_atomically(file, b"old")
    with pytest.raises(TypeError):
        write_atomically(file, "text, not bytes")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
