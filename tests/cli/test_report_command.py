"""``gradcheck report`` writes the gallery."""


def test_the_gallery_shows_the_findings_that_are_there_now(command_line, tmp_path):
    words = ("--engine", "engine.broken:seed_of_two", "--examples", "20", "--seed", "1")
    assert command_line("fuzz", *words).returncode == 1
    page = tmp_path / "reports" / "index.html"
    assert "wrong-seed" in page.read_text()
    for path in (tmp_path / "reports").rglob("case.json"):
        path.unlink()
    result = command_line("report")
    assert (result.returncode, result.stdout) == (0, "reports/index.html\n")
    assert "wrong-seed" not in page.read_text()


def test_another_folder_can_be_named(command_line, tmp_path):
    (tmp_path / "mine").mkdir()
    assert command_line("report", "mine").stdout == "mine/index.html\n"
    assert (tmp_path / "mine" / "index.html").is_file()


def test_a_missing_folder_is_a_usage_error(command_line, tmp_path):
    result = command_line("report", "nowhere")
    assert result.returncode == 2
    assert result.stderr.startswith("Error: there is no folder nowhere")
    assert list(tmp_path.iterdir()) == []
