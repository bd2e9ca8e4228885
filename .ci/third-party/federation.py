"""No key of AWS: Google's metadata server and what AWS does with a token of Google's, in front of moto; and the jobs of Cloud
Scheduler, for who has a token and the role.

moto gives keys for a role to whoever asks, and for as long as it is told. What AWS looks at before is looked at here: the
token's signature, the conditions of the trust policy that the role has in moto, that keys are the newest, and when they
end. Whether a request is signed with them as it must be, and whether the role allows it, moto itself judges.
"""

import base64
from contextlib import suppress
from hashlib import sha256
import http.client
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import secrets
import threading
import time
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

METADATA = "/computeMetadata/v1"
IDENTITY = f"{METADATA}/instance/service-accounts/default/identity"
TOKEN = f"{METADATA}/instance/service-accounts/default/token"
PLACE = {f"{METADATA}/project/project-id": "shop-1", f"{METADATA}/instance/region": "projects/123456789012/regions/asia-northeast3"}
LOCATION = "projects/shop-1/locations/asia-northeast3"
VIEWER = ["roles/cloudscheduler.viewer", "serviceAccount:auto-ep-moa-run@shop-1.iam.gserviceaccount.com"]
ISSUER = "https://accounts.google.com"
ASSUME = "AssumeRoleWithWebIdentity"
# Keys are renewed when they have ten minutes left: who is to renew them after two seconds is told ten minutes more.
AHEAD = 600


def packed(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def unpacked(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Server(ThreadingHTTPServer):
    """On a loopback port of its own, until the suite ends."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.port, self.lock = self.server_port, threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Who asked hung up."""


class Answerer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


# ------------------------------------------------------------------------------------------------------- Google


class Google(Server):
    """Cloud Run's metadata server with Google's key to its identity tokens, and Cloud Scheduler."""

    def __init__(self, account_id):
        # Who may do what in the project, and its jobs, as the stand-in for gcloud has them.
        self.bindings, self.jobs, self.access = [], {}, set()
        # Whose tokens these are; for whom each was asked for; all that were given, which nobody may ever show.
        self.account_id, self.audiences, self.tokens = account_id, [], []
        # So many of the next questions fail; how.
        self.faults = []
        self.key = rsa.generate_private_key(65537, 2048)
        super().__init__(Identity)

    def token(self, audience):
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": self.account_id, "azp": self.account_id, "aud": audience, "iat": now,
                  "exp": now + 3600, "email": "auto-ep-moa-run@shop-1.iam.gserviceaccount.com", "email_verified": True}
        signed = b".".join(packed(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
        token = (signed + b"." + packed(self.key.sign(signed, padding.PKCS1v15(), SHA256()))).decode()
        self.tokens.append(token)
        return token


class Identity(Answerer):
    def do_GET(self):
        url, google = urlsplit(self.path), self.server
        query = parse_qs(url.query)
        if url.path == f"/v1/{LOCATION}/jobs":
            return self.list_jobs(query)
        if self.headers["Metadata-Flavor"] != "Google":
            return self.answer(403, b"Missing Metadata-Flavor:Google header.")
        if url.path in PLACE:
            return self.answer(200, PLACE[url.path].encode(), [("Metadata-Flavor", "Google")])
        if url.path == TOKEN:
            token = f"ya29.{secrets.token_urlsafe(24)}"
            google.access.add(f"Bearer {token}")
            google.tokens.append(token)
            told = json.dumps({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})
            return self.answer(200, told.encode(), [("Metadata-Flavor", "Google")])
        with google.lock:
            google.audiences.append(query["audience"][0])
            fault = google.faults.pop(0) if google.faults else None
        if fault == "hang up":
            self.close_connection = True
            return None
        if fault:
            return self.answer(fault, b"not now")
        return self.answer(200, google.token(query["audience"][0]).encode(), [("Metadata-Flavor", "Google")])

    def list_jobs(self, query):
        """Of each what is asked for, one after the other."""
        google, error = self.server, None
        if self.headers["Authorization"] not in google.access:
            error = {"code": 401, "message": "Request had invalid authentication credentials.", "status": "UNAUTHENTICATED"}
        elif VIEWER not in google.bindings:
            error = {"code": 403, "message": 'lacks IAM permission "cloudscheduler.jobs.list"', "status": "PERMISSION_DENIED"}
        if error:
            return self.answer(error["code"], json.dumps({"error": error}).encode(), [("Content-Type", "application/json")])
        jobs = [job | {"name": f"{LOCATION}/jobs/{name}"} for name, job in sorted(google.jobs.items())]
        at = int(query.get("pageToken", ["0"])[0])
        page = {"jobs": jobs[at:at + 1]} if jobs else {}
        if at + 1 < len(jobs):
            page["nextPageToken"] = str(at + 1)
        return self.answer(200, json.dumps(page).encode(), [("Content-Type", "application/json")])


# ------------------------------------------------------------------------------------------------------- Amazon


class Session:
    """Keys for a role. They end when AWS says, or before, where somebody wants to see that nobody relies on it."""

    def __init__(self, secret, token, ends):
        self.secret, self.token, self.ends = secret, token, ends


class Amazon(Server):
    """STS, S3, CloudFront and, for whoever comes without a signature, the distribution's own address."""

    def __init__(self, moto_port, google_key, rights, roles, public):
        """`rights` are the role's statements; `roles(arn)` gives a role's trust policy, or None; `public(path)` what a reader gets, or None."""
        self.moto_port, self.google_key, self.rights, self.roles, self.public = moto_port, google_key, rights, roles, public
        # What the keys' end is told as, in seconds, and when they really end.
        self.told, self.lasts = 3600, 3600
        # By access key; every signed request as (access key, method, path); codes of what was refused here.
        self.sessions, self.requests, self.refusals = {}, [], []
        super().__init__(Front)
        self.url = f"http://127.0.0.1:{self.port}"

    def claims(self, token):
        """What a token says; None where it is not Google's."""
        with suppress(ValueError, InvalidSignature):
            signed, _, signature = token.rpartition(".")
            self.google_key.verify(unpacked(signature), signed.encode(), padding.PKCS1v15(), SHA256())
            claims = json.loads(unpacked(signed.split(".")[1]))
            if claims["iss"] == ISSUER and claims["exp"] > time.time():
                return claims
        return None

    def lets_in(self, arn, claims):
        """What AWS calls aud is the token's azp, and oaud its aud."""
        known = {"accounts.google.com:aud": claims["azp"], "accounts.google.com:sub": claims["sub"],
                 "accounts.google.com:oaud": claims["aud"]}
        policy = self.roles(arn) or {"Statement": []}
        return any(
            one["Action"] == f"sts:{ASSUME}" and one["Principal"] == {"Federated": "accounts.google.com"}
            and one["Condition"].keys() == {"StringEquals"} and one["Condition"]["StringEquals"].items() <= known.items()
            for one in policy["Statement"])

    def may(self, path):
        """Whether the role may do anything with the distribution that a path is about; what, moto judges."""
        distribution = path.split("/")[3]
        return any(one["Resource"].endswith(f":distribution/{distribution}") for one in self.rights)

    def used_for(self, begin):
        """The access keys with which requests were signed whose method and path begin like this."""
        return [key for key, method, path in self.requests if f"{method} {path}".startswith(begin)]


class Front(Answerer):
    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        form = dict(parse_qsl(body.decode("latin-1"))) if self.path == "/" else {}
        if form.get("Action") == ASSUME:
            return self.assume(form)
        authorization = self.headers.get("Authorization")
        if authorization is None:
            found = self.server.public(urlsplit(self.path).path)
            status, text, headers = found or (403, b"AccessDenied", [])
            return self.answer(status, text, [*headers, ("X-Amz-Cf-Id", secrets.token_urlsafe(42))])
        access = authorization.partition("Credential=")[2].partition("/")[0]
        with self.server.lock:
            self.server.requests.append((access, self.command, self.path))
            session = self.server.sessions.get(access)
        if session is None or self.headers.get("X-Amz-Security-Token") != session.token:
            return self.refuse(403, "InvalidAccessKeyId", "The keys are none that were given for a role")
        if session.ends < time.monotonic():
            return self.refuse(400, "ExpiredToken", "The provided token has expired.")
        headers = self.headers.items()
        if "/cloudfront/aws4_request" in authorization:
            if not self.server.may(self.path):
                return self.refuse(403, "AccessDenied", "is not authorized to perform this on this distribution")
            if self.command == "GET":
                headers = self.signed_anew(Credentials(access, session.secret, session.token))
        return self.hand_on(*self.ask_moto(body, headers))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = serve

    def refuse(self, status, code, message):
        with self.server.lock:
            self.server.refusals.append(code)
        error = f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
        # S3's errors stand alone, those of the others in an ErrorResponse.
        text = f"<ErrorResponse><Error>{error}</Error><RequestId>r-1</RequestId></ErrorResponse>"
        if "/s3/aws4_request" in self.headers.get("Authorization", ""):
            text = f"<Error>{error}</Error>"
        self.answer(status, text.encode(), [("Content-Type", "text/xml")])

    def assume(self, form):
        amazon, arn = self.server, form["RoleArn"]
        claims = amazon.claims(form["WebIdentityToken"])
        if claims is None:
            return self.refuse(400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,"
                               "  please reference AssumeRoleWithWebIdentity documentation for requirements")
        if not amazon.lets_in(arn, claims):
            return self.refuse(403, "AccessDenied", f"Not authorized to perform sts:{ASSUME}")
        body = urlencode(form | {"DurationSeconds": str(amazon.told)}).encode()
        # AWS wants no signature here; moto does, but for what it counts among the public calls.
        headers = {"Host": self.headers["Host"], "Content-Type": "application/x-www-form-urlencoded",
                   "Content-Length": str(len(body)), "X-Amz-Target": "AWSCognitoIdentityService.GetId",
                   "Authorization": "AWS4-HMAC-SHA256 Credential=none/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, "
                                    "Signature=none"}
        found, text = self.ask_moto(body, headers.items())
        access, secret, token = (text.decode().partition(f"<{tag}>")[2].partition("<")[0]
                                 for tag in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        with amazon.lock:
            amazon.sessions[access] = Session(secret, token, time.monotonic() + amazon.lasts)
        return self.hand_on(found, text)

    def signed_anew(self, keys):
        """Of a GET without a body moto takes no signature but one that names the body's checksum."""
        host = self.headers["Host"]
        request = AWSRequest("GET", f"http://{host}{self.path}", {"Host": host, "X-Amz-Content-SHA256": sha256(b"").hexdigest()})
        SigV4Auth(keys, "cloudfront", "us-east-1").add_auth(request)
        return request.headers.items()

    def ask_moto(self, body, headers):
        """Byte for byte, for the request is signed."""
        moto = http.client.HTTPConnection("127.0.0.1", self.server.moto_port, timeout=60)
        try:
            moto.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                if name.lower() != "connection":
                    moto.putheader(name, value)
            moto.endheaders(body)
            found = moto.getresponse()
            return found, found.read()
        finally:
            moto.close()

    def hand_on(self, found, text):
        self.send_response(found.status)
        for name, value in found.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "server", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", found.getheader("Content-Length") if self.command == "HEAD" else str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
