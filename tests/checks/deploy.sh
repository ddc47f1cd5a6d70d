#!/usr/bin/env bash
# Holds what is in deploy/ to the programs that were built.
#   tests/checks/deploy.sh BINARIES     the directory with trimtabctl and the others
set -uo pipefail
binaries=$(cd "$1" && pwd) || exit
cd "$(dirname "$0")/../.." || exit
findings=0

if ! "$binaries/trimtabctl" schema --crd | diff - deploy/kubernetes/base/crds.yaml; then
  echo "deploy/kubernetes/base/crds.yaml is not what 'trimtabctl schema --crd' prints; write it anew."
  findings=1
fi

# The arguments and the configuration of each manifest, with the files where a pod has them.
scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch"/etc/trimtab/{tls,tokens} "$scratch/var/lib/trimtab"
cp deploy/kubernetes/base/*.config.yaml "$scratch/etc/trimtab"
deploy/kubernetes/make-secrets.sh | while read -r key value; do
  case $key in
    tls.crt: | tls.key: | ca.crt:) base64 -d <<<"$value" >"$scratch/etc/trimtab/tls/${key%:}" ;;
    token:) base64 -d <<<"$value" >"$scratch/etc/trimtab/tokens/token" ;;
  esac
done
for program in trimtab-agent trimtab-scaler; do
  manifest=deploy/kubernetes/base/${program#trimtab-}.yaml
  mapfile -t arguments < <(sed -nE 's/^ +- (--[a-z].*)/\1/p' "$manifest" |
    sed "s|=/etc/trimtab|=$scratch/etc/trimtab|; s|=/var/lib|=$scratch/var/lib|")
  if ((${#arguments[@]} == 0)) || ! grep -q "command: \[$program\]" "$manifest" ||
    ! said=$(NODE_NAME=node-1 "$binaries/$program" "${arguments[@]}" --check 2>&1); then
    echo "$manifest: $program refuses its arguments or its configuration: ${said:-there are none}"
    findings=1
  fi
done

# The network policies: ports by their names and numbers, pods by their labels, Prometheus.
policies=deploy/kubernetes/network-policy
for program in agent scaler; do
  manifest=deploy/kubernetes/base/$program.yaml
  if ! grep -qF "matchLabels: {app.kubernetes.io/name: trimtab-$program}" "$manifest" ||
    ! grep -qF "podSelector: {matchLabels: {app.kubernetes.io/name: trimtab-$program}}" \
      "$policies/$program.yaml" || ! grep -qF "{protocol: TCP, port: https}" "$policies/$program.yaml" ||
    ! grep -qE "name: https, containerPort: [0-9]+" "$manifest"; then
    echo "$policies/$program.yaml does not let anybody in to the port https of $manifest."
    findings=1
  fi
done
port=$(sed -nE 's/.*name: https, containerPort: ([0-9]+).*/\1/p' deploy/kubernetes/base/agent.yaml)
prometheus=$(sed -nE 's/.*prometheus: \{address: "[a-z]+\.([a-z]+)\.svc:([0-9]+)".*/\1 \2/p' \
  deploy/kubernetes/base/scaler.config.yaml)
for wanted in "port: $port}" "port: ${prometheus#* }}" "metadata.name: ${prometheus% *}}"; do
  if ! sed -n '/^  egress:/,/^---/p' "$policies/scaler.yaml" | grep -qF "$wanted"; then
    echo "$policies/scaler.yaml does not let the scaler out to \"$wanted\"."
    findings=1
  fi
done

# What the image has to have: the packages of the libraries that the programs are linked with.
for program in trimtab-agent trimtab-scaler trimtabctl; do
  ldd "$binaries/$program" | awk '$3 ~ /^\// { print $3 }'
done | sort -u | while read -r library; do
  file=$(readlink -f "$library")
  # Where /lib is a link to /usr/lib, dpkg may know the file by either name.
  { dpkg -S "$file" || dpkg -S "${file#/usr}"; } 2>/dev/null | head -n 1 | cut -d : -f 1
done | sort -u >"$binaries/needed-packages"
# These two are on every Debian.
if ! missing=$(grep -vxE 'libc6|libgcc-s1' "$binaries/needed-packages" |
  grep -vxF -f <(grep -vE '^(#|$)' deploy/images/packages.txt)); then
  missing=
fi
rm -f "$binaries/needed-packages"
if [[ -n $missing ]]; then
  echo "deploy/images/packages.txt lacks" "$missing"
  findings=1
fi
exit "$findings"
