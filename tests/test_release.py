"""What is said about a release in several places is the same in each."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import autograd

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_newest_changes_are_those_of_this_version() -> None:
    version, date = re.findall(r"^## (.*) \((.*)\)$", CHANGES, re.MULTILINE)[0]
    assert version == autograd.__version__
    assert re.fullmatch(r"unreleased|\d{4}-\d\d-\d\d", date)


def test_the_citation_is_of_this_version() -> None:
    assert CITATION["version"] == autograd.__version__


def test_the_citation_and_the_package_name_the_same_authors_and_license() -> None:
    assert CITATION["authors"] == PROJECT["authors"]
    assert CITATION["license"] == PROJECT["license"]


def test_every_line_that_says_where_the_project_is_agrees() -> None:
    urls = PROJECT["urls"]
    owner, name = urls["Source"].removeprefix("https://github.com/").split("/")
    assert urls["Homepage"] == f"https://{owner}.github.io/{name}/"
    assert urls["Issues"] == f"{urls['Source']}/issues"
    assert (CITATION["repository-code"], CITATION["url"]) == (urls["Source"], urls["Homepage"])
    roots = (urls["Source"], urls["Homepage"].rstrip("/"), f"https://raw.githubusercontent.com/{owner}/{name}/main")
    ours = re.compile(rf"https://[\w.-]*github[\w.-]*/?[^\s)\"'>`]*/{name}\b[^\s)\"'>`]*|https://{owner}\.[^\s)\"'>`]*")
    told = {}
    for path in (ROOT / line for line in tracked()):
        if path.suffix in (".md", ".toml", ".yml", ".cff", ".py", ".html", ".rst", ".ipynb"):
            for address in ours.findall(path.read_text(encoding="utf-8")):
                told[address] = path.relative_to(ROOT).as_posix()
    assert len(told) > 10
    assert {address: path for address, path in told.items() if not address.startswith(roots)} == {}


def tracked() -> list[str]:
    """The files that belong to the project."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("this is no checkout: git does not say which files belong to the project")
    return listed.stdout.splitlines()
