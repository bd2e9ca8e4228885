"""The few Google APIs that deploy/ reaches through gcloud, imitated on loopback, so that the real gcloud can be tried.

It serves as an HTTP proxy: gcloud believes it talks to Google. It keeps what is made, answers 404 for what is not there,
and keeps each changing request. It is as strict as it has to be and no stricter: what Cloud Run refuses is not imitated.
"""

import http.server
import io
import json
import re
import threading
import urllib.parse
import zipfile

URL = "https://auto-ep-abc123-du.a.run.app"
PLACE = r"/v[12]/(projects/[^/]+/locations/[^/]+)"
SERVICES = r"/apis/serving\.knative\.dev/v1/namespaces/[^/]+/services"
JOBS = PLACE + "/jobs"
BUILD = "type.googleapis.com/google.devtools.cloudbuild.v1."


class NotFound(Exception):
    pass


def look_up(thing, path):
    for key in path.split("."):
        thing = thing[int(key)] if key.isdigit() else thing.get(key, {})
    return thing


def put(thing, path, value):
    *way, last = path.split(".")
    for key in way:
        thing = thing.setdefault(key, {})
    thing[last] = value


class Google:
    """What there is: things by their kind and name."""

    def __init__(self):
        self.things = {kind: {} for kind in ("service", "policy", "job")}
        self.things["secret"] = dict.fromkeys(
            ("auto-ep-slack-bot-token", "auto-ep-aws-access-key-id", "auto-ep-aws-secret-access-key"), {"name": "secret"})
        self.things["serviceAccount"] = dict.fromkeys((f"{name}.gserviceaccount.com" for name in (
            "1-compute@developer", "auto-ep-run@shop-1.iam", "auto-ep-scheduler@shop-1.iam")), {"email": "account"})

    def found(self, kind, name):
        if name not in self.things[kind]:
            raise NotFound(f"Resource '{name}' of kind '{kind.upper()}' does not exist.")
        return self.things[kind][name]

    def keep(self, kind, name, thing):
        self.things[kind][name] = thing
        return thing

    def deployed(self, name, body):
        """A service as Cloud Run shows it once a revision is ready."""
        generation = look_up(self.things["service"].get(name, {}), "metadata.generation") or 0
        revision = f"{name}-{generation + 1:05}-abc"
        traffic = body["spec"].setdefault("traffic", [{"latestRevision": True, "percent": 100}])
        ready = [{"type": kind, "status": "True"} for kind in ("Ready", "ConfigurationsReady", "RoutesReady")]
        body["metadata"].update(generation=generation + 1, resourceVersion=f"v{generation + 1}", uid="u", selfLink=f"/{name}")
        body["status"] = {
            "observedGeneration": generation + 1, "conditions": ready, "url": URL, "address": {"url": URL},
            "latestCreatedRevisionName": revision, "latestReadyRevisionName": revision,
            "traffic": [{"revisionName": revision} | target for target in traffic],
        }
        return self.keep("service", name, body)

    def changed(self, name, fields, body):
        job = self.found("job", name)
        for field in fields.split(","):
            put(job, field, look_up(body, field))
        return job

    def switched(self, name, verb):
        job = self.found("job", name)
        job["state"] = {"pause": "PAUSED", "resume": "ENABLED", "run": job["state"]}[verb]
        if verb == "run":
            job |= {"lastAttemptTime": "2026-11-22T14:59:58.5Z", "status": {"code": 7}}
        return job

    def answer(self, method, path, query, body):
        """The answer to one request. The routes are in the order in which a deployment meets them."""

        def at(verb, pattern):
            return verb == method and re.fullmatch(pattern, path)

        if m := at("GET", "/v1/projects/[^/]+/services/([^/]+)"):
            return {"name": path[4:], "state": "ENABLED", "config": {"name": m[1]}}
        if at("GET", "/v1/projects/shop-1"):
            return {"projectId": "shop-1", "projectNumber": "123456789012"}
        if at("GET", "/v1/projects/[^/]+/services:batchGet"):
            return {"services": [{"name": name, "state": "ENABLED"} for name in query["names"]]}
        if m := at("GET", "/v1/projects/[^/]+/(secret|serviceAccount)s/([^/]+)"):
            return self.found(m[1], m[2])

        # Artifact Registry and Cloud Storage: where the source and the image go.
        if m := at("GET", PLACE + "/repositories/([^/]+)"):
            return {"name": path[4:], "format": "DOCKER"}
        if m := at("GET", "/storage/v1/b/([^/]+)"):
            return {"name": m[1], "id": m[1]}
        if at("GET", "/storage/v1/b"):
            return {"items": [{"name": name, "id": name} for name in (query["prefix"][0],)]}
        if m := at("POST", "/(?:resumable/)?upload/storage/v1/b/([^/]+)/o"):
            return {"bucket": m[1], "name": "source.zip", "generation": "1", "size": body["size"]}

        # The build.
        build = {"id": "b1", "projectId": "shop-1", "name": "projects/shop-1/locations/asia-northeast3/builds/b1",
                 "logUrl": "https://console.test/b1", "status": "SUCCESS",
                 "results": {"images": [{"name": "image", "digest": "sha256:" + "0" * 64}]}}
        if at("GET", PLACE + "/defaultServiceAccount"):
            return {"serviceAccountEmail": "projects/shop-1/serviceAccounts/1-compute@developer.gserviceaccount.com"}
        if at("POST", PLACE + "/builds:submit"):
            metadata = {"@type": BUILD + "BuildOperationMetadata", "build": build}
            return {"buildOperation": {"name": "operations/b1", "metadata": metadata}}
        if at("GET", PLACE + "/operations/b1"):
            return {"name": path[4:], "done": True, "response": {"@type": BUILD + "Build", **build}}

        # Cloud Run.
        if at("POST", SERVICES):
            return self.deployed(body["metadata"]["name"], body)
        if m := at("GET", SERVICES + "/([^/]+)"):
            return self.found("service", m[1])
        if m := at("PUT", SERVICES + "/([^/]+)"):
            return self.found("service", m[1]) and self.deployed(m[1], body)
        if m := at("GET", PLACE + "/services/([^/]+):getIamPolicy"):
            return self.things["policy"].get(m[2], {"etag": "ACAB"})
        if m := at("POST", PLACE + "/services/([^/]+):setIamPolicy"):
            return self.keep("policy", m[2], body["policy"])
        if at("POST", PLACE + "/services/([^/]+):testIamPermissions"):
            return {"permissions": body["permissions"]}

        # The Scheduler.
        if at("GET", JOBS):
            return {"jobs": list(self.things["job"].values())}
        if at("POST", JOBS):
            return self.keep("job", body["name"], {**body, "state": "ENABLED", "scheduleTime": "2026-11-22T15:05:00Z"})
        if m := at("POST", "/v1/(.*):(pause|resume|run)"):
            return self.switched(m[1], m[2])
        if m := at("PATCH", "/v1/(.*)"):
            return self.changed(m[1], query["updateMask"][0], body)
        if m := at("DELETE", "/v1/(.*)"):
            return self.found("job", m[1]) and self.things["job"].pop(m[1]) and {}
        raise NotFound(f"the imitation does not know {method} {path}")


def body_of(raw):
    try:
        return json.loads(raw or "{}")
    except ValueError:
        # The source: a multipart body, a few words about a zip file and then the zip file.
        archive = io.BytesIO(raw[raw.index(b"PK\x03\x04"):raw.rindex(b"\n--")])
        size = re.search(rb'"size": "(\d+)"', raw)[1].decode()
        return {"size": size, "files": sorted(zipfile.ZipFile(archive).namelist())}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        body = body_of(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        url = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(url.path), urllib.parse.parse_qs(url.query)
        code = 200
        try:
            out = self.server.google.answer(self.command, path, query, body)
        except NotFound as missing:
            code, out = 404, {"error": {"code": 404, "message": str(missing), "status": "NOT_FOUND"}}
        if self.command != "GET":
            mask = query.get("updateMask", [""])[0]
            self.server.requests.append({"code": code, "do": f"{self.command} {path}", "mask": mask, "body": body})
        text = json.dumps(out).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.google, server.requests = Google(), []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
