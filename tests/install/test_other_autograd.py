"""Beside HIPS autograd, the distribution `autograd`, which installs a package of the same name.

pip lets the one installed last overwrite the other and does not say so. Here it installs our wheel and a wheel with the
files of the other into real environments, in both orders, and uninstalls them again.
"""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# The modules that the RECORD of autograd 1.9.1 lists.
MODULES_OF_THE_OTHER = """
builtins core differential_operators extend test_util tracer util wrap_util misc/__init__ misc/fixed_points misc/flatten
misc/optimizers misc/tracers numpy/__init__ numpy/fft numpy/linalg numpy/numpy_boxes numpy/numpy_jvps numpy/numpy_vjps
numpy/numpy_vspaces numpy/numpy_wrapper numpy/random scipy/__init__ scipy/integrate scipy/linalg scipy/signal
scipy/special scipy/stats/__init__ scipy/stats/beta scipy/stats/chi2 scipy/stats/dirichlet scipy/stats/gamma
scipy/stats/multivariate_normal scipy/stats/norm scipy/stats/poisson scipy/stats/t
"""
THE_OTHER = {f"autograd/{module}.py": "" for module in MODULES_OF_THE_OTHER.split()}
THE_OTHER["autograd/core.py"] = "elementwise_grad = 'of the other'\n"
THE_OTHER["autograd/__init__.py"] = "from autograd.core import elementwise_grad\n"

INSTALL_OURS, INSTALL_OTHER = "pip install scalar-autograd", "pip install autograd"
UNINSTALL_OURS, UNINSTALL_OTHER = "pip uninstall scalar-autograd", "pip uninstall autograd"

OURS_LAST = (INSTALL_OTHER, INSTALL_OURS)
OTHER_LAST = (INSTALL_OURS, INSTALL_OTHER)
BROKEN = {
    "the other last": OTHER_LAST,
    "the other last, and gone": (*OTHER_LAST, UNINSTALL_OTHER),
    "the other first, and gone": (*OURS_LAST, UNINSTALL_OTHER),
    "ours installed again, which does nothing": (*OTHER_LAST, UNINSTALL_OTHER, INSTALL_OURS),
}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our wheel, in plain Python, and one of the other distribution."""
    folder, sources = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("sources")
    made = shutil.ignore_patterns("node_modules", "__pycache__", "*.so", "*.pyd")
    for package in ("autograd", "autograd_course", "nn"):
        shutil.copytree(ROOT / package, sources / package, ignore=made)
    for file in (ROOT / "LICENSE", *ROOT.glob("*.toml"), *ROOT.glob("*.py"), *ROOT.glob("*.md")):
        shutil.copy(file, sources)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={folder}", str(sources)]
    subprocess.run(build, check=True, capture_output=True, env={**os.environ, "SCALAR_AUTOGRAD_PURE": "1"})
    information = "autograd-1.9.1.dist-info"
    files = {
        **THE_OTHER,
        f"{information}/METADATA": "Metadata-Version: 2.1\nName: autograd\nVersion: 1.9.1\n",
        f"{information}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{information}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{information}/RECORD"))
    with zipfile.ZipFile(folder / "autograd-1.9.1-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return folder


class Environment:
    """A virtual environment, and the folder with what pip can install into it."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.wheels = wheels
        self.python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    def run(self, program: str, *options: str) -> CompletedProcess[str]:
        return subprocess.run([self.python, "-I", *options, "-c", program], capture_output=True, text=True)

    def pip(self, command: str) -> None:
        """Runs a command such as "pip install autograd", without its questions and without a network."""
        _, verb, *names = command.split()
        install = ["--no-index", "--no-deps", "--no-compile", f"--find-links={self.wheels}"]
        options = ["--quiet", *(install if verb == "install" else ["--yes"])]
        pip = [sys.executable, "-m", "pip", f"--python={self.python}", "--disable-pip-version-check"]
        subprocess.run([*pip, verb, *options, *names], check=True, capture_output=True)


After = Callable[..., Environment]


@pytest.fixture(scope="module")
def after(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> After:
    """A function that gives the environment to which pip's commands lead; what some begin with is done once."""
    folders: dict[tuple[str, ...], Path] = {}

    def folder_after(commands: tuple[str, ...]) -> Path:
        if commands not in folders:
            folder = tmp_path_factory.mktemp("environments") / "environment"
            if commands:
                shutil.copytree(folder_after(commands[:-1]), folder, symlinks=True)
                Environment(folder, wheels).pip(commands[-1])
            else:
                venv.create(folder)
            folders[commands] = folder
        return folders[commands]

    return lambda *commands: Environment(folder_after(commands), wheels)


def repair(message: str) -> list[str]:
    """The commands in a message, or in the README."""
    return re.findall(r"^    (pip .*)$", message, re.MULTILINE)


@pytest.mark.slow
def test_alone_nothing_is_said(after: After) -> None:
    ran = after(INSTALL_OURS).run("import autograd, nn")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.slow
def test_ours_last_warns_once_at_the_line_of_the_import(after: After, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import math\nimport autograd\nimport nn\nfrom autograd import Value\n", encoding="utf-8")
    environment = after(*OURS_LAST)
    ran = subprocess.run([environment.python, "-I", program], capture_output=True, text=True)
    assert ran.returncode == 0
    assert ran.stderr.startswith(f"{program}:2: UserWarning: scalar-autograd has overwritten ")
    assert ran.stderr.count("Warning") == 1


@pytest.mark.slow
def test_the_warning_names_the_file_both_distributions_and_the_way_out(after: After) -> None:
    ran = after(*OURS_LAST).run("import autograd; print(autograd.__file__)")
    first = f"scalar-autograd has overwritten {ran.stdout.strip()} of another distribution, autograd.\n"
    assert first in ran.stderr
    assert "python -m venv" in ran.stderr
    assert repair(ran.stderr) == ["pip uninstall autograd scalar-autograd", "pip install scalar-autograd"]


@pytest.mark.slow
@pytest.mark.parametrize("commands", BROKEN.values(), ids=BROKEN.keys())
def test_nn_says_what_became_of_autograd(after: After, commands: tuple[str, ...]) -> None:
    ran = after(*commands).run("import nn")
    last = ran.stderr.rpartition("\nImportError: ")[2]
    found = r"(another: \S*autograd.__init__.py|\S*autograd, which has no __init__.py)\n"
    assert re.match(f"nn needs the package autograd of scalar-autograd, but Python finds {found}", last)
    assert "python -m venv" in last
    assert repair(last) == ["pip uninstall autograd scalar-autograd", "pip install scalar-autograd"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "commands", [OURS_LAST, (*OTHER_LAST, UNINSTALL_OTHER)], ids=["ours last", "the other last, and gone"]
)
def test_the_commands_of_the_messages_repair_it(after: After, commands: tuple[str, ...]) -> None:
    broken = after(*commands)
    advice = repair(broken.run("import nn").stderr)
    ran = after(*commands, *advice).run("import autograd, nn")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "commands", [(*OTHER_LAST, UNINSTALL_OURS), (*OURS_LAST, UNINSTALL_OTHER)], ids=["ours", "the other"]
)
@pytest.mark.parametrize("name", ["Value", "elementwise_grad"])
def test_uninstalling_either_breaks_both(after: After, commands: tuple[str, ...], name: str) -> None:
    assert f"cannot import name {name!r}" in after(*commands).run(f"from autograd import {name}").stderr


def test_the_readme_repairs_it_with_the_same_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    beside = readme.partition("**Beside HIPS autograd.**")[2].partition("\n## ")[0]
    assert repair(beside) == ["pip uninstall autograd scalar-autograd", "pip install scalar-autograd"]


# ---------------------------------------------------------------- nothing is overwritten, but something comes first


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder on the path of modules."""
    folder = tmp_path / "first"
    folder.mkdir()
    return folder


def run(program: str, *path: Path) -> CompletedProcess[str]:
    """Runs a program that finds modules in these folders and in the standard library."""
    first = f"import sys; sys.path[:0] = {[str(folder) for folder in path]!r}\n"
    return subprocess.run([sys.executable, "-I", "-S", "-c", first + program], capture_output=True, text=True)


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def test_the_other_in_a_folder_of_its_own_is_no_reason_to_warn(folder: Path) -> None:
    write(folder, THE_OTHER)
    ran = run("import autograd, nn", ROOT, folder)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_ordinary_import_loads_no_module_for_this() -> None:
    ran = run("import sys, autograd, nn; print(*sys.modules, sep='\\n')", ROOT)
    assert {"autograd.support.conflict", "nn.other_autograd"}.isdisjoint(ran.stdout.split())
    assert "nn.layers" in ran.stdout.split()


OTHERS = {
    "the other, installed elsewhere": THE_OTHER,
    "the other, which cannot run": {**THE_OTHER, "autograd/core.py": "import numpy"},
    "the other, too old for its NumPy": {**THE_OTHER, "autograd/core.py": "import sys; sys.msort"},
    "a file of a user's own": {"autograd.py": "x = 1"},
    "a file of a user's own that uses nn": {"autograd.py": "import nn; model = nn.MLP(2, [1])"},
}


@pytest.mark.parametrize("files", OTHERS.values(), ids=OTHERS.keys())
def test_nn_names_the_file_that_comes_first(folder: Path, files: dict[str, str]) -> None:
    write(folder, files)
    first = folder / ("autograd.py" if "autograd.py" in files else "autograd/__init__.py")
    last = run("import nn", folder, ROOT).stderr.rpartition("\nImportError: ")[2]
    assert last.startswith(f"nn needs the package autograd of scalar-autograd, but Python finds another: {first}\n")
    assert "If a file or a folder of your own is called autograd, rename it." in last


def test_nn_says_that_there_is_no_autograd(folder: Path) -> None:
    shutil.copytree(ROOT / "nn", folder / "nn")
    last = run("import nn", folder).stderr.rpartition("\nImportError: ")[2]
    assert last.startswith("nn needs the package autograd of scalar-autograd, but Python finds none\n")


@pytest.mark.parametrize("error", ["ImportError: libm is missing", "NameError: name 'tnah' is not defined"])
def test_what_is_wrong_with_our_own_autograd_stays_as_it_is(folder: Path, error: str) -> None:
    kind, _, message = error.partition(": ")
    ours = (ROOT / "autograd" / "__init__.py").read_text(encoding="utf-8")
    write(folder, {"autograd/__init__.py": f"raise {kind}({message!r})\n{ours}"})
    assert run("import nn", folder, ROOT).stderr.endswith(f"\n{error}\n")


def in_an_archive(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder.with_name("archive")), "zip", folder))


def without_sources(folder: Path) -> Path:
    compileall.compile_dir(folder, quiet=1, legacy=True)
    for file in folder.rglob("*.py"):
        file.unlink()
    return folder


@pytest.mark.parametrize("ship", [in_an_archive, without_sources])
def test_our_own_autograd_is_known_wherever_it_is(ship: Callable[[Path], Path], folder: Path) -> None:
    shutil.copytree(ROOT / "nn", folder / "nn", ignore=shutil.ignore_patterns("__pycache__"))
    ours = (ROOT / "autograd" / "__init__.py").read_text(encoding="utf-8")
    write(folder, {"autograd/__init__.py": f"raise OSError('libm is missing')\n{ours}"})
    assert run("import nn", ship(folder)).stderr.endswith("\nOSError: libm is missing\n")


def test_a_module_that_came_from_no_file_is_another() -> None:
    ran = run("import sys, types; sys.modules['autograd'] = types.ModuleType('autograd'); import nn", ROOT)
    assert "but Python finds another: a module in sys.modules that came from no file\n" in ran.stderr
