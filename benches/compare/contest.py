"""The contests: who runs on what, by turns, and what comes of it. It knows nothing of tables."""

import json
import os
from pathlib import Path
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import measure
from measure import Service, Turn
from settings import ALLOCATOR, LISTINGS, ROWS, SOURCES

HERE = Path(__file__).resolve().parent
CORES = sorted(os.sched_getaffinity(0))
ONE, TWO = {CORES[0]}, set(CORES[:2])


class Contest:
    """What is compared, and where it works."""

    def __init__(self, options):
        self.binary, self.sources, self.tools = (Path(p).resolve() for p in
                                                 (options.binary, options.sources, options.tools))
        self.beside = options.beside and Path(options.beside).resolve()
        self.turns, self.products, self.stand_ins = options.turns, options.products, options.stand_ins
        self.work = Path(tempfile.mkdtemp(prefix="auto-ep-compare-"))
        self.python = sys.executable

    def settings(self, catalogue, **more):
        """The whole environment of a service that keeps everything in a folder of its own."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        return folder, {
            "PORT": "0", "LOG_FORMAT": "json", "STATE_URL": f"file:{folder}/state", "FEED_STORE_URL": f"file:{folder}/feed",
            "FEED_KEY": "ep.tsv", "SERVICE_NAME": "EP", "CATALOG_URL": catalogue, "VERIFY_ALIVE_SAMPLE": "0", **ROWS,
            **ALLOCATOR, **more}

    def export(self, name, cores, binary=None):
        """One export of a file into a folder, publication and delivery included: from spawn to answer."""
        folder, env = self.settings(f"file:{self.sources / name}", **SOURCES[name])
        service = Service([binary or self.binary], cores, env).serving()
        answer = service.post("/export-products")
        seconds = service.since_spawn()
        if answer["report"]["publication"]["state"] != "published":
            raise measure.Failed(f"{name}: {json.dumps(answer['report'])[:3000]}")
        turn = Turn(seconds, *service.end(), told_by(answer) | {"funnel": answer["report"]["funnel"]})
        excluded, = folder.glob("feed/**/*.excluded.tsv")
        self.output = (folder / "feed/ep.tsv", excluded)
        self.keep(folder)
        return turn

    def rival(self, argv, name, cores):
        """One run of a rival on the same file."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        self.output = (folder / "feed.tsv", folder / "excluded.tsv")
        turn = measure.run([*argv, self.sources / name, *self.output], cores)
        self.keep(folder)
        return turn

    def keep(self, folder):
        """The newest output alone is kept."""
        for other in self.work.iterdir():
            if other.is_dir() and other != folder:
                shutil.rmtree(other)

    def contenders(self, name):
        python = [self.python, "-B"]
        rivals = HERE / "rivals"
        told = {
            "auto-ep, 2 cores": lambda: self.export(name, TWO),
            "auto-ep, 1 core": lambda: self.export(name, ONE),
        }
        if self.beside:
            told |= {"the other build, 2 cores": lambda: self.export(name, TWO, self.beside),
                     "the other build, 1 core": lambda: self.export(name, ONE, self.beside)}
        if name not in LISTINGS:
            return told
        listing, lines = self.tools / "listing", name.replace(".json", ".ndjson")
        told |= {
            "C++ simdjson, 1 core": lambda: self.rival([listing], name, ONE),
            "DuckDB, 2 threads": lambda: self.rival([*python, rivals / "listing_duckdb.py", 2], lines, TWO),
            "DuckDB, 1 thread": lambda: self.rival([*python, rivals / "listing_duckdb.py", 1], lines, ONE),
            "Polars, 2 cores": lambda: self.rival([*python, rivals / "listing_polars.py"], name, TWO),
        }
        if name == "listing.json":
            told["Python json + csv, 1 core"] = lambda: self.rival([*python, rivals / "listing_python.py"], name, ONE)
            # As the document comes.
            told["DuckDB, 2 threads, one document"] = lambda: self.rival([*python, rivals / "listing_duckdb.py", 2], name, TWO)
        return told

    def exports(self, names):
        """Every contender on every source, by turns: what disturbs the machine meets all alike."""
        told = {}
        for name in names:
            path = self.sources / name
            size = path.stat().st_size / 1e6
            path.read_bytes()
            contenders = self.contenders(name)
            turns, differences, ours = {who: [] for who in contenders}, {}, None
            for at in range(self.turns):
                for who, run in rotated(contenders, at):
                    turns[who].append(run())
                    if ours is None:
                        ours = [path.read_bytes() for path in self.output]
                        funnel = turns[who][0].told["funnel"]
                    differences[who] = [unlike(own, path.read_bytes()) for own, path in zip(ours, self.output)]
                    note(f"{name}: {who}: {turns[who][-1].seconds:.3f} s")
            told[name] = {
                "mb": round(size, 1), "feed_mb": round(len(ours[0]) / 1e6, 1), "funnel": funnel,
                "contenders": {who: measure.summary(of, size) | {"feed": differences[who][0], "excluded": differences[who][1]}
                               for who, of in turns.items()}}
        return told

    def verifications(self):
        """The verification of the listing's feed, and rivals on the same file. What auto-ep reads comes over HTTP."""
        folder, env = self.settings(f"file:{self.sources / 'listing.json'}", **SOURCES["listing.json"])
        feed = folder / "feed/ep.tsv"
        services = {}
        builds = {"auto-ep": self.binary} | ({"the other build": self.beside} if self.beside else {})
        for who, binary, cores in [(f"{who}, {many}", binary, cores) for who, binary in builds.items()
                                   for many, cores in (("2 cores", TWO), ("1 core", ONE))]:
            services[who] = Service([binary], cores, env).serving()
            if not feed.exists():
                services[who].post("/export-products")

        def verify(who):
            service = services[who]
            begun = time.perf_counter()
            answer = service.post("/verify-ep")
            seconds = time.perf_counter() - begun
            status = {check["id"]: check["status"] for check in answer["report"]["checks"]}
            return Turn(seconds, 0, measure.of_status(service.child.pid, "VmHWM"),
                        {"duration_ms": answer["duration_ms"], "checks": status})

        size = feed.stat().st_size / 1e6
        duck = [self.python, "-B", HERE / "rivals/verify_duckdb.py"]
        contenders = {who: lambda who=who: verify(who) for who in services}
        contenders |= {
            "DuckDB, 2 threads": lambda: measure.run([*duck, 2, feed], TWO),
            "DuckDB, 1 thread": lambda: measure.run([*duck, 1, feed], ONE),
            "sha256 alone": lambda: measure.hashed(feed),
        }
        qsv = shutil.which("qsvlite", path=self.tools / "qsv/bin") or shutil.which("qsvlite")
        if qsv:
            contenders["qsv validate, 2 cores"] = lambda: measure.run([qsv, "validate", "--delimiter", "\t", feed], TWO)
        turns = {who: [] for who in contenders}
        try:
            for at in range(self.turns):
                for who, run in rotated(contenders, at):
                    turns[who].append(run())
                    note(f"verify: {who}: {turns[who][-1].seconds:.3f} s")
        finally:
            for service in services.values():
                service.end()
        checks = {who: of[-1].told.get("checks", {}) for who, of in turns.items()}
        return {"mb": round(size, 1), "checks": checks,
                "contenders": {who: measure.summary(of, size) for who, of in turns.items()}}

    def starts(self):
        """From spawn to the first 200 with every service configured, and the memory a second later."""
        ours = {
            "K_SERVICE": "auto-ep", "STATE_URL": "gs://state-bucket/prefix", "FEED_STORE_URL": "s3://feed-bucket/ep",
            "FEED_KEY": "ep.tsv", "FEED_URL": "https://feed.example/ep/ep.tsv", "CLOUDFRONT_DISTRIBUTION_ID": "E0123456789ABC",
            "AWS_REGION": "ap-northeast-2", "AWS_ACCESS_KEY_ID": "no-key", "AWS_SECRET_ACCESS_KEY": "none",
            "SLACK_BOT_TOKEN": "xoxb-example", "SLACK_CHANNEL": "C0123456789", "SERVICE_NAME": "EP",
            "CATALOG_PRESET": "ikea:kr/ko", "GCS_ENDPOINT": "", "GOOGLE_CLOUD_PROJECT": "example-project",
            # Google's default credentials, as on Cloud Run: nothing is asked for them before their first use.
            **ROWS, **ALLOCATOR}
        functions = Path(self.python).parent / "functions-framework"
        rival = [functions, "--source", HERE / "rivals/function.py", "--target", "answer", "--host", "127.0.0.1"]

        def start(argv, env, path, settle=1.0):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            argv = [*argv, "--port", port] if argv[0] == functions else argv
            service, milliseconds = measure.first_answer(argv, port, path, TWO, env | {"PORT": str(port)})
            time.sleep(settle)
            resident = measure.resident_mib(service.child.pid)
            for child in list(measure.children(service.child.pid)):
                os.kill(child, 9)
            service.end()
            return milliseconds, resident

        contenders = {
            "auto-ep": lambda: start([self.binary], ours, "/health", 0.3),
            **({"the other build": lambda: start([self.beside], ours, "/health", 0.3)} if self.beside else {}),
            "functions-framework": lambda: start(rival, {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}, "/"),
        }
        told = {who: [] for who in contenders}
        for at in range(self.turns * 3):
            for who, run in rotated(contenders, at):
                if who != "functions-framework" or at < self.turns:
                    told[who].append(run())
        return {who: {"turns": len(of), "ms": round(statistics.median(ms for ms, _ in of), 1),
                      "least_ms": round(min(ms for ms, _ in of), 1), "most_ms": round(max(ms for ms, _ in of), 1),
                      "idle_mib": round(statistics.median(mib for _, mib in of), 1)} for who, of in told.items()} | {
            "binary_mb": round(self.binary.stat().st_size / 1e6, 2)}

    def routes(self):
        """The whole route over loopback HTTP into S3; the other services run on the same two cores."""
        told = {}
        for late in [0, 300]:
            there = subprocess.Popen([self.stand_ins, str(self.products), str(late)], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE)
            try:
                known = json.loads(there.stdout.readline())
                size = known["bytes"] / 1e6
                ways = {way: url for way, url in known["catalogues"].items() if not late or way == "document"}
                turns = {way: [] for way in ways}
                for at in range(self.turns):
                    for way, url in rotated(ways, at):
                        folder, env = self.settings(url, CATALOG_ITEMS="/moreProducts/productWindow/*[type=PRODUCT]/product",
                                                    CATALOG_PAGE_SIZE="1000", **known["settings"])
                        service = Service([self.binary], TWO, env).serving()
                        begun = time.perf_counter()
                        answer = service.post("/export-products")
                        seconds = time.perf_counter() - begun
                        turns[way].append(Turn(seconds, *service.end(), told_by(answer)))
                        if answer["report"]["publication"]["state"] != "published":
                            raise measure.Failed(json.dumps(answer["report"])[:3000])
                        self.keep(folder)
                        note(f"route: {way}, S3 {late} ms late: {seconds:.3f} s")
                for way, of in turns.items():
                    told[f"{way}, S3 {late} ms late" if late else way] = {"mb": round(size, 1)} | measure.summary(of, size)
            finally:
                there.stdin.close()
                there.wait(30)
        return told


def told_by(answer):
    """What the answer says of the time: of the whole run, and of making the build alone, before it was made public."""
    return {"duration_ms": answer["duration_ms"], "build_ms": answer["report"]["duration_ms"]}


def rotated(contenders, at):
    """All of them, another one first each time."""
    names = list(contenders)
    first = at % len(names)
    return [(name, contenders[name]) for name in names[first:] + names[:first]]




def unlike(ours, theirs):
    """What is different: nothing, or how many lines and the first of them."""
    if ours == theirs:
        return "identical"
    own, other = ours.split(b"\n"), theirs.split(b"\n")
    pairs = [(a, b) for a, b in zip(own, other) if a != b]
    first = [line.decode("utf-8", "replace") for line in (pairs[0] if pairs else (b"", b""))]
    return {"lines": len(own) - 1, "their_lines": len(other) - 1, "unlike": len(pairs), "first": first}


def note(text):
    print(text, file=sys.stderr, flush=True)
