from __future__ import annotations

import logging

import pytest
from rich.console import Console

from softlabel.cli.bars import epochs_told_to, make_bar, short_epoch

EPOCHS = logging.getLogger("softlabel.epochs")


def test_epochs_are_handed_on_and_all_is_as_before_afterwards(caplog):
    heard, before = [], (EPOCHS.level, EPOCHS.propagate, list(EPOCHS.handlers))
    with epochs_told_to(heard.append):
        EPOCHS.info("epoch %d/30", 1)
        with pytest.raises(KeyboardInterrupt), epochs_told_to(lambda text: None):
            raise KeyboardInterrupt
        EPOCHS.info("epoch 2/30")
    EPOCHS.info("epoch 3/30")
    assert heard == ["epoch 1/30", "epoch 2/30"]
    assert (EPOCHS.level, EPOCHS.propagate, EPOCHS.handlers) == before
    assert "epoch 1/30" not in caplog.text  # nor to whoever else has set up logging


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("epoch 3/30: lr 0.05, training loss 1.2500, accuracy 0.500; 1.5 s", "epoch 3/30, training loss 1.2500"),
        ("epoch 1/30", "epoch 1/30"),
        ("something else", ""),
    ],
)
def test_a_bar_has_room_for_a_few_words(line, text):
    assert short_epoch(line) == text


def test_a_bar_has_room_for_the_time_that_is_left(tmp_path):
    with (tmp_path / "terminal").open("w") as file:
        bar = make_bar(Console(force_terminal=True, width=100, file=file))
        bar.add_task("cells", total=4, completed=1, left="about 3 s left")
        bar.start()
        bar.refresh()
        bar.stop()
    shown = (tmp_path / "terminal").read_text()
    assert "cells" in shown
    assert "1/4" in shown
    assert "about 3 s left" in shown
