#!/usr/bin/env bash
# Makes throw-away authorities, certificates and kubeconfigs for one control plane.
#   tests/cluster/pki.sh DIRECTORY API_PORT
set -euo pipefail
mkdir -p "$1"
cd "$1"
server=https://127.0.0.1:$2
umask 077

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

authority() {
  new_key "$1"
  openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 30 -out "$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# certificate NAME AUTHORITY SUBJECT USAGE [ALTERNATIVE NAMES]
certificate() {
  new_key "$1"
  {
    echo "basicConstraints=CA:FALSE"
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=$4"
    if [[ -n ${5:-} ]]; then echo "subjectAltName=$5"; fi
  } >"$1.extensions"
  openssl req -new -key "$1.key" -subj "$3" |
    openssl x509 -req -CA "$2.crt" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 8)" -days 30 \
      -extfile "$1.extensions" -out "$1.crt" 2>/dev/null
  rm "$1.extensions"
}

# kubeconfig NAME: a user with a certificate.
kubeconfig() {
  cat >"$1.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "$server", certificate-authority: $PWD/cluster.crt}}]
users: [{name: $1, user: {client-certificate: $PWD/$1.crt, client-key: $PWD/$1.key}}]
contexts: [{name: test, context: {cluster: test, user: $1}}]
current-context: test
END
}

authority cluster
authority front-proxy
certificate apiserver cluster /CN=kube-apiserver serverAuth \
  "IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc"
certificate node cluster /CN=node serverAuth "IP:127.0.0.1,DNS:localhost"
certificate proxy front-proxy /CN=front-proxy clientAuth
certificate admin cluster /O=system:masters/CN=admin clientAuth
certificate kwok cluster /O=system:masters/CN=kwok clientAuth
certificate kube-controller-manager cluster /CN=system:kube-controller-manager clientAuth
certificate kube-scheduler cluster /CN=system:kube-scheduler clientAuth
openssl genrsa -out accounts.key 2048 2>/dev/null
openssl rsa -in accounts.key -pubout -out accounts.pub 2>/dev/null
for user in admin kwok kube-controller-manager kube-scheduler; do kubeconfig "$user"; done
