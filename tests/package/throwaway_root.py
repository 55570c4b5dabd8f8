"""A copy of this machine's system to install packages in, which is gone afterwards.

The machine's own files lie under an overlay that keeps every change in memory, in namespaces of their own: other
processes, another network with nothing but its loopback, another systemd if it is asked for. Needs root, and a
kernel that lets it; `obstacle()` says what is missing.
"""

import functools
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

PATIENCE_S = 120  # only what is broken takes so long

NAMESPACES = ["--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup"]

MOUNT = r"""
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
"""

# The devices are those of the machine, so far as programs rely on them. Nothing else of it is there.
START = MOUNT + r"""
cd "$1/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev
for device in null zero full random urandom tty; do
  touch "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s pts/ptmx dev/ptmx
mkdir -p dev/shm run/lock run/packages run/upper run/machine
ip link set lo up
mount --bind "$2" run/packages
mount --bind "$1/up" run/upper
# What forbids services to start on the machine does not in here. No service but the basic ones starts by itself.
rm -f usr/sbin/policy-rc.d
mkdir -p etc/systemd/system
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n' >etc/systemd/system/bare.target
# Services have namespaces too, which have to find the root where every system has it.
pivot_root . run/machine
umount --lazy /run/machine
cd /
export container=test
if [ "$3" = systemd ]; then
  exec /lib/systemd/systemd --unit=bare.target --show-status=no
fi
exec sleep infinity
"""


@functools.cache
def obstacle():
    """Why there can be no such root here, or nothing."""
    if os.geteuid() != 0:
        return "only root can make an overlay of the system"
    for program in ("nsenter", "ip", "/lib/systemd/systemd"):
        if not shutil.which(program):
            return f"{program} is not installed"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["unshare", *NAMESPACES, "--fork", "sh", "-c", MOUNT, "sh", folder],
                               capture_output=True, text=True, check=False)
    return tried.stderr.strip() if tried.returncode else ""


class ThrowawayRoot:
    """Use as a context manager. `packages` is a folder that is /run/packages inside."""

    def __init__(self, packages, systemd):
        self._packages = packages
        self._systemd = systemd

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mqtt-root-")
        self._shell = subprocess.Popen(
            ["unshare", *NAMESPACES, "--fork", "--kill-child", "sh", "-c", START, "sh", self._folder.name,
             self._packages, "systemd" if self._systemd else "none"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            self._await_start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _await_start(self):
        """Until the first process of the root is there, and systemd has started what is basic."""
        children = pathlib.Path(f"/proc/{self._shell.pid}/task/{self._shell.pid}/children")
        wanted = "systemd" if self._systemd else "sleep"
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            if self._shell.poll() is not None:
                raise AssertionError(f"the root could not be made: {self._shell.stderr.read()}")
            child = children.read_text().strip()
            if child and pathlib.Path(f"/proc/{child}/comm").read_text().strip() == wanted:
                self._init = child
                if not self._systemd or self.run("systemctl", "is-system-running", check=False).stdout in (
                        "running\n", "degraded\n"):
                    return
            time.sleep(0.05)
        raise AssertionError("the root did not start")

    def __exit__(self, *_):
        self._shell.kill()  # and with it, by --kill-child, all processes inside
        self._shell.wait()
        self._shell.stderr.close()
        self._folder.cleanup()

    def run(self, *command, check=True, text=None):
        """Runs a command inside. Its standard error is part of its output."""
        done = subprocess.run(
            ["nsenter", f"--target={self._init}", "--all", "env", "-i", "LC_ALL=C.UTF-8",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
             *command],
            stdin=subprocess.DEVNULL if text is None else None, input=text, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S, check=False)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done

    def output(self, *command):
        return self.run(*command).stdout.strip()

    def write(self, path, text):
        self.run("tee", path, text=text)

    def exists(self, path):
        return self.run("test", "-e", path, check=False).returncode == 0

    def await_success(self, *command):
        """For what happens a little later: a log line, a file."""
        give_up = time.monotonic() + PATIENCE_S
        while self.run(*command, check=False).returncode:
            if time.monotonic() > give_up:
                raise AssertionError(f"waited in vain: {' '.join(command)}")
            time.sleep(0.05)

    def changes(self):
        """Every path that differs from the machine's, with what is in it for files and links."""
        listing = self.output("find", "/run/upper", "-mindepth", "1", "-printf", "%P\\t%y\\t%s\\t%l\\n")
        rows = (line.split("\t", 1) for line in listing.splitlines())
        return {path: what for path, what in rows}
