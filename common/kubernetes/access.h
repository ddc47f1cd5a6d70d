#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/http/address.h"
#include "common/tls/context.h"

namespace common::kubernetes {

/// A program that is asked for a token: client.authentication.k8s.io of kubeconfig files.
struct ExecPlugin {
  std::string api_version;  ///< v1 or v1beta1 of client.authentication.k8s.io.
  std::string command;      ///< As the file gives it; a name without a slash is looked up in PATH.
  std::vector<std::string> arguments;
  std::map<std::string, std::string> env;  ///< In addition to our own.
  std::string install_hint;                ///< What to tell who does not have it.

  friend bool operator==(const ExecPlugin&, const ExecPlugin&) = default;
};

/// Text that OpenSSL and others want as a file, without one on a disk: it may be a private key.
class InlineFile {
 public:
  /// Fails as memfd_create and write do.
  [[nodiscard]] static Result<std::shared_ptr<InlineFile>> Make(const std::string& text);
  InlineFile(const InlineFile&) = delete;
  InlineFile& operator=(const InlineFile&) = delete;
  ~InlineFile();

  /// Good for this process, while this lives.
  [[nodiscard]] std::string Path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  explicit InlineFile(int fd) : fd_(fd) {}
  int fd_;
};

/// Where an API server is and how to prove who asks. At most one of `token`, `token_file` and
/// `exec` is given; certificates may come beside each.
struct Access {
  http::Address server;
  std::string path_prefix;  ///< "/k8s/clusters/c-1" of a server behind a proxy; usually empty.
  tls::ClientFiles tls;
  std::string token;
  std::string token_file;  ///< Read again when it changes: kubelets rotate it.
  std::unique_ptr<ExecPlugin> exec;
  std::string name_space = "default";
  std::string source;  ///< For messages: "context prod of /root/.kube/config".
  std::vector<std::shared_ptr<InlineFile>> inline_files;  ///< Keeps what `tls` names.
};

}  // namespace common::kubernetes
