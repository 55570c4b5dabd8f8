"""A page in headless Chromium that speaks to the broker over ws and wss, with MQTT.js and without.

The environment names the programs: CHROMIUM, and in MQTT_JS the file mqtt.min.js.
"""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from broker_process import HOST, Broker, free_port
# unittest finds setUpModule and tearDownModule by their names.
from listener_case import file, server, setUpModule, tearDownModule

PAGE = pathlib.Path(__file__).parent / "browser"
# The page gives up after 20 seconds; a browser takes its time to start.
PATIENCE_S = 60

SCENARIOS = ["exchange, 3.1.1", "exchange, 5.0", "reconnect, 3.1.1", "reconnect, 5.0", "sub-protocols", "close codes"]


class PageServer:
    """Serves the page, tells it what to do, and takes its result."""

    FILES = {"/": (PAGE / "page.html", "text/html"), "/page.js": (PAGE / "page.js", "text/javascript"),
             "/mqtt.min.js": (os.environ.get("MQTT_JS", ""), "text/javascript")}

    def __init__(self):
        self.jobs = []
        self.results = queue.Queue()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path == "/jobs":
                    self.answer(200, "application/json", json.dumps(outer.jobs).encode())
                elif self.path in outer.FILES:
                    path, kind = outer.FILES[self.path]
                    self.answer(200, kind, pathlib.Path(path).read_bytes())
                else:
                    self.answer(404, "text/plain", b"")

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(200, "text/plain", b"")
                outer.results.put(json.loads(body))

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        self.origin = f"http://{HOST}:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


class Browser:
    """Chromium with a page, a profile of its own, and no certificate trusted but that of `certificate`."""

    def __init__(self, url, certificate):
        self.profile = tempfile.mkdtemp(prefix="mqtt-browser-")
        self.log = open(os.path.join(self.profile, "log"), "w+b")
        self.process = subprocess.Popen(
            [os.environ["CHROMIUM"], "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage", "--remote-debugging-port=0", f"--user-data-dir={self.profile}",
             f"--ignore-certificate-errors-spki-list={self.key_of(certificate)}", url],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)

    @staticmethod
    def key_of(certificate):
        """The digest of a certificate's public key, by which Chromium knows whom to trust."""
        pem = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], capture_output=True,
                             check=True).stdout
        key = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
        return base64.b64encode(hashlib.sha256(key).digest()).decode()

    def text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)  # its own group: all its processes
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)


class BrowserTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        page = PageServer()
        cls.addClassCleanup(page.close)
        wss, foreign = free_port(), free_port()
        broker = Broker("", "\n".join([
            "protocol websockets", f"websockets_origin {page.origin}",
            f"listener {wss} {HOST}", "protocol websockets", *server(),
            f"listener {foreign} {HOST}", "protocol websockets", "websockets_origin http://elsewhere.example"]))
        cls.addClassCleanup(broker.stop)
        cls.urls = {"ws": f"ws://{HOST}:{broker.port}/mqtt", "wss": f"wss://{HOST}:{wss}/mqtt"}
        page.jobs = [{"scenario": scenario, "url": url} for url in cls.urls.values() for scenario in SCENARIOS]
        page.jobs.append({"scenario": "refusal", "url": f"ws://{HOST}:{foreign}/mqtt"})
        browser = Browser(page.origin, file("server.pem"))
        cls.addClassCleanup(browser.close)
        try:
            results = page.results.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise AssertionError(f"the page has not answered:\n{browser.text()}") from None
        if isinstance(results, str):
            raise AssertionError(f"the page has failed: {results}")
        cls.outcomes = {(job["scenario"], job["url"]): result for job, result in zip(page.jobs, results)}
        cls.foreign = page.jobs[-1]["url"]

    def check(self, scheme):
        for scenario in SCENARIOS:
            with self.subTest(scenario):
                self.assertEqual(self.outcomes[scenario, self.urls[scheme]], "")

    def test_over_websocket(self):
        self.check("ws")

    def test_over_websocket_and_tls(self):
        self.check("wss")

    def test_a_page_of_another_origin_is_refused(self):
        self.assertEqual(self.outcomes["refusal", self.foreign], "")


if __name__ == "__main__":
    unittest.main()
