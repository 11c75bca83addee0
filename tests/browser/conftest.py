"""A real Chromium without a window, driven through a pipe by its DevTools protocol.

That takes no driver and no package: a message is JSON with a zero byte behind it.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from helpers.limits import SECONDS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

OPTIONS = (
    "--headless",
    "--no-sandbox",  # it is no use to root, as whom a container runs the tests
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # No talk with anybody.
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-pipe",
)

KEYS = {"Tab": 9, "Enter": 13, "ArrowDown": 40}


class Browser:
    """The process and the messages to and from it."""

    def __init__(self, folder):
        theirs_in, self._write = os.pipe()
        self._read, theirs_out = os.pipe()
        # Chromium reads from 3 and writes to 4; the shell puts the pipes there.
        shell = ("bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash")
        self._process = subprocess.Popen(
            [*shell, CHROMIUM, *OPTIONS, f"--user-data-dir={folder}"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number = 0
        self._unread = b""
        self.events = []

    def ask(self, method, session=None, **parameters):
        """Give an order and return its result; what happens meanwhile is kept in ``events``."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._until(lambda got: got.get("id") == self._number)["result"]

    def wait_for(self, method):
        """Wait until an event has happened since the events were last cleared."""
        for event in self.events:
            if event["method"] == method:
                return event
        return self._until(lambda got: got.get("method") == method)

    def _until(self, is_wanted):
        end = time.monotonic() + SECONDS
        while True:
            message = self._next(end)
            if "method" in message:
                self.events.append(message)
            if is_wanted(message):
                assert "error" not in message, message["error"]
                return message

    def _next(self, end):
        while b"\0" not in self._unread:
            readable, _, _ = select.select([self._read], [], [], max(0, end - time.monotonic()))
            assert readable, "Chromium does not answer"
            part = os.read(self._read, 2**20)
            assert part, "Chromium has ended"
            self._unread += part
        message, _, self._unread = self._unread.partition(b"\0")
        return json.loads(message)

    def close(self):
        with contextlib.suppress(AssertionError, OSError):
            self.ask("Browser.close")
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(SECONDS)
        os.close(self._read)
        os.close(self._write)


class Page:
    """A file as the browser shows it, in a tab of its own."""

    def __init__(self, browser, file, *, width, before, scripts):
        self._browser = browser
        browser.events.clear()
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        if before:
            self._ask("Page.addScriptToEvaluateOnNewDocument", source=before)
        self._ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._ask("Page.navigate", url=Path(file).as_uri())
        browser.wait_for("Page.loadEventFired")

    def _ask(self, method, **parameters):
        return self._browser.ask(method, self._session, **parameters)

    def get(self, expression):
        """The value of an expression in JavaScript."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_until(self, expression):
        end = time.monotonic() + SECONDS
        while not self.get(expression):
            assert time.monotonic() < end, f"never: {expression}"
            time.sleep(0.02)

    def prefer(self, scheme):
        """Ask for ``light`` or ``dark``."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._ask("Emulation.setEmulatedMedia", features=[feature])

    def press(self, key, *, times=1):
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        for _ in range(times):
            text = {"text": "\r"} if key == "Enter" else {}
            self._ask("Input.dispatchKeyEvent", type="keyDown", **code, **text)
            self._ask("Input.dispatchKeyEvent", type="keyUp", **code)

    def tab_to(self, selector):
        """Press Tab until an element has the focus."""
        for _ in range(200):
            self.press("Tab")
            if self.get(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        pytest.fail(f"no Tab reaches {selector}")

    def pasted(self):
        """What a person gets who pastes now."""
        self.get(
            "document.body.append(document.createElement('textarea'));"
            "document.querySelector('textarea').focus()"
        )
        self._ask("Input.dispatchKeyEvent", type="keyDown", commands=["paste"])
        return self.get("document.querySelector('textarea').value")

    def events(self, method):
        """What has happened of one sort, as its parameters."""
        self.get("0")  # what happened before this is known now
        return [
            event["params"]
            for event in self._browser.events
            if event["method"] == method and event.get("sessionId") == self._session
        ]

    def requests(self):
        """The addresses that were asked for."""
        return [event["request"]["url"] for event in self.events("Network.requestWillBeSent")]

    def complaints(self):
        """What the browser has to say: errors, and what the page's own policy stopped."""
        errors = [event["exceptionDetails"] for event in self.events("Runtime.exceptionThrown")]
        return [*errors, *(event["entry"]["text"] for event in self.events("Log.entryAdded"))]


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here; Debian's package chromium has it")
    with contextlib.closing(Browser(tmp_path_factory.mktemp("chromium"))) as started:
        yield started


@pytest.fixture
def opened(browser):
    """Open a file in the browser; ``before`` is a script that runs ahead of all of the page's."""

    def open_page(file, *, width=1280, before="", scripts=True):
        return Page(browser, file, width=width, before=before, scripts=scripts)

    return open_page
