# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the tree in which one mistake at a time is made, built and tested."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

MEMORY = 6 << 30  # bytes of address space: a loop that allocates is to end
SLOWEST = 4  # times as long as without a mistake, and
GRACE_S = 5.0  # so much more, before it counts as a hang
SETUP = ["-Dbench=false"]  # else as everybody builds, so that what is as it was comes from the compiler's cache


class Workshop:
    def __init__(self, repository, folder):
        self.tree, self.build = folder / "tree", folder / "tree" / "build"
        self.copy(repository)
        environment = os.environ | ({"CXX_LD": "lld"} if shutil.which("ld.lld") else {})
        if not (self.build / "build.ninja").exists():
            subprocess.run(["meson", "setup", *SETUP, str(self.build), str(self.tree)], check=True, stdout=subprocess.DEVNULL, env=environment)

    def copy(self, repository):
        """What git knows, as it is in the work tree. What is as it was keeps its time, so that nothing is built twice."""
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=repository, check=True, capture_output=True, text=True)
        wanted = {name for name in listed.stdout.split("\0") if name and (repository / name).is_file()}
        for name in wanted:
            ours, theirs = repository / name, self.tree / name
            if theirs.exists() and theirs.read_bytes() == ours.read_bytes():
                continue
            theirs.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ours, theirs)
        for theirs in [path for path in self.tree.rglob("*") if path.is_file() and not path.is_relative_to(self.build)]:
            if str(theirs.relative_to(self.tree)) not in wanted:
                theirs.unlink()

    def tests_of(self, folder):
        """The test programs of a folder of src/ or nodes/: those whose sources lie in the same folder of tests/."""
        files = {target["id"]: target["filename"] for target in self.introspect("--targets")}
        return [Test(each, [str(Path(file).relative_to(self.build)) for target in each["depends"] for file in files[target]])
                for each in self.introspect("--tests") if Path(each["cmd"][0]).is_relative_to(self.build / "tests" / folder)]

    def introspect(self, what):
        return json.loads(subprocess.run(["meson", "introspect", what, str(self.build)], check=True, capture_output=True, text=True).stdout)

    def make(self, tests):
        """What the compilers say; nothing where all was built."""
        targets = sorted({target for test in tests for target in test.targets})
        done = subprocess.run(["ninja", "-C", str(self.build), "-k", "0", *targets], env=os.environ | {"CCACHE_READONLY": "1"}, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode else ""

    def places_in(self, messages):
        """(file, line) of each place in the tree that the compilers name."""
        found = re.findall(r"((?:src|nodes)/[^\s:]+):(\d+)[:,]", messages)
        return {(file, int(line)) for file, line in found if (self.tree / file).exists()}

    def read(self, file):
        return (self.tree / file).read_text()

    def write(self, file, source):
        (self.tree / file).write_text(source)


class Test:
    """A test program, as meson runs it."""

    def __init__(self, introspected, targets):
        self.command, self.environment, self.targets = introspected["cmd"], introspected["env"], targets
        self.seconds = None
        self.reached = set()  # numbers of the mistakes that it could notice

    def run(self, **variables):
        """How it ends: `passed`, `failed`, `crashed` or `hung`."""
        with tempfile.TemporaryDirectory(prefix="stemwire-mutant-") as folder:
            own = {"TMPDIR": folder, "HOME": folder, "XDG_RUNTIME_DIR": folder, "XDG_CACHE_HOME": folder, "GTEST_FAIL_FAST": "1"} | variables
            process = subprocess.Popen(self.command, cwd=folder, env=os.environ | self.environment | own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=limit_memory)
            try:
                status = process.wait(self.seconds and SLOWEST * self.seconds + GRACE_S)
            except subprocess.TimeoutExpired:
                return "hung"
            finally:
                end_group(process)
        return "passed" if status == 0 else "crashed" if status < 0 else "failed"

    def measure(self):
        """Its time without a mistake, and what it reaches. True where it passes."""
        self.seconds = None
        with tempfile.NamedTemporaryFile("r") as reached:
            begun = time.monotonic()
            passed = self.run(STEMWIRE_MISTAKES_REACHED=reached.name) == "passed"
            self.seconds = time.monotonic() - begun
            self.reached = {int(line) for line in reached}
        return passed


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
