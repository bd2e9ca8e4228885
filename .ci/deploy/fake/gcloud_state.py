"""A gcloud that keeps its state in a folder: what the scripts in deploy/ make, it remembers. See standin.py.

FAKE_DIR/env-vars.yaml  the last deployment's variables
"""

import sys

from standin import FOLDER, fail as end, play

URL = "https://auto-ep-abc123-du.a.run.app"
NEWEST = [{"latestRevision": True, "percent": 100}]
# What the flags of `create http` and `update http` are in a job as the API stores it.
JOB_FLAGS = {
    "--schedule": "schedule", "--time-zone": "timeZone", "--description": "description", "--uri": "httpTarget.uri",
    "--http-method": "httpTarget.httpMethod", "--attempt-deadline": "attemptDeadline",
    "--oidc-service-account-email": "httpTarget.oidcToken.serviceAccountEmail",
    "--oidc-token-audience": "httpTarget.oidcToken.audience",
    "--max-retry-attempts": "retryConfig.retryCount", "--min-backoff": "retryConfig.minBackoffDuration",
}


def fail(text, status=1):
    end(f"ERROR: (gcloud) {text}", status)


def look_up(thing, path):
    """One field of a --format: dotted, with the two functions that the scripts use."""
    path, _, date = path.replace(".basename()", "").partition(".date")
    for key in path.split("."):
        thing = thing.get(key) if isinstance(thing, dict) else None
    if date and thing:
        # Seldom asked for, and slow to load; so are all others that stand where they are needed.
        from datetime import datetime
        import re
        from zoneinfo import ZoneInfo

        form, zone = re.fullmatch(r'\(format="(.*)",tz=(.*)\)', date).groups()
        return datetime.fromisoformat(thing).astimezone(ZoneInfo(zone)).strftime(form)
    return "" if thing is None else str(thing)


def render(things, form):
    """value[separator="x"](a,b.c): a line for each thing."""
    head, _, paths = form.partition("(")
    separator = head.removeprefix('value[separator="').removesuffix('"]') if head != "value" else "\t"
    if not head.startswith("value") or len(separator) != 1 or not paths.endswith(")"):
        fail(f"the fake does not know --format={form}", 2)
    paths = fields(paths[:-1])
    for thing in things:
        print(separator.join(look_up(thing, path) for path in paths))


def fields(text):
    """What stands between commas that no brackets hold."""
    found, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            found.append("")
        else:
            found[-1] += char
    return found


def job_of(flags, job):
    for flag in flags.keys() & JOB_FLAGS.keys():
        place, (*way, last) = job, JOB_FLAGS[flag].split(".")
        for key in way:
            place = place.setdefault(key, {})
        place[last] = int(flags[flag]) if flag == "--max-retry-attempts" else flags[flag]
    if len(job["schedule"].split()) != 5:
        fail("INVALID_ARGUMENT: Schedule or time zone is invalid.")
    job["httpTarget"]["httpMethod"] = job["httpTarget"]["httpMethod"].upper()


def act(state, words, flags):
    line = " ".join(words)
    last = words[-1]
    command = " ".join(words[:-1]) if len(words) > 1 else last
    services, jobs = state["services"], state["jobs"]

    def service():
        return services.get(last) or fail(f"Cannot find service [{last}]")

    def job():
        return jobs.get(last) or fail(f"NOT_FOUND: Job {last} was not found.")

    if line.startswith("scheduler jobs list"):
        if "--filter" in flags:
            wanted = between('description="', flags["--filter"])
            render([one for one in jobs.values() if one["description"] == wanted], flags["--format"])
        else:
            render(jobs.values(), flags["--format"])
        return
    if line.startswith("run revisions list"):
        # Newest first, as they are asked for; one that never became ready is among them.
        failed = services[flags["--service"]].get("failed", [])
        for name in reversed(services[flags["--service"]]["revisions"]):
            print(name, name not in failed)
        return
    if line.startswith("auth print-identity-token"):
        # A person's account cannot make a token for an audience, but for an account that it may act for.
        if "--audiences" in flags and "--impersonate-service-account" not in flags:
            fail("Invalid account Type for `--audiences`. Requires valid service account.")
        print("the-token")
        return

    match command:
        case "run deploy":
            # What the service would run with.
            with open(flags["--env-vars-file"]) as given, open(f"{FOLDER}/env-vars.yaml", "w") as kept:
                kept.write(given.read())
            before = services.get(last, {"traffic": NEWEST, "revisions": []})
            revisions = [*before["revisions"], f"{last}-{len(before['revisions']) + 1:05}-abc"]
            image = {"image": f"{last}@sha256:{len(revisions):064}"}
            services[last] = {"flags": flags, "spec": {"template": {"spec": {"containers[0]": image}}}, "status": {"url": URL}, "traffic": before["traffic"], "revisions": revisions}
            state["invokers"].setdefault(last, [])
        case "run services describe":
            if flags.get("--flatten") == "status.traffic[]":
                render([{"status": {"traffic": {"revisionName": service()["revisions"][-1]} | t}}
                        for t in service()["traffic"]], flags["--format"])
            elif "--flatten" in flags:
                render([{"spec": {"traffic": t}} for t in service()["traffic"]], flags["--format"])
            else:
                render([service()], flags["--format"])
        case "run services update-traffic":
            to = flags.get("--to-revisions", "").partition("=")[0]
            if to and to not in service()["revisions"]:
                fail(f"Revision {to} not found")
            service()["traffic"] = [{"revisionName": to, "percent": 100}] if to else NEWEST
        case "run services get-iam-policy":
            if service() and (member := flags["--filter"].rpartition("=")[2]) in state["invokers"][last]:
                print(member)
        case "run services add-iam-policy-binding":
            if service() and flags["--member"] not in state["invokers"][last]:
                state["invokers"][last].append(flags["--member"])
        case "secrets describe":
            secret(state, last)
            print(last)
        case "iam service-accounts describe":
            account(state, last)
            render([{"email": last, "uniqueId": state["ids"].get(last, "1" * 21)}], flags["--format"])
        case "scheduler jobs create http":
            if last in jobs:
                fail(f"ALREADY_EXISTS: Job {last} already exists.")
            jobs[last] = {"name": last, "state": "ENABLED"}
            job_of(flags, jobs[last])
        case "scheduler jobs update http":
            job_of(flags, job())
        case "scheduler jobs pause":
            job()["state"] = "PAUSED"
        case "scheduler jobs resume":
            job()["state"] = "ENABLED"
        case "scheduler jobs run":
            job()["runs"] = job().get("runs", 0) + 1
        case "scheduler jobs delete":
            del jobs[job()["name"]]
        case _:
            set_up(state, words, flags)


def secret(state, name):
    if name not in state["secrets"]:
        fail(f"NOT_FOUND: Secret [projects/1/secrets/{name}] not found.")


def account(state, name):
    if name not in state["accounts"]:
        fail(f"NOT_FOUND: Unknown service account {name}.")


def new(things, name, thing):
    if name in things:
        fail(f"ALREADY_EXISTS: Resource {name} already exists.")
    things[name] = thing


def number(state):
    state["made"] += 1
    return f"1{state['made']:020}"


def bindings(state, verb, resource, flags):
    """Whoever is named in one must be there; `get` answers with role and member, as the scripts ask for them."""
    if verb == "get-iam-policy":
        bound = state["bindings"].get(resource, [])
        render([{"bindings": dict(zip(("role", "members"), one))} for one in bound], flags["--format"])
        return
    bound = state["bindings"].setdefault(resource, [])
    one = [flags["--role"], flags["--member"]]
    if one[1].startswith("serviceAccount:"):
        account(state, one[1].partition(":")[2])
    if verb == "add-iam-policy-binding" and one not in bound:
        bound.append(one)
    if verb == "remove-iam-policy-binding":
        bound.remove(one)


def between(begin, text):
    """What stands in the quotes of a filter."""
    if not text.startswith(begin) or not text.endswith('"'):
        fail(f"the fake does not know --filter={text}", 2)
    return text[len(begin):-1]


def named(things, flags):
    """A list of what has the display name that --filter asks for."""
    wanted = between('displayName="', flags["--filter"])
    render([thing for thing in things.values() if thing["displayName"] == wanted], flags["--format"])


def set_up(state, words, flags):
    """The commands of setup.sh and teardown.sh."""
    line, last = " ".join(words), words[-1]
    resource = last.removeprefix("gs://")
    buckets = state["buckets"]
    if words[-2:-1] and words[-2].endswith(("iam-policy", "iam-policy-binding")):
        if last.startswith("gs://") and resource not in buckets:
            fail(f"{last} not found: 404.")
        if words[0] == "secrets":
            secret(state, last)
        if words[0] == "iam":
            account(state, last)
        return bindings(state, words[-2], last, flags)
    match words:
        case ["projects", "describe", _]:
            print("123456789012")
        case ["auth", "list"]:
            print("owner@shop.example")
        case ["services", "list"]:
            render([{"config": {"name": name}} for name in state["apis"]], flags["--format"])
        case ["services", "enable", *names]:
            state["apis"] = sorted({*state["apis"], *names})
        case ["iam", "service-accounts", "create", name]:
            name = f"{name}@{flags['--project']}.iam.gserviceaccount.com"
            new(state["ids"], name, number(state))
            state["accounts"].append(name)
        case ["iam", "service-accounts", "delete", name]:
            account(state, name)
            state["accounts"].remove(name)
            del state["ids"][name]
            state["bindings"].pop(name, None)
        case ["storage", "buckets", "describe", _]:
            bucket = buckets.get(resource) or fail(f"{last} not found: 404.")
            if flags["--format"] == "value(name)":
                print(resource)
            else:
                import json

                print(json.dumps(bucket["of"] or None, indent=2, sort_keys=True))
        case ["storage", "buckets", "create", _]:
            new(buckets, resource, {"flags": flags, "of": {}})
        case ["storage", "buckets", "update", _]:
            import json

            with open(flags["--lifecycle-file"]) as rules:
                buckets[resource]["of"] = {"lifecycle_config": json.load(rules), "versioning_enabled": True}
        case ["storage", "rm", _]:
            buckets.pop(resource, None) or fail(f"{last} not found: 404.")
            state["bindings"].pop(last, None)
        case ["secrets", "create", name]:
            if name in state["secrets"]:
                fail(f"ALREADY_EXISTS: Secret [{name}] already exists.")
            state["secrets"].append(name)
        case ["secrets", "delete", name]:
            secret(state, name)
            state["secrets"].remove(name)
            state["versions"].pop(name, None)
            state["bindings"].pop(name, None)
        case ["secrets", "versions", "list", name]:
            secret(state, name)
            print("\n".join(str(i + 1) for i, _ in enumerate(state["versions"].get(name, []))))
        case ["secrets", "versions", "add", name]:
            secret(state, name)
            state["versions"].setdefault(name, []).append(sys.stdin.read())
        case ["beta", "monitoring", "channels", "create"]:
            name = f"projects/shop-1/notificationChannels/{number(state)}"
            state["channels"][name] = {"name": name, "displayName": flags["--display-name"], "labels": flags["--channel-labels"]}
        case ["beta", "monitoring", "channels", "delete", name]:
            if any(name in policy["notificationChannels"] for policy in state["policies"].values()):
                fail("FAILED_PRECONDITION: the channel is used by a policy.")
            state["channels"].pop(name, None) or fail(f"NOT_FOUND: {name}")
        case ["beta", "monitoring", "channels", "list"]:
            named(state["channels"], flags)
        case ["alpha", "monitoring", "policies", "create"]:
            import json

            name, policy = f"projects/shop-1/alertPolicies/{number(state)}", json.loads(flags["--policy"])
            if not all(channel in state["channels"] for channel in policy["notificationChannels"]):
                fail("NOT_FOUND: the policy names a channel that is not there.")
            state["policies"][name] = policy | {"name": name}
        case ["alpha", "monitoring", "policies", "delete", name]:
            state["policies"].pop(name, None) or fail(f"NOT_FOUND: {name}")
        case ["alpha", "monitoring", "policies", "list"]:
            named(state["policies"], flags)
        case ["logging", "metrics", "describe", name]:
            if name not in state["metrics"]:
                fail(f"NOT_FOUND: Metric {name} does not exist.")
            print(name)
        case ["logging", "metrics", "create", name]:
            new(state["metrics"], name, flags)
        case ["logging", "metrics", "delete", name]:
            state["metrics"].pop(name, None) or fail(f"NOT_FOUND: {name}")
        case ["iam", "workload-identity-pools", *_, verb, name]:
            federation(state, verb, f"{flags.get('--workload-identity-pool', '')}/{name}", flags)
        case _:
            fail(f"Invalid choice: {line!r}.", 2)


def federation(state, verb, name, flags):
    """Pools, and providers as pool/provider. Who is deleted keeps the name for thirty days."""
    pools = state["pools"]
    if verb in ("create", "create-oidc"):
        return new(pools, name, {"state": "ACTIVE", "attributeCondition": flags.get("--attribute-condition", "")})
    if name not in pools:
        fail(f"NOT_FOUND: Requested entity {name} was not found.")
    if verb == "describe":
        render([pools[name]], flags["--format"])
    elif verb == "update-oidc":
        pools[name]["attributeCondition"] = flags["--attribute-condition"]
    else:
        pools[name]["state"] = {"delete": "DELETED", "undelete": "ACTIVE"}[verb]


play("gcloud", sys.argv[1:], act)
