#!/usr/bin/env bash
# Puts auto-ep on Cloud Run, from source, or brings what is there up to date; then proves who can call it.
# Safe to run again: Cloud Run makes a new revision, and everything else ends as it was.
# shellcheck source=deploy/lib.sh
. "$(dirname "$0")/lib.sh"

help() {
  cat <<'HELP'
deploy/deploy.sh [--dry-run] [--SETTING=VALUE]...
deploy/deploy.sh --rollback [REVISION]     give the traffic to this revision, or to the ready one before the one that serves

Builds the image from this repository's Dockerfile, deploys it to Cloud Run, sends all traffic to it, and checks that
nobody can call it without a token and that it answers with one. At last the new revision looks at every service with its
own rights (the doctor); where it finds what has to be mended, this ends with an error, though the revision serves.

  --dry-run               print the exact commands, change nothing, call nothing
  --settings FILE         where the settings are (default deploy/settings, which need not exist)
  --help                  this

Settings (NAME=value in the file, --name=value here; what is given here wins):
  --project               the Google Cloud project; required
  --region                asia-northeast3
  --shop                  one of deploy/shops: its folder's name. It decides the next two
  --service               auto-ep; of a shop auto-ep-SHOP
  --service-account       who the service is; auto-ep-run@PROJECT.iam.gserviceaccount.com
  --build-account         who builds the image; of a shop auto-ep-SHOP-build@PROJECT.iam.gserviceaccount.com, else, and with
                          `default`, the project's own account for builds
  --env-file              env.yaml; of a shop deploy/shops/SHOP/env.yaml. A map.json beside it goes with it as CATALOG_MAP
  --secrets               VARIABLE=secret:version,... from Secret Manager; the Slack token and the AWS key
  --memory --cpu --execution-environment --concurrency
                          128Mi, 1, gen1, 80: the smallest that the measured peak allows
  --labels                app=auto-ep; in a git checkout the commit is added
  --check-seconds         how long to wait for the checks at the end; 90
  --token-account         as which service account they call; whoever is logged in
HELP
}

main() {
  local rollback=no revision=
  while [ $# -gt 0 ]; do
    case $1 in
      --rollback)
        rollback=yes && shift
        case ${1:--} in -*) ;; *) revision=$1 && shift ;; esac
        ;;
      *) common_flag "$@" && shift "$USED" ;;
    esac
  done
  enter_repository
  load_settings
  if [ "$rollback" = yes ]; then
    roll_back "$revision"
    return 0
  fi
  check_size
  check_env_file
  check_needed
  if [ "$DRY_RUN" = no ]; then
    need_tools gcloud curl
    check_prerequisites
  else
    note "dry run: these commands, in the repository's top folder"
  fi
  add_settings
  deploy
  send_traffic_to_newest
  check_who_can_call
  ask_doctor
  note ""
  note "next: deploy/schedule.sh${SHOP:+ --shop=$SHOP} keeps the Scheduler's jobs; deploy/README.md, \"To the first thread\", says how to go on"
}

# What Cloud Run would refuse at the end of a long build is refused here.
check_size() {
  must_match MEMORY '[1-9][0-9]*(Mi|Gi)' "write it like 128Mi or 1Gi"
  must_match CONCURRENCY '[1-9][0-9]{0,3}' "give a number up to 1000"
  case $MEMORY in *Mi) if [ "${MEMORY%Mi}" -lt 128 ]; then die "Cloud Run gives 128Mi of memory or more, not $MEMORY" "set MEMORY=128Mi"; fi ;; esac
  case $EXECUTION_ENVIRONMENT in
    gen1) ;;
    gen2) case $MEMORY in
      *Gi) ;;
      *Mi) if [ "${MEMORY%Mi}" -lt 512 ]; then
        die "the second generation needs 512Mi of memory or more, not $MEMORY" "set MEMORY=512Mi, or EXECUTION_ENVIRONMENT=gen1"
      fi ;;
    esac ;;
    *) die "EXECUTION_ENVIRONMENT is $EXECUTION_ENVIRONMENT" "set it to gen1 or gen2" ;;
  esac
  case $CPU:$CONCURRENCY in
    0.*:1) ;;
    0.*) die "Cloud Run takes $CPU CPU only with a concurrency of 1" \
      "set CPU=1: with a concurrency of 1 a second caller is refused instead of joining the run" ;;
  esac
}

# So is what the service would refuse to start without; all else that it reads, check-config tells.
check_needed() {
  local name missing=
  for name in STATE_URL FEED_STORE_URL FEED_URL SLACK_CHANNEL EP_SHIPPING EP_MAX_ROWS; do
    if [ -z "$(env_value $name)" ]; then missing="$missing $name"; fi
  done
  if [ -z "$(env_value CATALOG_PRESET)" ] && [ ! -f "$(dirname "$ENV_FILE")/map.json" ] && ! grep -qE "^CATALOG_MAP: (\"[^\"]|')" "$ENV_FILE"; then
    missing="$missing CATALOG_PRESET"
  fi
  if [ -z "$missing" ]; then return 0; fi
  if [ "$DRY_RUN" = yes ]; then note "$ENV_FILE does not say$missing: the real run stops here" && return 0; fi
  die "$ENV_FILE does not say$missing, and the service does not start without" \
    "fill them in: env.yaml in the top folder explains each; then look: cargo run -- check-config $ENV_FILE"
}

# The build takes a quarter of an hour; what is missing is better said before it. What cannot be seen with the
# deployer's roles is left for Cloud Run itself to judge.
check_prerequisites() {
  local secret name
  for secret in $(printf %s "$SECRETS" | tr ',' ' '); do
    name=${secret#*=} name=${name%%:*}
    if ! ask gcloud secrets describe "$name" --project="$PROJECT" --format='value(name)'; then
      if complained_of absent; then
        die "there is no secret $name in $PROJECT (for ${secret%%=*})" \
          "make it: printf %s \"\$VALUE\" | gcloud secrets create $name --data-file=- --project=$PROJECT" \
          "or name another one with SECRETS in deploy/settings"
      elif complained_of login || complained_of disabled; then
        show_complaint
        die "the secrets of $PROJECT cannot be read" "$(advice secretmanager.googleapis.com roles/secretmanager.viewer)"
      fi
    fi
  done
  if ! ask gcloud iam service-accounts describe "$SERVICE_ACCOUNT" --project="$PROJECT" --format='value(email)' &&
    complained_of absent; then
    die "there is no service account $SERVICE_ACCOUNT" \
      "make it: gcloud iam service-accounts create ${SERVICE_ACCOUNT%%@*} --project=$PROJECT" \
      "then give it the roles of \"Who needs which role\" in deploy/README.md" \
      "or name another one with SERVICE_ACCOUNT in deploy/settings"
  fi
  if [ -n "$BUILD_ACCOUNT" ] &&
    ! ask gcloud iam service-accounts describe "$BUILD_ACCOUNT" --project="$PROJECT" --format='value(email)' &&
    complained_of absent; then
    die "there is no service account $BUILD_ACCOUNT, which is to build the image" \
      "make it, with its role: deploy/setup.sh${SHOP:+ --shop=$SHOP}" \
      "or have the project's own account for builds do it: BUILD_ACCOUNT=default in deploy/settings"
  fi
}

# The commit that runs can be read off each revision. Outside a git checkout there is none to name.
commit_label() {
  local commit
  commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || return 0
  if [ -n "$(git status --porcelain 2>/dev/null)" ]; then commit=$commit-changed; fi
  printf ',commit=%s' "$commit"
}

deploy() {
  local -a build_account=()
  if [ -n "$BUILD_ACCOUNT" ]; then
    build_account=(--build-service-account="projects/$PROJECT/serviceAccounts/$BUILD_ACCOUNT")
  fi
  note ""
  if [ -f Dockerfile ] && grep '^FROM ' Dockerfile | grep -v '^FROM scratch$' | grep -qv '@sha256:'; then
    note "the Dockerfile names its base image by a tag, which may come to mean another one: deploy/pin.sh pins it"
  fi
  note "build the image and deploy it"
  # - max-instances: one day's thread is told by one voice; a second instance would only wait for the first.
  # - concurrency: a second delivery of a tick joins the running one in the same process, so it must be let in.
  # - timeout: see the nesting of the deadlines in lib.sh.
  # - cpu-throttling: all work happens inside a request, so nothing is paid for between them.
  # - no-cpu-boost: the service is ready in milliseconds; the boost would only be paid for.
  # - startup-probe: /health answers from memory; 30 tries, a second apart, are plenty.
  run gcloud run deploy "$SERVICE" \
    --source=. \
    --project="$PROJECT" \
    --region="$REGION" \
    --service-account="$SERVICE_ACCOUNT" \
    ${build_account[@]+"${build_account[@]}"} \
    --no-allow-unauthenticated \
    --env-vars-file="$ENV_VARS" \
    --set-secrets="$SECRETS" \
    --execution-environment="$EXECUTION_ENVIRONMENT" \
    --memory="$MEMORY" \
    --cpu="$CPU" \
    --cpu-throttling \
    --no-cpu-boost \
    --max-instances=1 \
    --concurrency="$CONCURRENCY" \
    --timeout="${REQUEST_TIMEOUT_S}s" \
    --port=8080 \
    --startup-probe=httpGet.path=/health,httpGet.port=8080,periodSeconds=1,timeoutSeconds=1,failureThreshold=30 \
    --labels="$LABELS$(commit_label)" \
    --quiet ||
    die "the deployment failed; the revision that served before still serves" \
      "a failed build: open the log whose address stands above" \
      "a build that may not read its source or store its image: who builds needs roles/run.builder on the project; that is ${BUILD_ACCOUNT:-the account that this names: gcloud builds get-default-service-account --project=$PROJECT --region=$REGION}" \
      "a revision that is not ready: its log names each variable that is missing or wrong:" \
      "  gcloud run services logs read $SERVICE --project=$PROJECT --region=$REGION --limit=20" \
      "permission denied on a secret: $SERVICE_ACCOUNT needs roles/secretmanager.secretAccessor on it" \
      "permission denied otherwise: see \"Who needs which role\" in deploy/README.md" \
      "then run this again: nothing has to be cleaned up"
  if [ "$DRY_RUN" = no ]; then tell_image; fi
}

# What the build gave is deployed by its digest, so that a revision is for ever what it was when it was tried.
tell_image() {
  ask gcloud run services describe "$SERVICE" --project="$PROJECT" --region="$REGION" \
    --format='value(spec.template.spec.containers[0].image)' || return 0
  case $ANSWER in
    *@sha256:*) say "deployed: $ANSWER" ;;
    *) warn "the image is deployed by its name alone, $ANSWER: a newer gcloud deploys what it built by its digest" ;;
  esac
}

# Back to an earlier revision: at once, without a build, settings and secrets as they were then. Who names none gets the
# newest ready one that is older than the one that serves.
roll_back() {
  local revision=$1 serving line
  need_tools gcloud curl
  if [ -z "$revision" ]; then
    ask gcloud run services describe "$SERVICE" --project="$PROJECT" --region="$REGION" \
      --flatten='status.traffic[]' --format='value[separator=" "](status.traffic.percent,status.traffic.revisionName)' ||
      { show_complaint && die "the deployed service cannot be read" "$(advice run.googleapis.com roles/run.viewer)"; }
    serving=$(sed -n 's/^100 //p' <<<"$ANSWER")
    ask gcloud run revisions list --service="$SERVICE" --project="$PROJECT" --region="$REGION" \
      --sort-by='~metadata.creationTimestamp' --format='value[separator=" "](metadata.name,status.conditions[0].status)' ||
      { show_complaint && die "the revisions cannot be read" "$(advice run.googleapis.com roles/run.viewer)"; }
    while IFS= read -r line; do
      if [ -z "$serving" ] && [ "${line#* }" = True ]; then revision=${line%% *} && break; fi
      if [ "${line%% *}" = "$serving" ]; then serving=; fi
    done <<EOF_REVISIONS
$ANSWER
EOF_REVISIONS
    if [ -z "$revision" ]; then
      die "there is no earlier revision of $SERVICE that is ready" "name one: deploy/deploy.sh --rollback REVISION; gcloud run revisions list --service=$SERVICE --project=$PROJECT --region=$REGION shows them"
    fi
  fi
  note "the traffic goes to $revision; the next deploy/deploy.sh gives it to the newest one again"
  run gcloud run services update-traffic "$SERVICE" --to-revisions="$revision=100" --project="$PROJECT" --region="$REGION" --quiet ||
    die "the traffic could not be moved" "is there such a revision? gcloud run revisions list --service=$SERVICE --project=$PROJECT --region=$REGION"
  check_who_can_call
}

# After a rollback the traffic stays pinned to the old revision, and a new one would get none of it.
send_traffic_to_newest() {
  if [ "$DRY_RUN" = yes ]; then
    note ""
    note "only when an earlier rollback has pinned the traffic to a revision"
  else
    # One line for each target: "True 100" is all there is when the newest revision gets everything.
    ask gcloud run services describe "$SERVICE" --project="$PROJECT" --region="$REGION" \
      --flatten='spec.traffic[]' --format='value[separator=" "](spec.traffic.latestRevision,spec.traffic.percent)' ||
      { show_complaint && die "the deployed service cannot be read" "$(advice run.googleapis.com roles/run.viewer)"; }
    if grep -qx 'True 100' <<<"$ANSWER"; then return 0; fi
    note ""
    note "the traffic was pinned by a rollback; it goes to the newest revision again"
  fi
  run gcloud run services update-traffic "$SERVICE" --to-latest --project="$PROJECT" --region="$REGION" --quiet ||
    die "the new revision is deployed, but gets no traffic" "run the command above by hand, or this script again"
}

# ---------------------------------------------------------------------------------------------- who can call

check_who_can_call() {
  note ""
  note "check: nobody can call it without a token, and it answers with one"
  if [ "$DRY_RUN" = yes ]; then
    say "URL=\$(gcloud run services describe $(quote "$SERVICE") --project=$(quote "$PROJECT") --region=$(quote "$REGION") --format='value(status.url)')"
    say "curl -sS -o /dev/null -w '%{http_code}' --max-time 30 \"\$URL/health\"   # must print 403"
    say "gcloud auth print-identity-token | sed 's/^/Authorization: Bearer /' |"
    say "  curl -sS -o /dev/null -w '%{http_code}' --max-time 30 -H @- \"\$URL/health\"   # must print 200"
    return 0
  fi
  ask gcloud run services describe "$SERVICE" --project="$PROJECT" --region="$REGION" --format='value(status.url)' ||
    { show_complaint && die "the deployed service cannot be read" "$(advice run.googleapis.com roles/run.viewer)"; }
  URL=$ANSWER
  say "$URL"

  # Both are tried for a while: permissions spread over Google's front ends within a minute or so.
  if ! answers 403 call_without_token; then
    if [ "$CODE" = 200 ]; then
      die "ANYBODY can call the service: without a token it answers 200, not 403" \
        "close it: gcloud run services remove-iam-policy-binding $SERVICE --member=allUsers --role=roles/run.invoker --project=$PROJECT --region=$REGION" \
        "if that finds nothing, the role was given for the whole project, or the check of callers was switched off: gcloud run services update $SERVICE --invoker-iam-check --project=$PROJECT --region=$REGION"
    fi
    die "without a token $URL/health answers $CODE, not 403" \
      "000 means that it was not reached: is there a proxy or a firewall between here and Google?" \
      "404 means that the service takes no calls from the internet: --ingress must be all, which is the default"
  fi
  say "without a token: 403, as it must be"

  get_token
  if ! answers 200 call_with_token; then
    case $CODE in
      401 | 403) die "with your token $URL/health answers $CODE, not 200" \
        "the service is deployed; only your account may not call it yet. Give it the role, then run this again:" \
        "  gcloud run services add-iam-policy-binding $SERVICE --member=user:YOU@EXAMPLE.COM --role=roles/run.invoker --project=$PROJECT --region=$REGION" ;;
      *) die "with your token $URL/health answers $CODE, not 200" \
        "its log says why: gcloud run services logs read $SERVICE --project=$PROJECT --region=$REGION --limit=20" ;;
    esac
  fi
  say "with your token: 200, it serves"
}

# answers CODE COMMAND: does the command get this status within CHECK_SECONDS? CODE holds the last one.
CODE=000
answers() {
  local deadline=$((SECONDS + CHECK_SECONDS))
  while :; do
    CODE=$("$2" 2>"$SCRATCH/complaint") || true
    CODE=${CODE:-000}
    if [ "$CODE" = "$1" ]; then return 0; fi
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 3
  done
}

call_without_token() { curl -sS -o /dev/null -w '%{http_code}' --max-time 30 "$URL/health"; }

# The token goes in through standard input: on the command line everybody on this machine could read it.
call_with_token() {
  printf 'Authorization: Bearer %s\n' "$TOKEN" |
    curl -sS -o /dev/null -w '%{http_code}' --max-time 30 -H @- "$URL/health"
}

# ------------------------------------------------------------------------------------------------------ the doctor

# As the service itself, with its own account and role. Of what it says the table is shown, and no details.
ask_doctor() {
  note ""
  note "the doctor: the new revision looks at every service with the rights it needs"
  if [ "$DRY_RUN" = yes ]; then
    say "gcloud auth print-identity-token | sed 's/^/Authorization: Bearer /' |"
    say "  curl -sS --max-time 300 -H @- -H 'Accept: text/plain' -d '' \"\$URL/create-thread?doctor=true\"   # must show no ✗"
    return 0
  fi
  CODE=$(call_doctor 2>"$SCRATCH/complaint") || true
  local table
  table=$(grep -E '^(✓|!|✗|  +→) ' "$SCRATCH/doctor") || true
  case ${CODE:-000}:$table in
    200:?*) say "$table" ;;
    503:?*)
      say "$table"
      die "the new revision serves, but the doctor found what has to be mended" \
        "each ✗ above says how, in the line below it; then ask it again: deploy/README.md, \"The doctor\""
      ;;
    503:) say "a run is at work, so it looked at nothing; ask it later: deploy/README.md, \"The doctor\"" ;;
    *)
      show_complaint
      die "the doctor answers ${CODE:-000}, not 200" \
        "the new revision serves; its log says why: gcloud run services logs read $SERVICE --project=$PROJECT --region=$REGION --limit=20"
      ;;
  esac
}

call_doctor() {
  : >"$SCRATCH/doctor"
  printf 'Authorization: Bearer %s\n' "$TOKEN" |
    curl -sS -o "$SCRATCH/doctor" -w '%{http_code}' --max-time 300 -H @- -H 'Accept: text/plain' -d '' \
      "$URL/create-thread?doctor=true"
}

# ------------------------------------------------------------------------------------------------------- the token

# A service account's token must name whom it is for; a person's cannot, and Cloud Run takes it without. Who is logged in by
# federation gets none, but may have one made for the account that it acts for.
get_token() {
  if [ -n "$TOKEN_ACCOUNT" ] &&
    ask gcloud auth print-identity-token --impersonate-service-account="$TOKEN_ACCOUNT" --audiences="$URL" --include-email; then
    TOKEN=$ANSWER
    return 0
  fi
  if ask gcloud auth print-identity-token --audiences="$URL" || ask gcloud auth print-identity-token; then
    TOKEN=$ANSWER
    return 0
  fi
  show_complaint
  die "gcloud gives no identity token, so the authenticated call cannot be checked" \
    "the service is deployed; only this check is missing. Log in, then run this again: gcloud auth login"
}

main "$@"
