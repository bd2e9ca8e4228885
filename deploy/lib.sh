# shellcheck shell=bash disable=SC2034  # what is set here is used by the scripts that source it
# What all scripts of this folder share: the settings, env.yaml, showing and running commands, failing with advice.
# It is sourced, never run, and changes nothing by itself.
#
# Kept to what bash 3.2 knows, because that is what macOS ships: no associative arrays, no mapfile, no ${x,,},
# and an array that may be empty is written ${a[@]+"${a[@]}"}.

set -euo pipefail
# A schedule is full of `*`; it must never turn into file names.
set -f

ME=$(basename "$0")
START_DIR=$PWD

# Cloud Run ends a request after this many seconds. The three deadlines nest, each leaving room for the one inside:
# the service's own (DEADLINE, 840 s) < Cloud Run's (900 s) < one attempt of the Scheduler (960 s).
REQUEST_TIMEOUT_S=900
ATTEMPT_DEADLINE_S=960

# Every setting that a file or a flag may give. NAME in the file is --name on the command line.
SETTINGS="PROJECT REGION SHOP CHANNEL AWS_REGION ALERT_EMAIL GITHUB SERVICE SERVICE_ACCOUNT SCHEDULER_ACCOUNT \
BUILD_ACCOUNT ENV_FILE SECRETS MEMORY CPU EXECUTION_ENVIRONMENT CONCURRENCY LABELS CHECK_SECONDS TOKEN_ACCOUNT"

DRY_RUN=no
SETTINGS_FILE=
# Whether AWS knows the service by a role, whatever the settings file says yet.
WITH_ROLE=no

# ---------------------------------------------------------------------------------------------- talking

say() { printf '%s\n' "$*"; }

# In a dry run everything that is not a command is a comment, so that the output can be pasted into a shell.
note() {
  if [ "$DRY_RUN" = yes ] && [ -n "$*" ]; then printf '# %s\n' "$*"; else printf '%s\n' "$*"; fi
}

warn() { printf '%s: warning: %s\n' "$ME" "$*" >&2; }

# die WHAT_WENT_WRONG [WHAT_TO_DO]...: no failure without advice.
die() {
  printf '%s: %s\n' "$ME" "$1" >&2
  shift
  local line
  for line in "$@"; do
    if [ -n "$line" ]; then printf '  -> %s\n' "$line" >&2; fi
  done
  exit 1
}

usage_error() {
  printf '%s: %s\n  -> %s --help lists what it takes\n' "$ME" "$1" "$ME" >&2
  exit 2
}

# ---------------------------------------------------------------------------------------------- commands

# A word as a shell would need it. Not printf %q: that one is written differently by every bash.
quote() {
  local LC_ALL=C
  case $1 in
    '' | *[!A-Za-z0-9_./:=@%,+-]*) printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf %s "$1" ;;
  esac
}

# Words as a shell would need them.
quote_all() {
  local word line=
  for word in "$@"; do line="$line${line:+ }$(quote "$word")"; done
  printf %s "$line"
}

# The command as it will be run, ready to be pasted: one flag a line.
show() {
  local word line=
  for word in "$@"; do
    case $word in
      --*=*) line="$line \\
  ${word%%=*}=$(quote "${word#*=}")" ;;
      --*) line="$line \\
  $word" ;;
      *) line="$line${line:+ }$(quote "$word")" ;;
    esac
  done
  printf '%s\n' "$line"
}

# Shows a command that changes something, and runs it unless this is a dry run.
# Its input is closed: a command that asks a question must fail rather than wait for ever.
run() {
  show "$@"
  if [ "$DRY_RUN" = yes ]; then return 0; fi
  "$@" </dev/null
}

# Runs a command that only reads. Its output is in ANSWER, what it complained of in COMPLAINT.
ANSWER=
COMPLAINT=
ask() {
  local status=0
  ANSWER=$("$@" 2>"$SCRATCH/complaint" </dev/null) || status=$?
  COMPLAINT=$(<"$SCRATCH/complaint")
  return "$status"
}

# What the complaint of a failed command comes from. The patterns are gcloud's and the AWS CLI's own words, in whatever case.
# (Where `grep -q` stands it reads a string, not a pipe: it leaves at the first match, and with pipefail a writer cut short
# would count as no match.)
complained_of() {
  local words found=1
  case $1 in
    absent) words="NOT_FOUND|not found|cannot find|can(not|'t)? be found|could not be found|does not exist|NoSuch" ;;
    denied) words='PERMISSION_DENIED|permission|forbidden|\[403\]|AccessDenied|not authorized' ;;
    login) words='active account|auth login|reauth|invalid_grant|refreshing|locate credentials|config profile|ExpiredToken|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|UnrecognizedClient|token has expired|sso login|sso session' ;;
    billing) words='billing account|billing must be enabled|billing is disabled|billing to be enabled' ;;
    unverified) words='account must be verified' ;;
    component) words='command group installed|installation of components' ;;
    disabled) words='SERVICE_DISABLED|has not been used in project|is not enabled|not enabled on project' ;;
    *) return 1 ;;
  esac
  shopt -s nocasematch
  if [[ $COMPLAINT =~ $words ]]; then found=0; fi
  shopt -u nocasematch
  return "$found"
}

# advice API ROLE: what to do about the last complaint, where the API and the role are those that the command needs.
advice() {
  if complained_of login; then
    say "log in: gcloud auth login"
  elif complained_of disabled; then
    say "switch the API on: gcloud services enable $1 --project=$PROJECT"
  elif complained_of denied; then
    say "your account needs $2 (see \"Who needs which role\" in deploy/README.md)"
  else
    say "read what gcloud said above; run this again when it is mended"
  fi
}

# Shows a complaint, indented, as the evidence for the die that follows.
show_complaint() { printf '%s\n' "$COMPLAINT" | sed 's/^/  it said: /' >&2; }

need_tools() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 && continue
    case $tool in
      gcloud) die "gcloud is not installed, or not on the PATH" \
        "install the Google Cloud CLI (https://cloud.google.com/sdk/docs/install), then: gcloud auth login" ;;
      aws) die "the AWS CLI is not installed, or not on the PATH" \
        "install it (https://docs.aws.amazon.com/cli/), then: aws configure, or aws sso login" ;;
      *) die "$tool is not installed, or not on the PATH" "install $tool with your system's package manager" ;;
    esac
  done
}

# ---------------------------------------------------------------------------------------------- settings

known_setting() {
  case " $SETTINGS " in *" $1 "*) return 0 ;; esac
  return 1
}

# A file that the caller named is meant from where the caller stands; the scripts work in the repository's top folder.
from_start_dir() {
  case $1 in /*) printf %s "$1" ;; *) printf %s "$START_DIR/$1" ;; esac
}

# setting_flag WORD [NEXT]: takes `--name=value` or `--name value` of a setting; USED says how many words that was.
USED=0
setting_flag() {
  local flag=${1%%=*} name value
  case $flag in --?*) ;; *) return 1 ;; esac
  name=$(printf %s "${flag#--}" | tr 'a-z-' 'A-Z_')
  if [ "$name" != SETTINGS ] && ! known_setting "$name"; then return 1; fi
  case $1 in
    *=*) value=${1#*=} USED=1 ;;
    *)
      if [ $# -lt 2 ]; then usage_error "$flag needs a value"; fi
      value=$2 USED=2
      ;;
  esac
  case $name in
    SETTINGS) SETTINGS_FILE=$(from_start_dir "$value") ;;
    ENV_FILE) FLAG_ENV_FILE=$(from_start_dir "$value") ;;
    *) printf -v "FLAG_$name" %s "$value" ;;
  esac
}

# common_flag WORD [NEXT]: a flag that all scripts take, or a mistake; USED says how many words that was.
common_flag() {
  case $1 in
    --dry-run) DRY_RUN=yes USED=1 ;;
    --help | -h) help && exit 0 ;;
    *) setting_flag "$@" || usage_error "unknown option: $1" ;;
  esac
}

# Defaults, then the file, then the flags. The file is read, not sourced: it can hold values only, never commands.
load_settings() {
  local name line number=0 value flag
  REGION=asia-northeast3
  SHOP='' SERVICE=auto-ep ENV_FILE=env.yaml
  SECRETS='' CHANNEL='' AWS_REGION='' ALERT_EMAIL='' GITHUB='' TOKEN_ACCOUNT=''
  # One full CPU because Cloud Run allows less only with a concurrency of 1, and callers that join a run must get in.
  # 128 MiB is the least that goes with it, and only in the first generation (the second starts at 512 MiB). The
  # service's budget is 64 MiB up to a million products: half of it.
  MEMORY=128Mi CPU=1 EXECUTION_ENVIRONMENT=gen1
  CONCURRENCY=80
  LABELS=app=auto-ep
  CHECK_SECONDS=90
  PROJECT='' SERVICE_ACCOUNT='' SCHEDULER_ACCOUNT='' BUILD_ACCOUNT=''

  if [ -z "$SETTINGS_FILE" ]; then
    if [ -f deploy/settings ]; then SETTINGS_FILE=deploy/settings; fi
  elif [ ! -f "$SETTINGS_FILE" ]; then
    die "there is no settings file $SETTINGS_FILE" "copy the sample: cp deploy/settings.sample deploy/settings"
  fi
  if [ -n "$SETTINGS_FILE" ]; then
    while IFS= read -r line || [ -n "$line" ]; do
      number=$((number + 1))
      # What editors of Windows leave at the beginning of a file and at the end of a line, and nobody sees.
      line=${line#$'\xef\xbb\xbf'} line=${line%$'\r'}
      case $line in '' | '#'*) continue ;; esac
      name=${line%%=*} value=${line#*=}
      if [ "$name" = "$line" ] || ! known_setting "$name"; then
        die "$SETTINGS_FILE, line $number is not a setting: $line" \
          "write NAME=value without spaces around the =; the names are: $SETTINGS"
      fi
      # A blank at the end, which nobody sees, belongs to no name.
      value=${value%"${value##*[![:space:]]}"}
      case $value in \"*\" | \'*\') value=${value#?} value=${value%?} ;; esac
      # An empty value leaves the default, so that the sample can name a setting without giving it.
      if [ -n "$value" ]; then printf -v "$name" %s "$value"; fi
    done <"$SETTINGS_FILE"
  fi
  for name in $SETTINGS; do
    flag=FLAG_$name
    if [ -n "${!flag:-}" ]; then printf -v "$name" %s "${!flag}"; fi
  done

  if [ -z "$PROJECT" ]; then
    # On purpose not taken from gcloud's configuration: whichever project somebody looked at last is no target.
    die "PROJECT is not set" "cp deploy/settings.sample deploy/settings and fill it in, or give --project"
  fi
  # Accounts, buckets and addresses are named after these: a wrong one would be found out by the tenth of them.
  must_match PROJECT '[a-z][a-z0-9.:-]*[a-z0-9]' "give the project's id, neither its name nor its number: gcloud projects list shows it"
  must_match REGION '[a-z]+-[a-z]+[0-9]+' "give a region of Google Cloud like asia-northeast3, no zone of one"
  if [ -n "$SHOP" ]; then
    case $SHOP in
      *[!a-z0-9-]*) die "SHOP is not a name: $SHOP" "use small letters, digits and hyphens: deploy/shops/$SHOP is its folder" ;;
    esac
    # What stands in the settings file is the first shop's; only a flag says otherwise.
    SERVICE=${FLAG_SERVICE:-auto-ep-$SHOP}
    ENV_FILE=${FLAG_ENV_FILE:-deploy/shops/$SHOP/env.yaml}
  fi
  # Each shop has accounts and secrets of its own: none of them can touch another's state, feed or thread.
  SERVICE_ACCOUNT=${SERVICE_ACCOUNT:-$SERVICE-run@$PROJECT.iam.gserviceaccount.com}
  SCHEDULER_ACCOUNT=${SCHEDULER_ACCOUNT:-$SERVICE-scheduler@$PROJECT.iam.gserviceaccount.com}
  # The project's own account for builds may do nothing in a new project, and in an old one nearly everything.
  if [ -n "$SHOP" ]; then BUILD_ACCOUNT=${BUILD_ACCOUNT:-$SERVICE-build@$PROJECT.iam.gserviceaccount.com}; fi
  if [ "$BUILD_ACCOUNT" = default ]; then BUILD_ACCOUNT=; fi
  DEPLOYER=$SERVICE-deploy@$PROJECT.iam.gserviceaccount.com
  if [ -z "$SECRETS" ]; then
    SECRETS=SLACK_BOT_TOKEN=$SERVICE-slack-bot-token:latest
    # A role in AWS needs no key.
    if [ "$WITH_ROLE" = no ] && [ -z "$(env_value AWS_ROLE_ARN)" ]; then
      SECRETS=$SECRETS,AWS_ACCESS_KEY_ID=$SERVICE-aws-access-key-id:latest
      SECRETS=$SECRETS,AWS_SECRET_ACCESS_KEY=$SERVICE-aws-secret-access-key:latest
    fi
  fi
  case $SERVICE in
    [a-z]*) case $SERVICE in *[!a-z0-9-]* | *-) SERVICE=bad/ ;; esac ;;
    *) SERVICE=bad/ ;;
  esac
  if [ "$SERVICE" = bad/ ] || [ "${#SERVICE}" -gt 49 ]; then
    die "SERVICE is not a name that Cloud Run takes" \
      "use at most 49 small letters, digits and hyphens, the first a letter, the last no hyphen"
  fi
  case $CHECK_SECONDS in *[!0-9]*) die "CHECK_SECONDS is not a number: $CHECK_SECONDS" "give seconds, like 90" ;; esac
}

# must_match SETTING PATTERN WHAT_TO_DO: the whole value is of this form.
must_match() {
  if [[ ${!1} =~ ^($2)$ ]]; then return 0; fi
  die "$1 is not one: ${!1}" "$3"
}

# ---------------------------------------------------------------------------------------------- env.yaml

# env_value NAME: the value that the service gets, empty when the file has none. Only flat `NAME: "value"` lines count;
# check_env_file has made sure that there are no others but JSON in single quotes, which no script reads.
env_value() {
  if [ ! -f "$ENV_FILE" ]; then return 0; fi
  sed -n "s/^$1: \"\\([^\"]*\\)\"[[:space:]]*\\(#.*\\)\\{0,1\\}\$/\\1/p" "$ENV_FILE" | tail -n 1
}

# The file is checked before the build rather than after it: a build takes a quarter of an hour.
check_env_file() {
  local line number=0 name seen=' ' secret
  local form='^[A-Z][A-Z0-9_]*: ("[^"\]*"|'\''\{([^'\'']|'\'\'')*'\'')[[:space:]]*(#.*)?$'
  if [ ! -f "$ENV_FILE" ]; then
    if [ -n "$SHOP" ] && [ -z "${FLAG_ENV_FILE:-}" ]; then
      die "there is no $ENV_FILE" "deploy/setup.sh --shop=$SHOP makes it; those that are there: $(shops)"
    fi
    die "there is no $ENV_FILE" "it belongs into the repository's top folder; ENV_FILE, --env-file or --shop names another"
  fi
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in '' | '#'*) continue ;; esac
    if ! [[ $line =~ $form ]]; then
      die "$ENV_FILE, line $number is not of the form NAME: \"value\"; it begins with \"${line%%[!A-Za-z0-9_]*}\"" \
        "write the name in capitals, a colon, a space and the value in double quotes, without \" or \\ inside; JSON in single quotes, a ' inside doubled"
    fi
    name=${line%%:*}
    case $seen in
      *" $name "*) die "$ENV_FILE, line $number gives $name a second time" "keep one of the two lines" ;;
    esac
    seen="$seen$name "
    case $name in
      PORT | K_*) die "$ENV_FILE, line $number: $name is reserved by Cloud Run, which sets it itself" "remove the line" ;;
    esac
    case ",$SECRETS,AWS_SESSION_TOKEN=" in
      *",$name="*) die "$ENV_FILE, line $number: $name is a secret, and this file is readable by everybody who sees the service" \
        "remove the line; Secret Manager holds it (SECRETS in deploy/settings)" ;;
    esac
    # The made-up ids of the sample all hold this run of zeros.
    case $line in
      *0000000000*)
        if [ "$DRY_RUN" = no ]; then
          die "$ENV_FILE, line $number still holds the made-up value of $name" "put your own there: $line"
        fi
        note "$ENV_FILE, line $number still holds the made-up value of $name: the real run stops here"
        ;;
    esac
  done <"$ENV_FILE"

  if [ -n "$(env_value AWS_ROLE_ARN)" ]; then
    case ,$SECRETS in
      *,AWS_ACCESS_KEY_ID=*) die "AWS_ROLE_ARN is set in $ENV_FILE, and SECRETS names AWS_ACCESS_KEY_ID: the service takes one of the two" \
        "for the role, take AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY out of SECRETS; for the key, leave AWS_ROLE_ARN empty" ;;
    esac
  fi

  local deadline unit=1
  deadline=$(env_value DEADLINE)
  case $deadline in
    *m) unit=60 ;;
    *h) unit=3600 ;;
  esac
  # What is no duration at all the service itself refuses.
  case ${deadline%[smh]} in
    '' | *[!0-9]* | ??????*) ;;
    *) if [ "$((10#${deadline%[smh]} * unit))" -ge "$REQUEST_TIMEOUT_S" ]; then
      die "DEADLINE is $deadline in $ENV_FILE, but Cloud Run ends a request after $REQUEST_TIMEOUT_S s" \
        "set DEADLINE to 840s: reporting a failure needs the rest"
    fi ;;
  esac
  # A list like A=b,C=d, each with the name of a variable and of a secret.
  for secret in $(printf %s "$SECRETS" | tr ',' ' '); do
    case $secret in
      [A-Z]*=?*) ;;
      *) die "SECRETS holds \"$secret\"" "write VARIABLE=secret-name:version, several with commas between" ;;
    esac
  done
}

# The names of the shops that have settings.
shops() {
  local names
  names=$(find deploy/shops -mindepth 2 -maxdepth 2 -name env.yaml 2>/dev/null | sed 's,^deploy/shops/,,; s,/env.yaml$,,' | sort | tr '\n' ' ')
  printf %s "${names:-none}"
}

# What Cloud Run gives to a variable at most.
MOST_VARIABLE=32768

# add_settings: what goes with the settings file and does not stand in it: the map that lies beside it, as CATALOG_MAP on
# one line, and the service's own address, as SERVICE_URL. ENV_VARS is the file that Cloud Run gets then; a dry run shows
# what makes it.
ENV_VARS=
add_settings() {
  local map_line='' url='' describe
  local -a without=(-e '/^SERVICE_URL: /d')
  ENV_VARS=$ENV_FILE
  read_map
  if [ -n "$(env_value SERVICE_URL)" ]; then
    if [ -z "$map_line" ]; then return 0; fi
    url=$(env_value SERVICE_URL)
  elif [ "$DRY_RUN" = no ]; then
    own_address
  fi
  if [ "$DRY_RUN" = yes ]; then
    ENV_VARS=${TMPDIR:-/tmp}/$SERVICE.env.yaml
    describe="gcloud run services describe $(quote "$SERVICE") --project=$(quote "$PROJECT") --region=$(quote "$REGION") --format='value(status.url)' 2>/dev/null"
    note ""
    note "the service is told its own address, for the commands that its messages show"
    say "{ $(quote_all sed "${without[@]}" "$ENV_FILE") && printf '\\n%s\\nSERVICE_URL: \"%s\"\\n' $(quote "$map_line") \"${url:-\$($describe)}\"; } >$(quote "$ENV_VARS")"
  else
    ENV_VARS=$SCRATCH/env.yaml
    # The break before them: the last line of a file may have none.
    { sed "${without[@]}" "$ENV_FILE" && printf '\n%s\nSERVICE_URL: "%s"\n' "$map_line" "$url"; } >"$ENV_VARS"
  fi
}

# read_map: the line that gives the map beside the settings file, if there is one, in map_line.
read_map() {
  local map text LC_ALL=C
  map=$(dirname "$ENV_FILE")/map.json
  if [ ! -f "$map" ]; then return 0; fi
  if grep -qE '^CATALOG_MAP: ("[^"]|'"'"')' "$ENV_FILE"; then
    die "$ENV_FILE gives CATALOG_MAP, and $map lies beside it" "keep one of the two"
  fi
  # No text of JSON holds a line break, so a space in its place changes nothing. Spaces it may hold as they are.
  text=$(sed 's/^[[:space:]]*//' "$map" | tr -d '\r' | tr '\n' ' ' | sed 's/^ *//; s/ *$//')
  case $text in
    '{'*'}') ;;
    *) die "$map does not look like JSON: it does not begin with { and end with }" "deploy/README.md, \"A shop's own map\", says what it holds" ;;
  esac
  if [ "${#text}" -gt "$MOST_VARIABLE" ]; then
    die "$map has ${#text} bytes; Cloud Run takes $MOST_VARIABLE in one variable" "leave out what the preset says already"
  fi
  without+=(-e '/^CATALOG_MAP: /d')
  # shellcheck disable=SC2001  # bash 3.2 replaces quotes in its own way
  map_line="CATALOG_MAP: '$(sed "s/'/''/g" <<<"$text")'"
  note ""
  note "$map goes with $ENV_FILE as CATALOG_MAP"
}

# own_address: where the service answers, in url: what Cloud Run says, and before the first deployment the address that it
# gives every service. Without either the service does without: its messages ask gcloud then.
own_address() {
  local host
  if ask gcloud run services describe "$SERVICE" --project="$PROJECT" --region="$REGION" --format='value(status.url)' &&
    [ -n "$ANSWER" ]; then
    url=$ANSWER
  elif ask gcloud projects describe "$PROJECT" --format='value(projectNumber)'; then
    host=$SERVICE-$ANSWER
    # A longer label is no name of a host, and what Cloud Run makes of it is not for us to guess.
    case $ANSWER in '' | *[!0-9]*) ;; *) if [ "${#host}" -le 63 ]; then url=https://$host.$REGION.run.app; fi ;; esac
  fi
}

# ---------------------------------------------------------------------------------------------- start

# The scripts work in the repository's top folder, wherever they are called from: `--source=.` and env.yaml mean that.
enter_repository() {
  cd "$(dirname "${BASH_SOURCE[0]}")/.."
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/auto-ep-deploy.XXXXXX")
  trap 'rm -rf "$SCRATCH"' EXIT
}

# The settings of a shop whose service is known to AWS by a role, and the names of what exists once for it.
open_steps() {
  enter_repository
  WITH_ROLE=yes
  load_settings
  # shellcheck source=deploy/steps/steps.sh
  . deploy/steps/steps.sh
  name_things
}
