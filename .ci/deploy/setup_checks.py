"""The checks of setup.sh and teardown.sh: against stand-ins of gcloud and the AWS CLI that keep state, and, for AWS, with
the real CLI against moto."""

import json
import marshal
import os
from pathlib import Path
import re
import shlex
import shutil
import socket
import subprocess
import time
import unittest
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from project import COMMANDS, EMPTY, FAKE, HERE, ROOT, Project

# All that a settings file has to say.
FOUR = "PROJECT=shop-1\nREGION=asia-northeast3\nSHOP=moa\nCHANNEL=C0123ABCDEF\n"
TOKEN = "xoxb-0000-made-up"
ENV = "deploy/shops/moa/env.yaml"
GITHUB = "--github=moa/feed"
MAKES = re.compile(r"gcloud (iam (service-accounts|workload-identity-pools( providers)?) create|storage buckets create"
                   r"|secrets create|secrets versions add|logging metrics create|.* monitoring \w+ create)"
                   r"|aws \w+ create-")
TOOLS = Path(os.environ.get("AUTO_EP_TOOLS") or ROOT / "target/third-party").resolve()


class SetUp(Project):
    """A project with nothing in it, and the settings file of somebody who begins."""

    def __init__(self):
        super().__init__()
        self.state = EMPTY
        (self.folder / "deploy/settings").write_text(FOUR)

    def setup(self, line="", *says, answers=f"y\n{TOKEN}\n", **options):
        return self(f"setup {line}", *says, answers=answers, **options)

    def teardown(self, line="", *says, answers="moa\ndelete the data\n", **options):
        return self(f"teardown {line}", *says, answers=answers, **options)

    def until_done(self, run, changes):
        """Kills it after each single change, and begins again each time; gives how many times it was killed."""
        for kill in range(1, 99):
            if run(kill=kill) is not None:
                return kill - 1
            assert self.changes == kill, "each time it got one change further"
        raise AssertionError(f"it never ends; {changes} changes were expected")

    @property
    def changes(self):
        return marshal.loads((self.folder / "changes").read_bytes())

    def variables(self):
        return dict(re.findall('^([A-Z_]+): "(.*)"$', (self.folder / ENV).read_text(), re.M))


def without_numbers(state):
    """States that differ in nothing but the ids that were given out are alike."""
    return re.sub(r"\b(1|OAC|E)\d{5,20}\b", "ID", json.dumps(state | {"made": 0}, sort_keys=True))


class Setup(unittest.TestCase):
    maxDiff = None

    def project(self):
        project = SetUp()
        self.addCleanup(project.close)
        return project

    def test_the_plan_and_the_dry_run_are_what_they_were(self):
        project = self.project()
        plan = project("setup --plan")
        self.assertEqual(plan, (HERE / "golden-plan.txt").read_text())
        self.assertLessEqual(len(plan.splitlines()), 40)
        self.assertLessEqual(len(project(f"setup --plan {GITHUB}").splitlines()), 40)
        shown = project(f"setup --dry-run {GITHUB}").replace(str(project.folder), "/tmp")
        self.assertEqual(shown, (HERE / "golden-setup.txt").read_text())
        self.assertEqual((project.calls(), project.state), ([], EMPTY))

    def test_it_makes_everything_once_and_again_it_makes_nothing(self):
        project = self.project()
        said = project.setup(GITHUB, "everything is there", "/invite", "armed by the first export")
        self.assertNotIn(TOKEN, said + "".join(project.take("calls")), "the token stands nowhere")
        state, env = project.state, (project.folder / ENV).read_text()
        self.assertEqual(state["versions"], {"auto-ep-moa-slack-bot-token": [TOKEN]})
        self.assertNotIn(" + ", project.setup(GITHUB, "0 to make", answers=""))
        self.assertEqual((project.calls(), project.state, (project.folder / ENV).read_text()), ([], state, env))

    def test_least_rights_and_a_private_feed(self):
        project = self.project()
        project.setup()
        state, aws, (distribution,) = project.state, project.state["aws"], project.state["aws"]["distributions"]
        run = "serviceAccount:auto-ep-moa-run@shop-1.iam.gserviceaccount.com"
        self.assertEqual({name: bound for name, bound in state["bindings"].items() if bound}, {
            "shop-1": [["roles/cloudscheduler.viewer", run],
                       ["roles/run.builder", "serviceAccount:auto-ep-moa-build@shop-1.iam.gserviceaccount.com"]],
            "gs://shop-1-auto-ep-moa-state": [["roles/storage.objectUser", run]],
            "auto-ep-moa-slack-bot-token": [["roles/secretmanager.secretAccessor", run]]})
        bucket = state["buckets"]["shop-1-auto-ep-moa-state"]
        self.assertLessEqual({"--uniform-bucket-level-access", "--public-access-prevention"}, bucket["flags"].keys())
        prefixes = bucket["of"]["lifecycle_config"]["rule"][0]["condition"]["matchesPrefix"]
        self.assertEqual((prefixes, bucket["of"]["versioning_enabled"]), (["runs/", "days/"], True))
        feed = aws["buckets"]["shop-1-auto-ep-moa-feed"]
        self.assertEqual((feed["private"], feed["versions"]), ("True\tTrue\tTrue\tTrue", "Enabled"))
        (reader,) = json.loads(feed["policy"])["Statement"]
        self.assertEqual((reader["Action"], reader["Resource"], reader["Condition"]["StringEquals"]["AWS:SourceArn"]), (
            "s3:GetObject", "arn:aws:s3:::shop-1-auto-ep-moa-feed/ep/moa.tsv",
            f"arn:aws:cloudfront::210987654321:distribution/{distribution}"))
        role, arn = aws["roles"]["auto-ep-moa"], "arn:aws:iam::210987654321:role/auto-ep-moa"
        number = state["ids"]["auto-ep-moa-run@shop-1.iam.gserviceaccount.com"]
        self.assertEqual(role["trust"]["Statement"][0]["Condition"], {"StringEquals": {
            "accounts.google.com:aud": number, "accounts.google.com:sub": number, "accounts.google.com:oaud": arn}})
        self.assertEqual(role["trust"]["Statement"][0]["Principal"], {"Federated": "accounts.google.com"})
        self.assertEqual([one["Resource"] for one in role["feed"]["Statement"]], [
            "arn:aws:s3:::shop-1-auto-ep-moa-feed/ep/*", "arn:aws:s3:::shop-1-auto-ep-moa-feed",
            f"arn:aws:cloudfront::210987654321:distribution/{distribution}"])
        self.assertEqual(project.variables(), {
            "STATE_URL": "gs://shop-1-auto-ep-moa-state", "FEED_STORE_URL": "s3://shop-1-auto-ep-moa-feed/ep",
            "FEED_KEY": "moa.tsv", "FEED_URL": f"https://{distribution.lower()}.cloudfront.net/ep/moa.tsv",
            "CLOUDFRONT_DISTRIBUTION_ID": distribution, "AWS_REGION": "ap-northeast-2", "AWS_ROLE_ARN": arn,
            "SLACK_CHANNEL": "C0123ABCDEF", "SERVICE_NAME": "moa EP",
            "CATALOG_PRESET": "", "CATALOG_URL": "", "EP_SHIPPING": "", "EP_MAX_ROWS": ""})

    def test_killed_after_every_single_step_and_run_again_it_ends_the_same_and_makes_nothing_twice(self):
        whole, project = self.project(), self.project()
        whole.setup(GITHUB)
        changes = whole.changes
        killed = project.until_done(lambda kill: project.setup(GITHUB, kill=kill), changes)
        # The settings file is the one step that no call makes.
        self.assertEqual((killed, changes), (changes, project.changes))
        self.assertEqual(without_numbers(project.state), without_numbers(whole.state))
        self.assertEqual({name: re.sub(r"\d{5}", "ID", value) for name, value in project.variables().items()},
                         {name: re.sub(r"\d{5}", "ID", value) for name, value in whole.variables().items()})
        made = [call for call in project.take("calls") if MAKES.match(call)]
        self.assertEqual(len(made), len(set(re.sub(r"\d{5,}", "", call) for call in made)), made)
        self.assertGreater(len(made), 14)
        project.setup(GITHUB, "0 to make")

    def test_a_teardown_leaves_what_was_there_before_whenever_it_is_killed(self):
        project = self.project()
        other = {"accounts": ["else@shop-1.iam.gserviceaccount.com"], "secrets": ["else"], "bindings": {"shop-1": []},
                 "ids": {"else@shop-1.iam.gserviceaccount.com": "7"}}
        project.state = before = EMPTY | other
        project.setup(GITHUB)
        project.put("aws/buckets/shop-1-auto-ep-moa-feed/objects", ["ep/moa.tsv", "ep/builds/1.tsv", "ep/builds/2.tsv"])
        full = project.state
        project.teardown(GITHUB, "not removed", answers="yes\n", exits=1)
        self.assertEqual(project.state, full)
        shown = re.sub(r"\b(1|OAC|E)\d{5,20}\b", "ID", project(f"teardown --dry-run {GITHUB}")).replace(str(project.folder), "/tmp")
        self.assertEqual(shown, (HERE / "golden-teardown.txt").read_text())
        self.assertEqual(project.state, full)
        project.teardown(GITHUB, "not removed", answers="moa\ny\n", exits=1)
        self.assertEqual(list(project.state["buckets"]), ["shop-1-auto-ep-moa-state"], "the data needs a second yes")
        self.assertEqual(len(project.state["aws"]["buckets"]["shop-1-auto-ep-moa-feed"]["objects"]), 3)
        self.assertEqual(project.variables()["AWS_ROLE_ARN"], "")
        project.state = full
        (project.folder / "changes").unlink()
        self.assertGreater(project.until_done(lambda kill: self.down(project, kill), 20), 15)
        after = project.state
        # Google keeps the names of pools for thirty days; APIs stay on.
        self.assertEqual({pool["state"] for pool in after["pools"].values()}, {"DELETED"})
        for name in ("apis", "pools", "made"):
            del after[name], before[name]
        after["bindings"] = {name: bound for name, bound in after["bindings"].items() if bound or name in before["bindings"]}
        self.assertEqual(after, before)
        project.teardown(GITHUB, "nothing to remove", answers="")
        project.setup(GITHUB, "everything is there")
        self.assertEqual({pool["state"] for pool in project.state["pools"].values()}, {"ACTIVE"})

    def down(self, project, kill):
        """Who is asked for the data alone has removed the rest."""
        left = any(project.state[kind] for kind in ("policies", "channels", "metrics")) or project.state["ids"].keys() - {
            "else@shop-1.iam.gserviceaccount.com"}
        return project.teardown(GITHUB, answers="moa\ndelete the data\n" if left else "delete the data\n", kill=kill)

    def test_a_teardown_that_was_broken_off_is_taken_back_by_the_next_setup(self):
        project = self.project()
        project.setup()
        full, env = project.state, (project.folder / ENV).read_text()
        # Somebody waits until the distribution is off everywhere, and thinks better of it.
        project.fault("cloudfront wait", "Waiter DistributionDeployed failed: Max attempts exceeded")
        project.teardown("", "could not be removed", exits=1)
        (distribution,) = project.state["aws"]["distributions"].values()
        self.assertEqual((distribution["Config"]["Enabled"], (project.folder / ENV).read_text()), (False, env))
        project.setup("", "everything is there")
        (distribution,) = project.state["aws"]["distributions"].values()
        self.assertTrue(distribution["Config"]["Enabled"])
        self.assertEqual(list(project.state["buckets"]), list(full["buckets"]))
        project.setup("", "0 to make", answers="")
        project.teardown()
        self.assertEqual(project.state["aws"]["distributions"], {})

    def test_what_is_deployed_is_not_torn_down(self):
        project = self.project()
        project.setup()
        project.put("services/auto-ep-moa", {"status": {"url": "https://x.test"}})
        state = project.state
        project.teardown("", "the service auto-ep-moa is deployed", "gcloud run services delete auto-ep-moa", exits=1)
        self.assertEqual(project.state, state)

    def test_what_the_shops_settings_say_is_taken_and_left(self):
        project = self.project()
        (project.folder / ENV).parent.mkdir(parents=True)
        (project.folder / ENV).write_text(
            'STATE_URL: "gs://ours/moa"\nFEED_STORE_URL: "s3://ours-feed"\nCLOUDFRONT_DISTRIBUTION_ID: "E2QWRUHAPOMQZL"\n'
            'FEED_URL: "https://feed.moa.example/ep.tsv"\nFEED_KEY: "ep.tsv"\nEP_SHIPPING: "3000"\nAWS_REGION: "us-east-1"\n')
        project.setup("", "CloudFront distribution E2QWRUHAPOMQZL: yours, left as it is")
        state = project.state
        self.assertEqual((list(state["aws"]["distributions"]), state["aws"]["buckets"]["ours-feed"]["policy"]), ([], None))
        prefixes = state["buckets"]["ours"]["of"]["lifecycle_config"]["rule"][0]["condition"]["matchesPrefix"]
        self.assertEqual(prefixes, ["moa/runs/", "moa/days/"])
        self.assertEqual(state["aws"]["buckets"]["ours-feed"]["rules"][0]["Filter"], {"Prefix": "builds/"})
        variables = project.variables()
        self.assertEqual((variables["FEED_URL"], variables["EP_SHIPPING"], variables["SLACK_CHANNEL"]),
                         ("https://feed.moa.example/ep.tsv", "3000", "C0123ABCDEF"))
        self.assertIn("E2QWRUHAPOMQZL", json.dumps(state["aws"]["roles"]["auto-ep-moa"]["feed"]))
        project.teardown("", "s3://ours-feed: the feed, in us-east-1: yours, left as it is", answers="moa\n")
        self.assertEqual((list(project.state["buckets"]), list(project.state["aws"]["buckets"])), (["ours"], ["ours-feed"]))

    def test_teardown_leaves_an_account_and_a_secret_that_the_settings_name_otherwise(self):
        project, theirs = self.project(), "theirs@shop-1.iam.gserviceaccount.com"
        project.state = EMPTY | {"accounts": [theirs], "ids": {theirs: "7"}, "secrets": ["bot"], "versions": {"bot": ["xoxb-1"]}}
        flags = f"--service-account={theirs} --secrets=SLACK_BOT_TOKEN=bot:1"
        project.setup(flags, "everything is there", answers="y\n")
        project.teardown(flags, f"{theirs}: who the service is: yours, left as it is", "the secret bot: yours")
        self.assertEqual([project.state[kind] for kind in ("accounts", "secrets", "versions")], [[theirs], ["bot"], {"bot": ["xoxb-1"]}])
        self.assertEqual((project.state["buckets"], project.state["bindings"]["shop-1"]), ({}, []))

    def test_a_shop_moves_to_another_project_with_its_feed_as_the_handbook_says(self):
        project = self.project()
        project.setup()
        aws, before = project.state["aws"], project.variables()
        (project.folder / ENV).write_text(re.sub("^STATE_URL: .*", 'STATE_URL: ""', (project.folder / ENV).read_text(), flags=re.M))
        project.run("deploy/setup.sh", "--project=shop-2", "--check-seconds=0", answers=f"y\n{TOKEN}\n", says=["everything is there"])
        self.assertEqual(project.variables(), before | {"STATE_URL": "gs://shop-2-auto-ep-moa-state"})
        trusted = project.state["ids"]["auto-ep-moa-run@shop-2.iam.gserviceaccount.com"]
        trust = aws["roles"]["auto-ep-moa"]["trust"]["Statement"][0]["Condition"]["StringEquals"]
        trust |= {"accounts.google.com:aud": trusted, "accounts.google.com:sub": trusted}
        self.assertEqual(project.state["aws"], aws, "nothing in AWS but whom the role trusts")

    def test_a_role_that_trusts_an_account_that_is_gone_is_given_the_new_one(self):
        project = self.project()
        project.setup()
        account = "auto-ep-moa-run@shop-1.iam.gserviceaccount.com"
        project.put(f"ids/{account}", "999")
        project.setup("", "aws iam update-assume-role-policy")
        trust = project.state["aws"]["roles"]["auto-ep-moa"]["trust"]["Statement"][0]["Condition"]["StringEquals"]
        self.assertEqual(trust["accounts.google.com:sub"], "999")

    def test_static_keys_are_the_second_best_and_asked_for(self):
        project = self.project()
        project.setup("--secrets=SLACK_BOT_TOKEN=bot:1,AWS_ACCESS_KEY_ID=key-id:1,AWS_SECRET_ACCESS_KEY=key:1",
                      answers="y\nxoxb-1\nAKIA0\nsecret-0\n")
        self.assertEqual(project.state["versions"], {"bot": ["xoxb-1"], "key-id": ["AKIA0"], "key": ["secret-0"]})
        self.assertEqual(project.state["aws"]["roles"], {})

    def test_what_cannot_go_well_is_told_and_the_next_run_goes_on(self):
        for line, says, fault, answers in (
            ("--shop=", "SHOP is not set", None, ""),
            ("--shop=a-very-long-name-of-a-shop", "more than 30 characters", None, ""),
            ("--channel=", "CHANNEL is not set", None, ""),
            ("--channel=ep-feed", "give the channel's id, not its name", None, ""),
            ("--aws-region=ap-northeast-2a", "AWS_REGION is not one: ap-northeast-2a", None, ""),
            ("--github=https://github.com/moa/feed", "give OWNER/REPO", None, ""),
            ("--alert-email=me", "give an e-mail address", None, ""),
            ("", "gs://shop-1-auto-ep-moa-state is somebody else's",
             ("storage buckets describe", "[me@x.test] does not have permission to access b instance [shop-1-auto-ep-moa-state] "
              "(or it may not exist): me@x.test does not have storage.buckets.get access"), ""),
            ("", "gcloud components install alpha beta", ("beta monitoring channels list", "You do not currently have this command "
             "group installed. Using it requires the installation of components: [beta]"), ""),
            ("", "log in: gcloud auth login", ("projects describe", "You do not currently have an active account"), ""),
            ("", "there is no project shop-1", ("projects describe", "NOT_FOUND"), ""),
            ("", "log in: aws configure", ("aws sts", "Unable to locate credentials. You can configure them"), ""),
            ("", "your AWS user needs s3:ListBucket", ("head-bucket", "AccessDenied: not authorized"), ""),
            ("", "somebody else's", ("head-bucket", "An error occurred (403) when calling HeadBucket: Forbidden"), ""),
            ("", "nothing was made", None, "n\n"),
            ("", "no value was given", None, "y\n\n"),
            ("", "that is no bot token", None, "y\nxoxp-wrong\n"),
            ("", "your account needs roles/storage.admin", ("storage buckets create", "PERMISSION_DENIED"), None),
            ("", "your AWS user needs iam:CreateRole", ("iam create-role", "An error occurred (AccessDenied) when calling the "
             "CreateRole operation: User: arn:aws:iam::1:user/x is not authorized to perform: iam:CreateRole on resource: y"), None),
            ("", "AWS verifies a new account", ("cloudfront create-distribution", "An error occurred (AccessDenied) when calling the "
             "CreateDistribution operation: Your account must be verified before you can add new CloudFront resources."), None),
            ("--check-seconds=60", "give the project a billing account", ("services enable", "FAILED_PRECONDITION: Billing account "
             "for project '1' is not found. Billing must be enabled for activation of service(s) to proceed."), None),
        ):
            with self.subTest(says):
                project = self.project()
                if "SHOP" in says or "CHANNEL" in says:
                    (project.folder / "deploy/settings").write_text(re.sub(f"{says.split()[0]}=.*\n", "", FOUR))
                    line = ""
                if fault:
                    project.fault(*fault)
                project.setup(line, says, answers=f"y\n{TOKEN}\n" if answers is None else answers, exits=1)
                if answers == "" or answers == "n\n":
                    self.assertEqual(project.state, EMPTY)
        project.setup("", "everything is there")

    def test_another_project_or_another_account_of_aws_than_the_shops_is_refused_before_anything_changes(self):
        # Else the role, the address and the feed of the shop that runs would become the other one's.
        project = self.project()
        project.setup()
        state, theirs = project.state, "arn:aws:iam::111111111111:role/auto-ep-moa"
        for script in ("setup", "teardown"):
            project.run(f"deploy/{script}.sh", "--project=shop-2", says=["that is the project shop-1, and PROJECT is shop-2"],
                        answers="y\nmoa\n", exits=1)
        written = (project.folder / ENV).read_text()
        (project.folder / ENV).write_text(re.sub("^AWS_ROLE_ARN: .*", f'AWS_ROLE_ARN: "{theirs}"', written, flags=re.M))
        for script in ("setup", "teardown"):
            project(script, "and you are logged in to the AWS account 210987654321", answers="y\nmoa\n", exits=1)
        self.assertEqual(project.state, state)

    def test_what_the_shops_own_settings_say_counts_where_others_say_something_else(self):
        project = self.project()
        (project.folder / ENV).parent.mkdir(parents=True)
        (project.folder / ENV).write_text('AWS_REGION: "us-west-2"\nSLACK_CHANNEL: "C9999999"\nFEED_URL: "https://moa.example/ep.tsv"\n')
        project.setup("--aws-region=eu-west-1", "AWS account 210987654321 (us-west-2)",
                      'CHANNEL is C0123ABCDEF, but deploy/shops/moa/env.yaml has SLACK_CHANNEL: "C9999999", which counts',
                      "AWS_REGION is eu-west-1, but", "FEED_URL is https://moa.example/ep.tsv: see that it leads to")
        self.assertEqual(project.state["aws"]["buckets"]["shop-1-auto-ep-moa-feed"]["region"], "us-west-2")
        state = project.state
        for wrong in ("STATE_URL: \"gs://Our_State\"", "FEED_STORE_URL: \"s3://our feed/ep\"", "FEED_STORE_URL: \"s3://x/ep\""):
            (project.folder / ENV).write_text(f"{wrong}\n")
            project.setup("", "is no name for a bucket", "a-name-of-your-own", answers="", exits=1)
        self.assertEqual(project.state, state)

    def test_without_being_logged_in_the_plan_is_that_of_an_empty_place(self):
        project = self.project()
        project.fault("", "You do not currently have an active account selected.", 99)
        shown = project("setup --plan", "are gcloud and aws logged in?")
        self.assertEqual(shown.count("  + "), project("setup --plan").count("  + "))
        project.fault("", "You do not currently have an active account selected.", 99)
        project("teardown --dry-run", "there may be more")

    def test_the_slack_app_asks_for_what_the_suites_app_has_and_the_link_holds_it(self):
        text = (ROOT / "deploy/slack-app.yaml").read_text()
        scopes = re.findall("^      - (.*)", text, re.M)
        self.assertEqual(scopes, ["chat:write", "channels:history", "groups:history"])
        link = re.search(r"https://api\.slack\.com/apps\S+", self.project().setup())[0]
        query = parse_qs(urlsplit(link).query)
        kept = "".join(line for line in text.splitlines(True) if not line.strip().startswith("#"))
        self.assertEqual((query["new_app"], query["manifest_yaml"][0].strip()), (["1"], kept.strip()))


def own_environment():
    """The AWS CLI without anything of the person's own, and with a moto on loopback in AWS's place."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_DEFAULT_REGION": "us-east-1",
                   "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
                   "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_MAX_ATTEMPTS": "1"}


class SetUpInMoto(SetUp):
    """Google is the stand-in. What the real CLI answers, and what the moto at `url` makes of it, is what the scripts go by."""

    def __init__(self, url):
        super().__init__()
        tools = self.folder / "bin"
        tools.mkdir()
        (tools / "gcloud").symlink_to(FAKE / "gcloud")
        (tools / "aws").symlink_to(TOOLS / "venv/bin/aws")
        self.path = f"{tools}:{self.path.partition(':')[2]}"
        self.environment = own_environment() | {"AWS_ENDPOINT_URL": url}


class SetupWithTheRealAwsCli(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        subprocess.run([ROOT / ".ci/third-party/install"], check=True, capture_output=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        cls.moto = subprocess.Popen([TOOLS / "venv/bin/python", "-m", "moto.server", "-p", str(port)],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.moto.wait)
        cls.addClassCleanup(cls.moto.terminate)
        cls.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                urlopen(f"{cls.url}/moto-api/", timeout=2).close()
                return
            except OSError:
                assert time.monotonic() < deadline and cls.moto.poll() is None, "moto does not answer"
                time.sleep(0.1)

    def project(self):
        project = SetUpInMoto(self.url)
        self.addCleanup(project.close)
        return project

    def aws(self, *words):
        said = subprocess.run([TOOLS / "venv/bin/aws", *words, "--output=json"], check=True, capture_output=True, text=True,
                              env=own_environment() | {"AWS_ENDPOINT_URL": self.url}).stdout
        return json.loads(said or "{}")

    def everything(self):
        distributions = self.aws("cloudfront", "list-distributions").get("DistributionList", {}).get("Items", [])
        controls = self.aws("cloudfront", "list-origin-access-controls").get("OriginAccessControlList", {}).get("Items", [])
        return (self.aws("s3api", "list-buckets")["Buckets"], self.aws("iam", "list-roles")["Roles"], distributions, controls)

    def test_it_makes_and_finds_and_removes_what_it_says(self):
        project, before = self.project(), self.everything()
        self.assertEqual(before, ([], [], [], []))
        project.setup("", "everything is there")
        again = project.setup("", "0 to make", answers="")
        self.assertNotIn("  + ", again)
        feed = "shop-1-auto-ep-moa-feed"
        rules = self.aws("s3api", "get-bucket-lifecycle-configuration", f"--bucket={feed}")["Rules"]
        self.assertEqual({rule["ID"]: (rule["Filter"]["Prefix"], rule["Expiration"]) for rule in rules}, {
            "builds": ("ep/builds/", {"Days": 60}), "old": ("ep/", {"ExpiredObjectDeleteMarker": True})})
        (distribution,) = self.aws("cloudfront", "list-distributions")["DistributionList"]["Items"]
        # That the origin names the control, moto forgets; the stand-in and the CLI's models know.
        (origin,) = distribution["Origins"]["Items"]
        self.assertEqual(origin["DomainName"], f"{feed}.s3.ap-northeast-2.amazonaws.com")
        variables = project.variables()
        self.assertEqual((variables["FEED_URL"], variables["CLOUDFRONT_DISTRIBUTION_ID"]),
                         (f"https://{distribution['DomainName']}/ep/moa.tsv", distribution["Id"]))
        (role,) = self.aws("iam", "list-roles")["Roles"]
        self.assertEqual(variables["AWS_ROLE_ARN"], role["Arn"])

        # What only teardown can undo: several versions of a file, and marks of deleted ones.
        for text in ("one", "two"):
            file = project.folder / text
            file.write_text(text)
            self.aws("s3api", "put-object", f"--bucket={feed}", "--key=ep/moa.tsv", f"--body={file}")
        self.aws("s3api", "delete-object", f"--bucket={feed}", "--key=ep/moa.tsv")
        project.teardown()
        self.assertEqual(self.everything(), before)
        project.teardown("", "nothing to remove", answers="")


class TheAwsCli(unittest.TestCase):
    """After the others, which gather the commands that are run."""

    def test_every_command_and_what_is_in_it_is_in_the_own_tables_of_the_cli(self):
        subprocess.run([ROOT / ".ci/third-party/install"], check=True, capture_output=True)
        project = SetUp()
        self.addCleanup(project.close)
        project.setup()
        project.teardown()
        project.calls()
        commands = [shlex.split(command)[1:] for command in COMMANDS if command.startswith("aws ") and "--" in command]
        made = next(word for words in commands for word in words if word.startswith("--distribution-config={"))
        # Files that are gone: what one held came out of the CLI, the other holds what the distribution was made of.
        inline = {"--delete": '--delete={"Quiet": true, "Objects": [{"Key": "k", "VersionId": "v"}]}', "--distribution-config": made}
        commands = sorted({tuple(inline[word.partition("=")[0]] if "=file://" in word else word for word in words)
                           for words in commands})
        ended = subprocess.run([TOOLS / "venv/bin/python", "-B", HERE / "aws_table.py"], input=json.dumps(commands), text=True,
                               capture_output=True, check=True, env=own_environment())
        self.assertEqual(ended.stdout, "")
        self.assertGreater(len({words[:2] for words in commands}), 25)
