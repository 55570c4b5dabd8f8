"""The Debian packages: what is in them, and what they do to a system.

The environment says where things are: BUILD is a built tree, SOURCE the source tree. The packages are made anew.
Where packages cannot be installed into a root that is thrown away afterwards, those tests are skipped, and say why.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))

from throwaway_root import ThrowawayRoot, obstacle  # noqa: E402

SOURCE = pathlib.Path(os.environ["SOURCE"])
BUILD = pathlib.Path(os.environ["BUILD"])
NAMES = "mqtt-broker mqtt-tools mqtt-bench mqtt-tools-mosquitto-names libmqtt-dev".split()
packages = None  # the folder that they are in


def setUpModule():
    global packages
    folder = tempfile.TemporaryDirectory(prefix="mqtt-packages-")
    unittest.addModuleCleanup(folder.cleanup)
    packages = pathlib.Path(folder.name)
    subprocess.run([SOURCE / "packaging/build-packages", BUILD, packages], check=True,
                   env=dict(os.environ, DEB_BUILD_OPTIONS="noautodbgsym", MQTT_DEB_OPTIONS="-Zgzip -z1"))


def package_file(name):
    """The one file of the package."""
    file, = packages.glob(f"{name}_*.deb")
    return file


def field(name, key):
    return subprocess.run(["dpkg-deb", "--field", package_file(name), key], capture_output=True, text=True,
                          check=True).stdout.strip()


def contents(name):
    """The files of the package, without directories."""
    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", package_file(name)], capture_output=True, check=True).stdout
    listed = subprocess.run(["tar", "--list"], input=tar, capture_output=True, check=True).stdout.decode()
    return {path[1:] for path in listed.splitlines() if not path.endswith("/")}


class Contents(unittest.TestCase):
    def test_each_file_is_in_one_package(self):
        owners = {}
        for name in NAMES:
            for path in contents(name):
                self.assertNotIn(path, owners, f"{path} is in {name} and in {owners.get(path)}")
                owners[path] = name

    def test_the_programs_come_with_their_pages_and_completions(self):
        for name, programs in {"mqtt-broker": "mqtt-passwd", "mqtt-tools": "mqtt-pub mqtt-sub mqtt-rr",
                               "mqtt-bench": "mqtt-bench"}.items():
            for program in programs.split():
                self.assertLessEqual({
                    f"/usr/bin/{program}", f"/usr/share/man/man1/{program}.1.gz",
                    f"/usr/share/bash-completion/completions/{program}",
                    f"/usr/share/zsh/vendor-completions/_{program}",
                    f"/usr/share/fish/vendor_completions.d/{program}.fish"}, contents(name))

    def test_the_broker_comes_as_a_service(self):
        self.assertLessEqual({
            "/usr/sbin/mqtt-broker", "/usr/sbin/mqtt-broker-takeover", "/lib/systemd/system/mqtt-broker.service",
            "/etc/init.d/mqtt-broker", "/etc/default/mqtt-broker", "/etc/logrotate.d/mqtt-broker",
            "/etc/mqtt-broker/mqtt-broker.conf", "/usr/share/man/man8/mqtt-broker.8.gz",
            "/usr/share/man/man8/mqtt-broker-takeover.8.gz", "/usr/share/man/man5/mqtt-broker.conf.5.gz",
            "/usr/share/doc/mqtt-broker/migrating-from-mosquitto.md"}, contents("mqtt-broker"))

    def test_dependencies_are_those_of_the_programs(self):
        self.assertRegex(field("mqtt-broker", "Depends"), r"libargon2-1.*libsystemd0")
        self.assertRegex(field("mqtt-tools", "Depends"), r"libssl3.*libuv1")
        for library in ("libargon2-1", "libsystemd0"):
            self.assertNotIn(library, field("mqtt-tools", "Depends"))

    def test_no_file_is_one_of_mosquitto(self):
        for other in ("mosquitto", "mosquitto-clients"):
            listed = subprocess.run(["dpkg", "--listfiles", other], capture_output=True, text=True, check=False)
            if listed.returncode:
                self.skipTest(f"{other} is not installed")
            theirs = {path for path in listed.stdout.splitlines() if not os.path.isdir(path)}
            self.assertTrue(theirs)
            for name in NAMES:
                if (name, other) != ("mqtt-tools-mosquitto-names", "mosquitto-clients"):
                    self.assertEqual(contents(name) & theirs, set(), name)
        self.assertEqual(field("mqtt-tools-mosquitto-names", "Conflicts"), "mosquitto-clients")

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_has_nothing_to_say(self):
        # Where libraries lie is a choice of the build that was packaged: ./dev package makes another.
        said = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
                               "pkg-config-unavailable-for-cross-compilation,unstripped-static-library",
                               *(package_file(name) for name in NAMES if name != "libmqtt-dev")],
                              capture_output=True, text=True, check=False)
        self.assertEqual((said.returncode, said.stdout), (0, ""))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_the_unit_is_in_order_and_exposes_little(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "mqtt-broker.service"
            text = (SOURCE / "packaging/systemd/mqtt-broker.service").read_text()
            unit.write_text(text.replace("/usr/sbin/mqtt-broker", "/bin/true"))  # that is not installed here
            for command in (["verify", "--man=no"], ["security", "--offline=true", "--threshold=20"]):
                done = subprocess.run(["systemd-analyze", *command, unit], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class TakeoverOnTheCommandLine(unittest.TestCase):
    def test_wrong_words_are_refused_before_anything_is_done(self):
        for words, status in ((["--help"], 0), (["--undo", "now"], 2), (["--config"], 2), (["--config", "/a b"], 2),
                              (["--config=/tmp/$(x)"], 2)):
            done = subprocess.run(["sh", SOURCE / "packaging/mqtt-broker-takeover", *words], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")


@unittest.skipIf(obstacle(), obstacle())
class Installed(unittest.TestCase):
    """Base of what happens in a root that is thrown away."""

    systemd = True

    @classmethod
    def setUpClass(cls):
        cls.root = ThrowawayRoot(packages, cls.systemd)
        cls.root.__enter__()
        cls.addClassCleanup(cls.root.__exit__)
        if cls.root.run("dpkg", "--status", "mosquitto", check=False).returncode:
            raise unittest.SkipTest("mosquitto is not installed")
        cls.root.run("rm", "-f", "/var/lib/man-db/auto-update")  # an index of all pages would take its time
        cls.before = cls.root.changes()

    @classmethod
    def install(cls, *names, check=True):
        files = [f"/run/packages/{package_file(name).name}" for name in names]
        return cls.root.run("dpkg", "--force-unsafe-io", "--install", *files, check=check)

    def is_active(self, unit):
        return self.root.run("systemctl", "is-active", unit, check=False).returncode == 0

    def is_enabled(self, unit):
        return self.root.run("systemctl", "is-enabled", unit, check=False).stdout.strip() == "enabled"

    def assert_service(self, unit, active, enabled):
        self.assertEqual((self.is_active(unit), self.is_enabled(unit)), (active, enabled), unit)

    def assert_serves(self):
        """A message arrives, through the port that everyone knows."""
        self.root.run("mqtt-pub", "-t", "package/test", "-m", "here", "-q", "1", "-r")
        self.assertEqual(self.root.output("mqtt-sub", "-t", "package/test", "-C", "1", "-W", "30"), "here")

    # What a system remembers of any package that was there once, and writes all the time. The account stays, so
    # that no other gets its number and with it a file that it has owned.
    MEMORY = re.compile(r"var/lib/dpkg/|var/cache/|var/log/(dpkg\.log|journal/|btmp|wtmp|lastlog|faillog|tallylog)|"
                        r"var/lib/systemd/(catalog|random-seed|timers|timesync|linger)|"
                        r"etc/((passwd|group|shadow|gshadow|subuid|subgid)-?|\.pwd\.lock)$")

    def left(self):
        """Files and links that were not there before, or were not the same."""
        after = self.root.changes()
        return {path: what for path, what in after.items()
                if self.before.get(path) != what and not what.startswith("d") and not self.MEMORY.match(path)}


class BesideMosquitto(Installed):
    """mosquitto is installed, and runs as Debian sets it up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root.run("systemctl", "enable", "--now", "mosquitto.service")
        cls.said = cls.install("mqtt-broker", "mqtt-tools").stdout

    def setUp(self):
        """Each test begins and ends so."""
        self.assert_service("mqtt-broker.service", active=False, enabled=False)
        self.assert_service("mosquitto.service", active=True, enabled=True)
        for path in ("mqtt-broker.service.d", "mosquitto.service"):
            self.assertFalse(self.root.exists(f"/etc/systemd/system/{path}"))

    tearDown = setUp

    def test_mosquitto_keeps_its_place(self):
        self.assertIn("not started: mosquitto is in use", self.said)

    def test_the_configuration_of_debian_is_refused_for_its_persistence(self):
        refused = self.root.run("mqtt-broker-takeover", check=False)
        self.assertEqual(refused.returncode, 3, refused.stdout)
        guide = (SOURCE / "docs/migrating-from-mosquitto.md").read_text()
        promised = re.findall(r"^ +(/etc/mosquitto/mosquitto.conf:\d+: .*)$", guide, re.M)
        self.assertEqual(len(promised), 2)
        self.assertEqual([line for line in refused.stdout.splitlines() if line.startswith("/")], promised)

    def test_it_takes_over_and_goes_back(self):
        guide = (SOURCE / "docs/migrating-from-mosquitto.md").read_text()
        without_persistence = re.search(r"^ *(sed -E .*\n.*mosquitto\.conf)$", guide, re.M)[1]  # as it is printed
        self.root.run("sh", "-e", "-c", without_persistence)
        config = "/etc/mqtt-broker/mosquitto.conf"
        self.root.run("mqtt-pub", "-r", "-q", "1", "-t", "room/state", "-m", "warm and dry")
        self.root.run("mqtt-pub", "-r", "-q", "1", "-t", "room/window", "-m", "open")
        save = re.search(r"^ +(mqtt-sub .*) >retained.txt$", guide, re.M)[1]
        restore = re.search(r"^ +(while .*) <retained.txt$", guide, re.M)[1]
        self.root.run("sh", "-c", f"{save} >/run/retained.txt")
        self.root.run("mqtt-broker-takeover", "--check", "--config", config)
        self.assert_service("mosquitto.service", active=True, enabled=True)

        self.root.run("mqtt-broker-takeover", "--config", config)
        self.assert_mosquitto_is_replaced()
        self.assert_serves()
        self.root.run("sh", "-c", f"{restore} </run/retained.txt")
        taken_along = self.root.output("mqtt-sub", "-v", "-t", "room/#", "-C", "2", "-W", "30").splitlines()
        self.assertEqual(sorted(taken_along), ["room/state warm and dry", "room/window open"])
        pid = self.root.output("systemctl", "show", "--property=MainPID", "--value", "mqtt-broker")
        self.assertEqual(self.root.output("stat", "-c", "%U", f"/proc/{pid}"), "mosquitto")
        self.assertEqual(self.root.output("cat", "/run/mosquitto/mosquitto.pid"), pid)
        self.root.await_success("grep", "-q", "mqtt-broker version .* running", "/var/log/mosquitto/mosquitto.log")
        self.root.write("/etc/mosquitto/conf.d/more.conf", "max_keepalive 600\n")
        self.addCleanup(self.root.run, "rm", "/etc/mosquitto/conf.d/more.conf")
        self.root.run("systemctl", "reload", "mqtt-broker")
        self.root.await_success("grep", "-q", "configuration was reloaded", "/var/log/mosquitto/mosquitto.log")
        # What speaks of mosquitto reaches the broker, the rotation of its log too.
        self.assertEqual(self.root.output("systemctl", "show", "--property=MainPID", "--value", "mosquitto"), pid)
        if self.root.run("sh", "-c", "command -v logrotate", check=False).returncode == 0:
            self.root.run("logrotate", "--state=/run/rotated", "--force", "/etc/logrotate.d/mosquitto")
            self.root.await_success("grep", "-q", "configuration was reloaded", "/var/log/mosquitto/mosquitto.log")
        again = self.root.run("mqtt-broker-takeover", "--config", config, check=False)
        self.assertEqual(again.returncode, 1, again.stdout)

        self.root.run("mqtt-broker-takeover", "--undo")
        again = self.root.run("mqtt-broker-takeover", "--undo", check=False)
        self.assertEqual(again.returncode, 1, again.stdout)

    def test_the_removal_of_the_package_goes_back_too(self):
        self.root.write("/etc/mosquitto/plain.conf", "listener 1883 localhost\n")
        self.root.run("mqtt-broker-takeover", "--config=/etc/mosquitto/plain.conf")
        self.assert_mosquitto_is_replaced()
        self.root.run("dpkg", "--remove", "mqtt-broker")
        self.assert_service("mosquitto.service", active=True, enabled=True)
        self.install("mqtt-broker")

    def assert_mosquitto_is_replaced(self):
        self.assert_service("mqtt-broker.service", active=True, enabled=True)
        self.assertNotEqual(self.root.run("pidof", "mosquitto", check=False).returncode, 0)
        self.assertEqual(self.root.output("systemctl", "show", "--property=Id", "--value", "mosquitto.service"),
                         "mqtt-broker.service")

    def test_a_start_that_fails_leaves_mosquitto_where_it_was(self):
        # Only a warning of --test-config: a service manager might make the folder.
        self.root.write("/etc/mosquitto/other.conf", "pid_file /run/no-such-folder/pid\nlistener 1883\n")
        failed = self.root.run("mqtt-broker-takeover", "--config", "/etc/mosquitto/other.conf", check=False)
        self.assertEqual(failed.returncode, 1, failed.stdout)
        self.assertIn("nothing was taken over", failed.stdout)

    def test_the_old_names_take_the_place_of_mosquittos_clients(self):
        self.install("mqtt-tools-mosquitto-names")
        gone = self.root.run("dpkg-query", "--showformat=${db:Status-Status}", "--show", "mosquitto-clients", check=False)
        self.assertNotEqual(gone.stdout, "installed")
        for name in ("pub", "sub", "rr"):
            self.assertEqual(self.root.output("readlink", "-f", f"/usr/bin/mosquitto_{name}"), f"/usr/bin/mqtt-{name}")
            self.assertIn("Usage:", self.root.output(f"mosquitto_{name}", "--help"))


class Alone(Installed):
    """Nobody else is there to serve MQTT."""

    def test_it_serves_is_upgraded_and_leaves_nothing(self):
        self.assertNotIn("mosquitto", self.install("mqtt-broker", "mqtt-tools").stdout.replace("mqtt-tools-", ""))
        self.assert_service("mqtt-broker.service", active=True, enabled=True)
        self.assert_serves()
        self.assertEqual(self.root.output("stat", "-c", "%U %a", "/var/lib/mqtt-broker", "/var/log/mqtt-broker"),
                         "mqtt-broker 750\nmqtt-broker 750")
        self.assertEqual(self.root.output("ls", "-A", "/var/lib/mqtt-broker"), "")
        pid = self.root.output("systemctl", "show", "--property=MainPID", "--value", "mqtt-broker")
        self.assertEqual(self.root.output("stat", "-c", "%U", f"/proc/{pid}"), "mqtt-broker")

        log = "/var/log/mqtt-broker/mqtt-broker.log"
        self.root.await_success("grep", "-q", "running", log)
        if self.root.run("sh", "-c", "command -v logrotate", check=False).returncode == 0:
            self.root.run("logrotate", "--state=/run/rotated", "--force", "/etc/logrotate.d/mqtt-broker")
            self.root.await_success("grep", "-q", "running", f"{log}.1")
            self.assert_serves()
            self.root.await_success("grep", "-q", "New client connected", log)

        # A port that only root may open.
        self.root.write("/etc/mqtt-broker/conf.d/web.conf",
                        "listener 443 localhost\nprotocol websockets\nallow_anonymous true\n")
        self.root.run("systemctl", "restart", "mqtt-broker.service")
        self.root.run("mqtt-pub", "--ws", "-p", "443", "-t", "package/test", "-m", "here", "-q", "1")
        self.root.run("rm", "/etc/mqtt-broker/conf.d/web.conf")

        # An upgrade starts the new program, and a service that was disabled stays so.
        self.install("mqtt-broker")
        other = self.root.output("systemctl", "show", "--property=MainPID", "--value", "mqtt-broker")
        self.assertNotEqual(other, pid)
        self.assert_serves()
        self.root.run("systemctl", "disable", "--now", "mqtt-broker.service")
        self.install("mqtt-broker")
        self.assert_service("mqtt-broker.service", active=False, enabled=False)
        self.root.run("systemctl", "enable", "--now", "mqtt-broker.service")

        self.root.run("dpkg", "--remove", "mqtt-broker", "mqtt-tools")
        self.assertFalse(self.is_active("mqtt-broker.service"))
        self.assertTrue(self.root.exists("/etc/mqtt-broker/mqtt-broker.conf"))
        self.install("mqtt-broker", "mqtt-tools")
        self.assert_service("mqtt-broker.service", active=True, enabled=True)
        self.root.run("dpkg", "--purge", "mqtt-broker", "mqtt-tools")
        self.assertEqual(self.left(), {})
        for folder in ("/etc/mqtt-broker", "/var/lib/mqtt-broker", "/var/log/mqtt-broker", "/run/mqtt-broker"):
            self.assertFalse(self.root.exists(folder), folder)


class WithSystemV(Installed):
    """A system without systemd: the init script serves."""

    systemd = False

    def test_it_serves_and_leaves_nothing(self):
        self.install("mqtt-broker", "mqtt-tools")
        self.root.run("/etc/init.d/mqtt-broker", "start")  # a system of one process has no runlevel to start it in
        self.assert_serves()
        self.root.run("/etc/init.d/mqtt-broker", "status")
        self.assertNotEqual(self.root.output("sh", "-c", "ls /etc/rc2.d/S*mqtt-broker"), "")
        pid = self.root.output("cat", "/run/mqtt-broker.pid")
        self.assertEqual(self.root.output("stat", "-c", "%U", f"/proc/{pid}"), "mqtt-broker")
        if self.root.run("sh", "-c", "command -v logrotate", check=False).returncode == 0:
            self.root.run("logrotate", "--state=/run/rotated", "--force", "/etc/logrotate.d/mqtt-broker")
            self.assert_serves()
            self.root.await_success("grep", "-q", "New client connected", "/var/log/mqtt-broker/mqtt-broker.log")
        self.root.run("dpkg", "--purge", "mqtt-broker", "mqtt-tools")
        self.assertFalse(self.root.exists(f"/proc/{pid}/exe"))  # perhaps nobody has waited for it
        self.assertEqual(self.left(), {})


if __name__ == "__main__":
    unittest.main()
