"""The workflows of GitHub: what they run, and whose code they trust."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".github" / "workflows"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.iterdir())}
WORKFLOWS: dict[str, dict[Any, Any]] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
JOBS = {f"{name}: {job}": content for name, workflow in WORKFLOWS.items() for job, content in workflow["jobs"].items()}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def commands(job: dict[str, Any]) -> list[str]:
    """The commands that a job runs, one a line."""
    return [line for step in job.get("steps", ()) for line in step.get("run", "").splitlines()]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_an_action_is_pinned_by_hash_with_its_tag_beside_it_or_has_a_reason(name: str) -> None:
    audit = yaml.safe_load((ROOT / ".github" / "zizmor.yml").read_text(encoding="utf-8"))
    policies = audit["rules"]["unpinned-uses"]["config"]["policies"]
    by_tag = {action for action, policy in policies.items() if policy == "ref-pin"}
    uses = re.findall(r"^ +(?:- )?uses: (\S+)(.*)$", TEXTS[name], re.MULTILINE)
    assert uses
    for action, after in uses:
        path, _, version = action.partition("@")
        if path in by_tag:
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version), action
        elif not path.startswith("./"):
            assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", version + after), action


def test_an_action_has_the_same_version_everywhere() -> None:
    uses = set(re.findall(r"uses: ([\w/-]+)@(.*)", "".join(TEXTS.values())))
    assert len(uses) == len({action for action, _ in uses})


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_do_nothing_by_default(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}


@pytest.mark.parametrize("job", [name for name, job in JOBS.items() if "steps" in job])
def test_a_job_ends_in_time(job: str) -> None:
    assert JOBS[job]["timeout-minutes"] <= 120


def test_only_what_publishes_can_publish() -> None:
    trusted = {name for name, job in JOBS.items() if "write" in job["permissions"].values()}
    assert trusted == {"release: publish", "release: publish-plugin", "site: publish"}
    assert all(JOBS[name]["environment"] for name in trusted)


def test_each_project_is_published_from_an_environment_of_its_own() -> None:
    # PyPI trusts an environment of a workflow for one project alone, as long as the project is not there.
    assert JOBS["release: publish"]["environment"] != JOBS["release: publish-plugin"]["environment"]
    assert JOBS["release: publish-plugin"]["needs"] == "publish"  # which does not run for what is no tag


def test_only_the_push_of_a_tag_is_published() -> None:
    assert JOBS["release: publish"]["if"] == "github.event_name == 'push'"
    assert WORKFLOWS["release"][True]["push"] == {"tags": ["v*"]}  # YAML reads the word "on" as true


def test_a_release_waits_for_all_that_it_needs() -> None:
    jobs = WORKFLOWS["release"]["jobs"]
    assert set(jobs["publish"]["needs"]) == set(jobs) - {"publish", "publish-plugin"}


def test_what_the_workflows_make_is_a_target() -> None:
    targets = [target for job in JOBS.values() for line in commands(job) for target in re.findall(r"^make (.*)", line)]
    assert targets == ["dist", "site"]
    assert [target for target in targets if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)] == []


def test_every_system_runs_what_make_runs() -> None:
    def recipe(target: str) -> str:
        """The first command of a target that runs Python."""
        (rest,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
        return str(re.findall(r"^\t\$\(BIN\)/(.*)", rest, re.MULTILINE)[0]).removesuffix(" $(TESTS)")

    install, *tested = commands(JOBS["test: versions"])
    assert install == 'python -m pip install --editable ".[dev]" --editable ./plugin'
    assert tested == [recipe("test"), recipe("native"), recipe("test")]


def test_the_versions_of_python_are_the_same_everywhere() -> None:
    tested = JOBS["test: versions"]["strategy"]["matrix"]["python"]
    named = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["project"]["classifiers"]))
    built = re.findall(r"cp3(\d+)-\*", PROJECT["tool"]["cibuildwheel"]["build"])
    assert tested == named == [f"3.{minor}" for minor in built]
    assert PROJECT["project"]["requires-python"] == f">={tested[0]}"


def _is_ours(file: Path) -> bool:
    parts = file.relative_to(ROOT).parts
    return not {"node_modules", "out", "build", "dist"} & set(parts) and not any(part.startswith(".") for part in parts)


def test_dependabot_watches_every_folder_with_packages() -> None:
    content = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))
    watched = {entry["package-ecosystem"]: entry for entry in content["updates"]}
    assert set(watched) == {"pip", "github-actions", "npm"}
    packages = filter(_is_ours, ROOT.rglob("package.json"))
    folders = {f"/{file.parent.relative_to(ROOT).as_posix()}" for file in packages}
    assert set(watched["npm"]["directories"]) == folders
    projects = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("**/pyproject.toml") if _is_ours(path)}
    assert set(watched["pip"]["directories"]) == {"/" if folder == "." else f"/{folder}" for folder in projects}


@pytest.mark.skipif(sys.platform == "win32", reason="the step runs on Linux")
@pytest.mark.parametrize(
    ("tag", "version", "heading", "accepted"),
    [
        ("v1.2.3", "1.2.3", "## 1.2.3 (2030-01-31)", True),
        ("v1.2.3", "1.2.3", "## 1.2.3 (unreleased)", False),
        ("v1.2.3", "1.2.3", "## 1.2.4 (2030-01-31)", False),
        ("v1.2.3", "1.2.4", "## 1.2.3 (2030-01-31)", False),
        ("v1.2", "1.2.3", "## 1.2.3 (2030-01-31)", False),
        ("v1.2.3", "1.2.3", "## 1x2.3 (2030-01-31)", False),
    ],
)
def test_a_tag_of_another_version_is_refused(
    tag: str, version: str, heading: str, accepted: bool, tmp_path: Path
) -> None:
    (script,) = [step["run"] for step in JOBS["release: sources"]["steps"] if "tag" in step.get("if", "")]
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text(f'"""A package."""\n__version__ = "{version}"\n', "utf-8")
    (tmp_path / "CHANGELOG.md").write_text(f"# Changes\n\n{heading}\n\nText.\n", "utf-8")
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    environment = {"GITHUB_REF_NAME": tag, "PATH": "/usr/bin:/bin"}
    finished = subprocess.run(shell, cwd=tmp_path, env=environment, capture_output=True)
    assert (finished.returncode == 0) is accepted


@pytest.mark.skipif(shutil.which("node") is None, reason="actionlint runs in node, which is not installed")
def test_a_mistake_in_a_workflow_is_found(tmp_path: Path) -> None:
    packages = ROOT / "autograd" / "explore" / "page" / "node_modules"
    if not (packages / "@tktco").is_dir():
        pytest.skip("actionlint is missing: npm install --prefix autograd/explore/page")
    for path in (".ci/check_workflows.mjs", ".github/workflows", "autograd/explore/page/package.json"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / path).is_dir() else shutil.copy)(ROOT / path, tmp_path / path)
    (tmp_path / "autograd/explore/page/node_modules").symlink_to(packages)
    wrong = TEXTS["test"].replace("steps.setup.outcome", "steps.set_up.outcome", 1)
    (tmp_path / ".github/workflows/test.yml").write_text(wrong, encoding="utf-8")
    finished = subprocess.run(["node", ".ci/check_workflows.mjs"], cwd=tmp_path, capture_output=True, text=True)
    assert finished.returncode == 1
    (finding,) = finished.stdout.splitlines()
    assert re.match(r'\.github/workflows/test\.yml:\d+:\d+: error: property "set_up" is not defined', finding)
