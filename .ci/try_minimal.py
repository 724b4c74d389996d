"""Installs the wheels in a folder on a Linux that holds nothing but Python, and draws there.

python try_minimal.py dist

The system is what debootstrap makes: the least of a Debian, and Python. It is kept in out/minimal for the next time.
What the wheels need is downloaded here and brought in, so that pip installs without an index. It takes root,
debootstrap and a mirror that apt knows; without one of them nothing is tried, and a line says why. Nothing of this
machine is mounted in the system, and what debootstrap mounts ends with it, whatever happens.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYSTEM = ROOT / "out" / "minimal" / "system"
PROGRAM = ROOT / ".ci" / "draw_minimal.py"
MOST_SECONDS = 150  # for making the system: with what follows, three minutes
# Mounts that only what runs under it sees, and that end with it.
OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private")
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}


class MissingError(Exception):
    """Something that is needed to try is not here."""


def main() -> None:
    """Tries each wheel, and stops at one that does not draw."""
    wheels = sorted(Path(sys.argv[1]).resolve().glob("scalar_autograd-*.whl"))
    if not wheels:
        raise SystemExit(f"there is no wheel in {sys.argv[1]}")
    try:
        make_system()
    except MissingError as error:
        print(f"skipped: on a minimal Linux nothing was tried, since {error}")
        return
    tag = inside("python3", "-c", "import sys; print('cp%d%d' % sys.version_info[:2])").strip()
    for wheel in wheels:
        if wheel.stem.split("-")[2] not in (tag, "py3"):
            print(f"{wheel.name}: not for {tag}, which the minimal Linux has")
            continue
        print(f"{wheel.name}, on a minimal Linux: {tried(wheel, '', ['graphviz', 'scalar_autograd', 'tqdm'])}")
        if "none-any" in wheel.name:  # there is no library there that pygraphviz loads
            brought = ["graphviz", "pygraphviz", "scalar_autograd", "tqdm"]
            print(f"{wheel.name}, the same with pygraphviz: {tried(wheel, '[pictures]', brought)}")


def make_system() -> None:
    """Makes the system, unless it is there.

    Raises:
        MissingError: this is no root, or debootstrap or its packages cannot be had.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise MissingError("this needs root")
    for program, package in (("debootstrap", "debootstrap"), ("unshare", "util-linux"), ("apt-get", "apt")):
        if shutil.which(program) is None:
            raise MissingError(f"{program} is missing: apt-get install {package}")
    if SYSTEM.is_dir():
        return
    address, release = mirror()
    unfinished = SYSTEM.with_name("unfinished")
    remove(unfinished)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    log, packages = unfinished.with_name("debootstrap.log"), unfinished.with_name("packages")
    packages.mkdir(exist_ok=True)
    command = [
        "debootstrap",
        "--variant=minbase",
        "--include=python3",
        f"--cache-dir={packages}",
        release,
        unfinished,
        address,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*OWN_MOUNTS, *command], stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            if process.wait(MOST_SECONDS):
                raise MissingError(f"debootstrap failed: {last_line(log)}")
        except subprocess.TimeoutExpired as error:
            raise MissingError(f"debootstrap takes longer than {MOST_SECONDS} seconds: {log}") from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with what it started
            process.wait()
    unfinished.rename(SYSTEM)


def mirror() -> tuple[str, str]:
    """The address and the release of the packages that apt installs here."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for line in listed.stdout.splitlines():
        address, release, component = line.split()
        if component == "main" and "-" not in release:
            return address, release
    raise MissingError("apt knows no mirror")


def tried(wheel: Path, extra: str, expected: list[str]) -> str:
    """What was found after a wheel was installed in the system with an extra, where nothing of it stays.

    What pip brings for it must be what is expected.
    """
    with tempfile.TemporaryDirectory(dir=SYSTEM / "tmp") as directory:
        wheels = Path(directory) / "wheels"
        # pip takes part as a wheel, too: it can run from there.
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*download, "--only-binary=:all:", "--dest", wheels, f"{wheel}{extra}", "pip"], check=True)
        (pip,) = wheels.glob("pip-*.whl")
        brought = sorted(file.name.split("-")[0] for file in wheels.iterdir() if file != pip)
        if brought != expected:
            raise SystemExit(f"{wheel.name} should come as {', '.join(expected)}, not as {', '.join(brought)}")
        shutil.copy(PROGRAM, directory)
        here = Path("/") / Path(directory).relative_to(SYSTEM)
        libraries = here / "libraries"
        install = ["install", "--quiet", "--no-index", "--find-links", here / "wheels", "--target", libraries]
        wanted = f"scalar-autograd{extra}"
        inside("python3", here / "wheels" / pip.name / "pip", *install, "--root-user-action=ignore", wanted)
        return inside("env", f"PYTHONPATH={libraries}", "python3", "-W", "error", here / PROGRAM.name, here).strip()


def inside(*command: str | Path) -> str:
    """What a command prints that runs in the system."""
    done = subprocess.run(
        ["chroot", SYSTEM, *command], env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise SystemExit(f"on a minimal Linux this failed: {' '.join(map(str, command))}")
    return done.stdout


def remove(folder: Path) -> None:
    """Removes what an interrupted debootstrap left, which is nothing but files."""
    if folder.exists():
        shutil.rmtree(folder)


def last_line(log: Path) -> str:
    """The last line of a log."""
    return (log.read_text(errors="replace").strip() or "it said nothing").splitlines()[-1]


if __name__ == "__main__":
    main()
