#!/usr/bin/env bash
# Builds what the cluster tests run against, from Go modules: kube-apiserver, controller-manager,
# scheduler, kubectl, KWOK, and an adapter for external metrics.
#   tests/cluster/build.sh [--where]      --where: only says in which folder they are or would be
# The binaries are kept in a folder of the user's cache, named after the sources of this folder and
# the version of Go, with a link at build/cluster/bin: a second run does nothing. The first one
# takes ten minutes on two cores, less where Go has compiled parts of it before.
# Ends with 77 where there is no Go that is new enough.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
sources=$root/tests/cluster/programs
oldest_go=1.26.4

# The sources must not decide by themselves which Go builds them.
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0

go_version() {
  (cd / && go env GOVERSION) 2>/dev/null | sed 's/^go//; s/ .*//'
}

version=$(go_version)
if [[ -z $version ]] || [[ $(printf '%s\n' "$oldest_go" "$version" | sort -V | head -n 1) != "$oldest_go" ]]; then
  echo "The cluster tests need Go $oldest_go or newer in PATH to build a control plane; there is ${version:-none}."
  exit 77
fi

key=$( (echo "$version"; cd "$sources" && find . -type f | LC_ALL=C sort | xargs sha256sum; sha256sum "$root/tests/cluster/build.sh") |
  sha256sum | cut -c 1-16)
cache=${TRIMTAB_CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trimtab-cluster}
place=$cache/$key
if [[ ${1:-} == --where ]]; then
  echo "$place/bin"
  exit
fi

link() {
  mkdir -p "$root/build/cluster" && ln -sfnT "$place/bin" "$root/build/cluster/bin" &&
    ln -sfnT "$place/manifests" "$root/build/cluster/manifests"
}

if [[ -e $place/complete ]]; then
  link
  exit
fi
mkdir -p "$place/bin" "$place/manifests" "$place/unfinished" || exit
# Two builds at once would only do each other's work.
exec {lock}>"$place/lock"
flock "$lock" || exit

# Reported by the API server and kubectl; without them they call themselves v0.0.0.
kubernetes=$(sed -n 's|.*k8s.io/kubernetes \(v[0-9.]*\).*|\1|p' "$sources/kubernetes/go.mod" | head -n 1)
IFS=. read -r major minor _ <<<"${kubernetes#v}"
stamp=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  stamp+=" -X $package.gitVersion=$kubernetes -X $package.gitMajor=$major -X $package.gitMinor=$minor"
  stamp+=" -X $package.gitTreeState=clean -X $package.gitCommit=$(printf '0%.0s' {1..40})"
  stamp+=" -X $package.buildDate=2026-01-01T00:00:00Z"
done

# build MODULE PACKAGE PROGRAM
build() {
  local module=$1 package=$2 program=$3 started=$SECONDS
  if [[ -x $place/bin/$program ]]; then return; fi
  echo "Building $program ..."
  (cd "$sources/$module" &&
    go build -trimpath -ldflags "-s -w $stamp" -o "$place/unfinished/$program" "$package") || return
  mv "$place/unfinished/$program" "$place/bin/$program" || return
  echo "  $program: $((SECONDS - started)) s, $(($(stat -c %s "$place/bin/$program") / 1000000)) MB"
}

# What KWOK does to nodes and pods is told to it by objects; they come with its module.
copy_stages() {
  local module stage
  module=$(cd "$sources/kwok" && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok) || return
  install -m 644 "$module/kustomize/crd/bases/kwok.x-k8s.io_stages.yaml" "$place/manifests/crd.yaml" || return
  for stage in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease \
    pod/general/pod-{create,init-container-running,init-container-completed,ready,complete,delete}; do
    install -m 644 "$module/kustomize/stage/$stage.yaml" "$place/manifests/stage-${stage##*/}.yaml" || return
  done
}

for program in kube-apiserver kube-controller-manager kube-scheduler kubectl; do
  build kubernetes "k8s.io/kubernetes/cmd/$program" "$program" || exit
done
build kwok sigs.k8s.io/kwok/cmd/kwok kwok || exit
build external-metrics . external-metrics || exit
copy_stages || exit
rmdir "$place/unfinished"
touch "$place/complete"
link || exit
echo "The control plane is built, in $SECONDS s: $place/bin"
