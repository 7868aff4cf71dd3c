from __future__ import annotations

import pytest


@pytest.fixture
def help_text(call, monkeypatch):
    def ask(command):
        monkeypatch.setenv("COLUMNS", "200")
        status, out, _ = call(command, "--help")
        assert status == 0
        return " ".join(out.replace("│", " ").split())

    return ask


def test_defaults_stand_in_the_help(help_text):
    text = help_text("refine")
    for default in ("row numbers", "3", "5", "refit", "30", "128", "0.1, AdamW: 0.001", "auto", "1"):
        assert f"[default: {default}]" in text
    assert "or average, bayes, auto [default: auto]" in text
    assert "which chooses on rows that nothing has seen [default: auto]" in text


def test_options_that_commands_share_are_named_alike(help_text):
    for command in ("refine", "predict", "evaluate"):
        assert {"--tta", "--device", "--json"} <= set(help_text(command).split())
    assert {"--image", "--image-size", "--cache", "--epochs", "--batch-size", "--lr", "--augment", "--weights"} <= set(
        help_text("refine").split()
    )
