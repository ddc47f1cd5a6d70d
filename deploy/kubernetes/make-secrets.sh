#!/usr/bin/env bash
# Prints the two Secrets that scaler and agents know each other by: a certificate of an authority made
# for it (whose key is forgotten at once), and a token.
#   deploy/kubernetes/make-secrets.sh | kubectl apply -f -
# Run it again for new ones: both programs read the files anew when they change. Where cert-manager
# keeps certificates, let it write trimtab-tls (README.md) and take --token-only.
set -euo pipefail
umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

secret() {
  echo "---"
  echo "apiVersion: v1"
  echo "kind: Secret"
  echo "metadata: {name: $1, namespace: trimtab, labels: {app.kubernetes.io/part-of: trimtab}}"
  echo "type: $2"
  echo "data:"
}

entry() { echo "  $1: $(base64 -w 0 <"$2")"; }

if [[ ${1:-} != --token-only ]]; then
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -x509 -new -key ca.key -subj "/CN=trimtab" -days 3650 -out ca.crt \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
  openssl ecparam -name prime256v1 -genkey -noout -out tls.key
  names=DNS:trimtab-agent,DNS:trimtab-agent.trimtab.svc,DNS:trimtab-scaler,DNS:trimtab-scaler.trimtab.svc
  {
    echo "basicConstraints=CA:FALSE"
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=serverAuth,clientAuth"
    echo "subjectAltName=$names,DNS:localhost"
  } >extensions
  openssl req -new -key tls.key -subj "/CN=trimtab" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -extfile extensions -out tls.crt 2>/dev/null
  secret trimtab-tls kubernetes.io/tls
  entry tls.crt tls.crt
  entry tls.key tls.key
  entry ca.crt ca.crt
fi
openssl rand -hex 32 >token
secret trimtab-tokens Opaque
entry token token
