"""An AWS CLI that keeps its state in a folder: what setup.sh makes, it remembers. See standin.py.

What it answers to a --query is what the scripts ask for; whether the real CLI answers alike, the real one is asked (check).
"""

import sys

from standin import fail as end, play

ACCOUNT = "210987654321"


def fail(code, operation, text=""):
    end(f"\nAn error occurred ({code}) when calling the {operation} operation: {text or code}", 254)


def say(text):
    """As the CLI writes it: a text as it is, what is not there as None."""
    print("None" if text is None else text if isinstance(text, str) else json().dumps(text, indent=4))


def json():
    """Slow to load, and looks need it seldom."""
    import json

    return json


def number(state):
    state["made"] += 1
    return f"{state['made']:05}"


def act(state, words, flags):
    of = state["aws"]
    command = " ".join(words)

    def bucket():
        return of["buckets"].get(flags["--bucket"]) or fail("NoSuchBucket", command, "The specified bucket does not exist")

    def distribution():
        return of["distributions"].get(flags["--id"]) or fail("NoSuchDistribution", command)

    def role():
        name = flags["--role-name"]
        return of["roles"].get(name) or fail("NoSuchEntity", command, f"The role with name {name} cannot be found.")

    def part(name, code):
        return bucket()[name] or fail(code, command)

    def matched(thing):
        if flags["--if-match"] != thing["ETag"]:
            fail("PreconditionFailed", command)

    def of_query(pattern):
        import re

        return re.search(pattern, flags["--query"])[1]

    match command:
        case "sts get-caller-identity":
            say(ACCOUNT)
        case "s3api head-bucket":
            if flags["--bucket"] not in of["buckets"]:
                end("\nAn error occurred (404) when calling the HeadBucket operation: Not Found", 254)
        case "s3api create-bucket":
            if flags["--bucket"] in of["buckets"]:
                fail("BucketAlreadyOwnedByYou", command)
            if flags["--region"] not in flags.get("--create-bucket-configuration", "LocationConstraint=us-east-1"):
                fail("IllegalLocationConstraintException", command)
            of["buckets"][flags["--bucket"]] = dict.fromkeys(("private", "versions", "rules", "policy")) | {
                "region": flags["--region"], "objects": []}
        case "s3api delete-bucket":
            if bucket()["objects"]:
                fail("BucketNotEmpty", command)
            del of["buckets"][flags["--bucket"]]
        case "s3api list-object-versions":
            objects = bucket()["objects"][:2]
            say({"Quiet": True, "Objects": [{"Key": name, "VersionId": "v"} for name in objects]})
        case "s3api delete-objects":
            with open(flags["--delete"].removeprefix("file://")) as batch:
                gone = [thing["Key"] for thing in json().load(batch)["Objects"]]
            bucket()["objects"] = [name for name in bucket()["objects"] if name not in gone]
        case "s3api get-public-access-block":
            say(part("private", "NoSuchPublicAccessBlockConfiguration"))
        case "s3api put-public-access-block":
            settings = flags["--public-access-block-configuration"].split(",")
            bucket()["private"] = "\t".join(one.partition("=")[2].title() for one in settings)
        case "s3api get-bucket-versioning":
            say(bucket()["versions"])
        case "s3api put-bucket-versioning":
            bucket()["versions"] = flags["--versioning-configuration"].partition("=")[2]
        case "s3api get-bucket-lifecycle-configuration":
            say("\t".join(rule["ID"] for rule in part("rules", "NoSuchLifecycleConfiguration")))
        case "s3api put-bucket-lifecycle-configuration":
            bucket()["rules"] = json().loads(flags["--lifecycle-configuration"])["Rules"]
        case "s3api get-bucket-policy":
            say(part("policy", "NoSuchBucketPolicy"))
        case "s3api put-bucket-policy":
            json().loads(flags["--policy"])
            bucket()["policy"] = flags["--policy"]
        case "cloudfront list-origin-access-controls":
            say(next((c["Id"] for c in of["controls"].values() if c["Name"] == of_query("Name=='(.*)'")), ""))
        case "cloudfront get-origin-access-control":
            say((of["controls"].get(flags["--id"]) or fail("NoSuchOriginAccessControl", command))["ETag"])
        case "cloudfront create-origin-access-control":
            config = dict(one.split("=") for one in flags["--origin-access-control-config"].split(","))
            if any(control["Name"] == config["Name"] for control in of["controls"].values()):
                fail("OriginAccessControlAlreadyExists", command)
            name = "OAC" + number(state)
            of["controls"][name] = config | {"Id": name, "ETag": "E1"}
        case "cloudfront delete-origin-access-control":
            matched(of["controls"][flags["--id"]])
            if any(flags["--id"] in json().dumps(one) for one in of["distributions"].values()):
                fail("OriginAccessControlInUse", command)
            del of["controls"][flags["--id"]]
        case "cloudfront list-distributions":
            wanted = of_query("Comment=='(.*)'")
            found = [f"{name}\t{name.lower()}.cloudfront.net\t{one['Config']['Enabled']}" for name, one in of["distributions"].items()
                     if one["Config"]["Comment"] == wanted]
            say("\n".join(found) if of["distributions"] else None)
        case "cloudfront create-distribution":
            config = json().loads(flags["--distribution-config"])
            if any(one["Config"]["CallerReference"] == config["CallerReference"] for one in of["distributions"].values()):
                fail("DistributionAlreadyExists", command)
            for origin in config["Origins"]["Items"]:
                if origin["OriginAccessControlId"] not in of["controls"]:
                    fail("NoSuchOriginAccessControl", command)
            of["distributions"]["E" + number(state)] = {"Config": config, "ETag": "T1"}
        case "cloudfront get-distribution-config":
            one = distribution()
            say(one["ETag"] if flags["--query"] == "ETag" else one["Config"])
        case "cloudfront update-distribution":
            one = distribution()
            matched(one)
            with open(flags["--distribution-config"].removeprefix("file://")) as config:
                one["Config"], one["ETag"] = json().load(config), one["ETag"] + "1"
            say(one["ETag"])
        case "cloudfront wait distribution-deployed":
            distribution()
        case "cloudfront delete-distribution":
            matched(distribution())
            if distribution()["Config"]["Enabled"]:
                fail("DistributionNotDisabled", command)
            del of["distributions"][flags["--id"]]
        case "iam get-role":
            say(role()["trust"])
        case "iam create-role":
            if flags["--role-name"] in of["roles"]:
                fail("EntityAlreadyExists", command)
            of["roles"][flags["--role-name"]] = {"trust": json().loads(flags["--assume-role-policy-document"]), "feed": None}
        case "iam update-assume-role-policy":
            role()["trust"] = json().loads(flags["--policy-document"])
        case "iam delete-role":
            if role()["feed"]:
                fail("DeleteConflict", command)
            del of["roles"][flags["--role-name"]]
        case "iam get-role-policy":
            policy = role()[flags["--policy-name"]] or fail("NoSuchEntity", command)
            say(flags["--policy-name"] if flags["--query"] == "PolicyName" else policy)
        case "iam put-role-policy":
            role()[flags["--policy-name"]] = json().loads(flags["--policy-document"])
        case "iam delete-role-policy":
            role()[flags["--policy-name"]] = None
        case _:
            end(f"aws: error: argument operation: Invalid choice: {command!r}", 252)


play("aws", sys.argv[1:], act)
