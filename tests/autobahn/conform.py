"""Runs the suite's fuzzing client (Python 2.7) against a server of its own, and judges the report."""

from __future__ import print_function

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

# Limits and performance (9), and compression, which the server does not offer (12, 13).
EXCLUDED = ["9.*", "12.*", "13.*"]
GOOD = ("OK", "NON-STRICT", "INFORMATIONAL")
# Fewer would mean that the suite was not run in earnest.
LEAST_CASES = 200
# The whole run, in seconds; it takes about half a minute.
LIMIT_S = 300


def start(binary, folder):
    """A server on a port of its own, and the address of its echo route."""
    arguments = ["serve", "--test-echo", "--listen", "127.0.0.1:0", "--data", os.path.join(folder, "data")]
    server = subprocess.Popen([binary] + arguments, stdout=subprocess.PIPE)
    for line in iter(server.stdout.readline, ""):
        word, _, address = line.strip().partition("http://")
        if word.strip() == "listening":
            return server, "ws://" + address + "test/echo"
    sys.exit("the server did not say where it listens")


def fuzz(url, reports):
    """Lets the suite write its reports; it ends by itself."""
    from autobahntestsuite.wstest import run

    spec = os.path.join(reports, "spec.json")
    servers = [{"agent": "oneoclock", "url": url, "options": {"version": 18}}]
    with open(spec, "w") as file:
        json.dump({"outdir": reports, "servers": servers, "cases": ["*"], "exclude-cases": EXCLUDED}, file)
    sys.argv = ["wstest", "--mode", "fuzzingclient", "--spec", spec]
    # It names every case as it goes; the report names those that matter.
    aloud, sys.stdout = sys.stdout, open(os.devnull, "w")
    try:
        run()
    finally:
        sys.stdout = aloud


def judge(reports):
    """Prints what came of it, and says whether all is well."""
    with open(os.path.join(reports, "index.json")) as file:
        cases = json.load(file)["oneoclock"]
    bad = 0
    for name in sorted(cases, key=lambda name: [int(part) for part in name.split(".")]):
        for kind in ("behavior", "behaviorClose"):
            verdict = cases[name][kind]
            if verdict != "OK":
                print("case %s: %s %s" % (name, kind, verdict))
        bad += not all(cases[name][kind] in GOOD for kind in ("behavior", "behaviorClose"))
    print("autobahn: %d passed; %d failed" % (len(cases) - bad, bad))
    return bad == 0 and len(cases) > LEAST_CASES


def main():
    folder = tempfile.mkdtemp(prefix="oneoclock-autobahn-")
    server, url = start(sys.argv[1], folder)
    alarm = threading.Timer(LIMIT_S, lambda: (server.kill(), os._exit(1)))
    alarm.start()
    try:
        fuzz(url, folder)
        good = judge(folder)
        if server.poll() is not None:
            sys.exit("the server did not outlive the suite")
    finally:
        alarm.cancel()
        server.kill()
        server.wait()
        shutil.rmtree(folder)
    sys.exit(0 if good else 1)


main()
