#!/usr/bin/env bash
# Writes the digest of each base image into the Dockerfile: what its tag means at the registry now, fetched by that digest
# once more, and summed up here. Nobody types one. Safe to run again: a tag that moved gives the new digest, to be reviewed
# and committed like any other change.
# shellcheck source=deploy/lib.sh
. "$(dirname "$0")/lib.sh"

help() {
  cat <<'HELP'
deploy/pin.sh [--dry-run]

Looks up the base images of the Dockerfile at their registry, pulls the manifest of each by the digest that was found, and
writes name:tag@sha256:... into its FROM line. Needs curl and nothing else; no account.

  --dry-run               say what would be written, change nothing
  --help                  this
HELP
}

# What a tag may stand for: an index of several platforms, or one image.
ACCEPT='application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'

main() {
  while [ $# -gt 0 ]; do
    case $1 in
      --dry-run) DRY_RUN=yes ;;
      --help | -h) help && exit 0 ;;
      *) usage_error "unknown option: $1" ;;
    esac
    shift
  done
  enter_repository
  need_tools curl
  local image
  cp Dockerfile "$SCRATCH/Dockerfile"
  for image in $(bases Dockerfile); do pin "$image"; done
  if cmp -s Dockerfile "$SCRATCH/Dockerfile"; then
    say "nothing to write: each is what its tag stands for"
  elif [ "$DRY_RUN" = yes ]; then
    diff Dockerfile "$SCRATCH/Dockerfile" || true
  else
    cat "$SCRATCH/Dockerfile" >Dockerfile
    say "written into the Dockerfile; look at it with git diff, then deploy"
  fi
}

# The images that a Dockerfile builds on. Nothing is to be had for scratch.
bases() { sed -n 's/^FROM \([^ ]*\).*/\1/p' "$1" | grep -v '^scratch$' | sort -u; }

# pin NAME[:TAG][@DIGEST]
pin() {
  local image=${1%%@*} name tag host path found
  name=$image tag=latest
  case ${image##*/} in *:*) name=${image%:*} tag=${image##*:} ;; esac
  # Docker's own rule: what has a dot or a port before the first / is a registry.
  case ${name%%/*} in
    *.* | *:*) host=${name%%/*} path=${name#*/} ;;
    *) host=registry-1.docker.io path=$name && case $name in */*) ;; *) path=library/$name ;; esac ;;
  esac
  found=$(digest "$host" "$path" "$tag") || exit 1
  [ "$(digest "$host" "$path" "$found")" = "$found" ] || exit 1
  say "$image is $found"
  # The name holds no character that sed would read otherwise but dots, which stand for themselves well enough.
  sed "s|^FROM $image\(@[^ ]*\)\{0,1\}\( \{0,1\}\)|FROM $image@$found\2|" "$SCRATCH/Dockerfile" >"$SCRATCH/pinned"
  mv "$SCRATCH/pinned" "$SCRATCH/Dockerfile"
}

# digest HOST PATH TAG_OR_DIGEST: fetches the manifest and sums it up. What the registry says of it must be the same.
digest() {
  local url status sum said
  case $1 in 127.0.0.1:* | localhost:*) url=http://$1 ;; *) url=https://$1 ;; esac
  url=$url/v2/$2/manifests/$3
  status=$(fetch "$url") || true
  if [ "$status" = 401 ]; then
    authorize "$1"
    status=$(fetch "$url" -H "@$SCRATCH/authorization") || true
  fi
  case $status in
    200) ;;
    404) die "there is no $2:$3 at $1" "mend the FROM line in the Dockerfile: which tags there are, the registry's own page shows" ;;
    *) die "$url answers ${status:-nothing}, not 200" "000 means that it was not reached: is there a proxy or a firewall between here and the registry?" \
      "429 means too many calls from this address: try again in some hours" ;;
  esac
  sum=sha256:$(sum "$SCRATCH/manifest")
  said=$(header docker-content-digest)
  case $sum in
    "${said:-$sum}") ;;
    *) die "$url says that it is $said, and what came is $sum" "run it again; if it stays so, somebody stands between here and the registry" ;;
  esac
  case $3 in sha256:*) if [ "$sum" != "$3" ]; then die "$url gave another image: $sum" "run it again; if it stays so, do not build on it"; fi ;; esac
  say "$sum"
}

# fetch URL [MORE]...: the manifest into a file, its head into another; the status is what it says.
fetch() {
  curl -sSL -o "$SCRATCH/manifest" -D "$SCRATCH/head" -w '%{http_code}' --max-time 60 -H "Accept: $ACCEPT" "${@:2}" "$1" 2>"$SCRATCH/complaint"
}

header() {
  tr -d '\r' <"$SCRATCH/head" |
    awk -v name="$1:" 'tolower(substr($0, 1, length(name))) == name {sub(/^[^:]*: */, ""); print}' | tail -n 1
}

# A registry answers whoever asks first with where to get a token; one that reads what everybody may read costs nothing.
authorize() {
  local challenge realm service scope token
  challenge=$(tr -d '\r' <"$SCRATCH/head" | grep -i '^www-authenticate: *bearer ' | tail -n 1)
  realm=$(part realm) service=$(part service) scope=$(part scope)
  if [ -z "$realm" ]; then die "$1 wants a login" "pin.sh reads public images alone"; fi
  token=$(curl -sSL --max-time 60 -G --data-urlencode "service=$service" --data-urlencode "scope=$scope" "$realm" |
    sed -n 's/.*"\(access_\)\{0,1\}token": *"\([^"]*\)".*/\2/p' | head -n 1)
  printf 'Authorization: Bearer %s\n' "$token" >"$SCRATCH/authorization"
}
part() { sed -n "s/.*$1=\"\([^\"]*\)\".*/\1/p" <<<"$challenge"; }

sum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

main "$@"
