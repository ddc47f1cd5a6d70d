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
