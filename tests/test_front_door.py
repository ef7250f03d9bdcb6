"""The two scripts of the README: what they do when all is well, and what they say when it is not."""

from __future__ import annotations

import importlib.util
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-ins are shell scripts")

VENV_MAKER = """#!/bin/sh
# stands in for "python -m venv FOLDER": makes an environment whose python writes down what it is asked
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "$@" >> "%s/asked"\\nexit %s\\n' "$3" "{status}" > "$3/bin/python"
chmod +x "$3/bin/python"
exit {venv_status}
"""


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/environment.py, for a project of its own."""
    spec = importlib.util.spec_from_file_location("environment", PROJECT / "scripts" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\noptional-dependencies = {sim = [], dev = [], web = []}\n")
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp.json")
    python_that(tmp_path, monkeypatch)
    return module


def python_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, status: int = 0, venv_status: int = 0) -> None:
    maker = tmp_path / "python"
    maker.write_text(VENV_MAKER.format(status=status, venv_status=venv_status))
    maker.chmod(maker.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(maker))


def asked(tmp_path: Path) -> list[str]:
    return (tmp_path / ".venv" / "asked").read_text().splitlines()


def test_the_first_start_makes_an_environment_and_installs(door: ModuleType, tmp_path: Path) -> None:
    assert door.prepare({"sim"}) == tmp_path / ".venv" / "bin" / "python"
    (install,) = asked(tmp_path)
    assert install.endswith(f"install -e {tmp_path}[sim]")


def test_the_second_start_installs_nothing(door: ModuleType, tmp_path: Path) -> None:
    door.prepare({"sim", "dev"})
    door.prepare({"sim"})
    assert len(asked(tmp_path)) == 1


def test_more_extras_are_added_to_those_there(door: ModuleType, tmp_path: Path) -> None:
    door.prepare({"sim"})
    door.prepare({"dev"})
    assert asked(tmp_path)[-1].endswith("[dev,sim]")


def test_changed_requirements_are_installed(door: ModuleType, tmp_path: Path) -> None:
    door.prepare({"sim"})
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write("# more\n")
    door.prepare({"sim"})
    assert len(asked(tmp_path)) == 2


def test_a_damaged_stamp_is_as_none(door: ModuleType, tmp_path: Path) -> None:
    door.prepare({"sim"})
    door.STAMP.write_text("{")
    door.prepare({"sim"})
    assert len(asked(tmp_path)) == 2
    assert json.loads(door.STAMP.read_text())["extras"] == ["sim"]


def test_all_extras_are_those_of_the_project(door: ModuleType) -> None:
    assert door.all_extras() == {"sim", "dev", "web"}


def test_an_old_python_is_told_so(
    door: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as left:
        door.prepare({"sim"})
    assert left.value.code == 1
    assert "Python 3.11 or newer is needed, this is 3.9" in capsys.readouterr().err


def test_without_venv_the_package_to_install_is_named(
    door: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python_that(tmp_path, monkeypatch, venv_status=1)
    with pytest.raises(SystemExit):
        door.prepare({"sim"})
    assert f"apt install python3.{sys.version_info[1]}-venv" in capsys.readouterr().err
    assert not (tmp_path / ".venv").exists()  # a half-made one would be taken for a whole one


def test_a_failed_installation_is_shown_and_tried_again(
    door: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python_that(tmp_path, monkeypatch, status=1)
    for _ in range(2):
        with pytest.raises(SystemExit):
            door.prepare({"sim"})
    assert "the installation failed" in capsys.readouterr().err
    assert len(asked(tmp_path)) == 2


def test_the_pipelines_script_is_a_shell_script_that_parses() -> None:
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
