#!/usr/bin/env bash
# Prints an overlay for `go test` under which the files of Kubernetes' podautoscaler, as Go's module
# cache has them, appear in this folder beside our test, which so reaches what they do not export.
# Nothing of Kubernetes is copied. (An overlay cannot add our file to the module cache instead.)
set -euo pipefail
cd "$(dirname "$0")"

module=$(go mod download -json k8s.io/kubernetes | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
[[ -d $module ]] || {
  echo "overlay.sh: Go cannot provide k8s.io/kubernetes." >&2
  exit 1
}

separator=
echo '{"Replace": {'
for file in "$module"/pkg/controller/podautoscaler/*.go; do
  name=${file##*/}
  if [[ $name != *_test.go && $name != doc.go ]]; then
    printf '%s  "%s/%s": "%s"' "$separator" "$PWD" "$name" "$file"
    separator=$',\n'
  fi
done
printf '\n}}\n'
