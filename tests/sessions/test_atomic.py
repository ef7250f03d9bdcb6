"""Files are written whole, and nothing that stands in their place is lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kneeimu.sessions.atomic import write_private


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    kept, link = tmp_path / "dotfiles" / "settings.toml", tmp_path / "settings.toml"
    kept.parent.mkdir()
    kept.write_text("old")
    link.symlink_to(kept)

    write_private(link, "new")

    assert link.is_symlink()
    assert kept.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_written_into_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_private(pipe, "page")
        assert os.read(end, 100) == b"page"
    finally:
        os.close(end)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
