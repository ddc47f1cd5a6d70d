#include "scaler/ctl/cluster.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string_view>
#include <thread>
#include <utility>

#include "common/io_loop.h"
#include "common/kubernetes/base64.h"
#include "common/kubernetes/https_transport.h"
#include "common/kubernetes/kubeconfig.h"
#include "common/kubernetes/token_source.h"
#include "common/tls/tokens.h"
#include "common/version.h"

namespace scaler::ctl {
namespace {

using common::Result;
using common::kubernetes::Outcome;
using common::kubernetes::Refused;
using common::kubernetes::Request;

constexpr auto kDeadline = std::chrono::seconds(15);
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kUnavailable = 503;
constexpr const char* kScaler = "trimtab-scaler";
constexpr const char* kTokens = "trimtab-tokens";
constexpr int kPort = 9106;
/// Another leads 8.2 s after the last sign of life of one that was killed.
constexpr int kLooks = 20;
constexpr auto kBetweenLooks = std::chrono::milliseconds(500);

/// A text of a JSON object by two keys; empty: it is not there.
std::string TextAt(const std::string& json, const char* outer, const char* inner) {
  simdjson::dom::parser parser;
  simdjson::dom::element top;
  std::string_view text;
  if (parser.parse(json).get(top) != simdjson::SUCCESS ||
      top[outer][inner].get(text) != simdjson::SUCCESS) {
    return {};
  }
  return std::string(text);
}

std::string Environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing of ours changes the environment.
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

void AddClusterOptions(CLI::App& command, ClusterOptions& options) {
  command.add_option("--context", options.context,
                     "Ask the scaler of this cluster, by its context in the kubeconfig");
  command.add_option("--kubeconfig", options.kubeconfig,
                     "Instead of $KUBECONFIG or ~/.kube/config");
  command.add_option("--namespace", options.name_space, "Where the cluster's scaler runs")
      ->capture_default_str();
}

ClusterScaler::ClusterScaler(AskApi ask, std::string name_space, std::string token, Waiting waiting)
    : ask_(std::move(ask)),
      name_space_(std::move(name_space)),
      token_(std::move(token)),
      waiting_(std::move(waiting)) {}

/// The pod that holds the lease; empty: there is none to be seen.
Result<std::string> ClusterScaler::FindHolder() {
  Request request;
  request.target =
      fmt::format("/apis/coordination.k8s.io/v1/namespaces/{}/leases/{}", name_space_, kScaler);
  const auto lease = ask_(std::move(request));
  if (lease) {
    const auto holder = TextAt(*lease, "spec", "holderIdentity");
    return holder.substr(0, holder.find('_'));  // "POD_UID"
  }
  if (lease.error().status == kNotFound || lease.error().status == kForbidden) {
    return std::string();
  }
  return common::Fail(std::errc::connection_refused, lease.error().message);
}

void ClusterScaler::FindToken() {
  Request request;
  request.target = fmt::format("/api/v1/namespaces/{}/secrets/{}", name_space_, kTokens);
  const auto secret = ask_(std::move(request));
  if (!secret) {
    no_token_ = secret.error().message;
    return;
  }
  const auto text = common::kubernetes::DecodeBase64(TextAt(*secret, "data", "token"));
  // A file of tokens: the first one opens the port.
  token_ = text ? text->substr(0, text->find_first_of(" \r\n")) : "";
  no_token_ = token_.empty() ? fmt::format("the Secret {} has no token", kTokens) : "";
}

std::string ClusterScaler::ServiceProxy() const {
  return fmt::format("/api/v1/namespaces/{}/services/https:{}:{}/proxy", name_space_, kScaler,
                     kPort);
}

Result<void> ClusterScaler::Find() {
  if (!proxy_.empty()) {
    return {};
  }
  return FindHolder().map([&](const std::string& pod) {
    leader_ = pod;
    proxy_ = pod.empty() ? ServiceProxy()
                         : fmt::format("/api/v1/namespaces/{}/pods/https:{}:{}/proxy", name_space_,
                                       pod, kPort);
    if (token_.empty()) {
      FindToken();
    }
  });
}

common::Error ClusterScaler::Explain(const Refused& refused) const {
  auto text = refused.message;
  auto code = std::errc::protocol_error;
  if (refused.status == 0) {
    code = std::errc::connection_refused;
  } else if (refused.status == kUnauthorized) {
    code = std::errc::permission_denied;
    text += no_token_.empty()
                ? "\nGive the scaler's token with --token-file."
                : "\nThe scaler's token is unknown (" + no_token_ + "); give it with --token-file.";
  } else if (refused.status == kForbidden) {
    code = std::errc::permission_denied;
    text += fmt::format(
        "\nWho asks needs the Role trimtab-ask in {}, and who changes something trimtab-act too.",
        name_space_);
  } else if (refused.status == kNotFound || refused.status == kUnavailable) {
    text += fmt::format("\nDoes {} run in the namespace {}? Name its own with --namespace.",
                        kScaler, name_space_);
  }
  return {std::make_error_code(code), text};
}

/// It is the API server that says so: what a scaler answers itself names no reason.
bool ClusterScaler::IsGone(const Refused& refused) const {
  return !leader_.empty() && ((refused.status == kNotFound && refused.reason == "NotFound") ||
                              (refused.status == kUnavailable && !refused.reason.empty()));
}

ClusterScaler::Answer ClusterScaler::AskOnce(const std::string& target, const std::string& method,
                                             const std::string& body) const {
  Request request;
  request.method = method;
  request.target = proxy_ + target;
  request.body = body;
  request.deadline = kDeadline;
  if (!token_.empty()) {
    // The server takes Authorization for itself and passes everything else on.
    request.headers["Trimtab-Token"] = token_;
  }
  return ask_(std::move(request));
}

Result<ClusterScaler::Answer> ClusterScaler::AskLeader(const std::string& target,
                                                       const std::string& method,
                                                       const std::string& body) {
  for (int look = 0;; ++look) {
    if (auto found = Find(); !found) {
      return tl::make_unexpected(found.error());
    }
    auto answer = AskOnce(target, method, body);
    if (answer || !IsGone(answer.error()) || look == kLooks) {
      return answer;
    }
    if (look == 0) {
      waiting_.say(fmt::format("the leader {} does not answer; waiting for the next one", leader_));
    }
    waiting_.pause(kBetweenLooks);
    proxy_.clear();
  }
}

Result<std::string> ClusterScaler::Ask(const std::string& target, const std::string& method,
                                       const std::string& body) {
  auto asked = AskLeader(target, method, body);
  if (!asked) {
    return tl::make_unexpected(asked.error());
  }
  auto answer = std::move(*asked);
  if (!answer && IsGone(answer.error()) && method == "GET") {
    leader_.clear();
    proxy_ = ServiceProxy();
    answer = AskOnce(target, method, body);
  }
  if (!answer) {
    return tl::make_unexpected(Explain(answer.error()));
  }
  return std::move(*answer);
}

/// Everything but Ask belongs to the thread of the loop.
struct ClusterConnection::Parts {
  common::kubernetes::Access access;
  common::IoLoop io;
  std::unique_ptr<common::kubernetes::HttpsTransport> transport;
  std::unique_ptr<common::kubernetes::TokenSource> tokens;
  std::unique_ptr<common::kubernetes::Client> client;
  std::unique_ptr<common::kubernetes::Pending> pending;
  std::unique_ptr<ClusterScaler> scaler;
  std::thread thread;

  Outcome<std::string> Ask(Request request) {
    std::promise<Outcome<std::string>> answer;
    auto taken = answer.get_future();
    io.Post([&] {
      pending = client->Send(std::move(request), [&](Outcome<std::string> outcome) {
        answer.set_value(std::move(outcome));
      });
    });
    return taken.get();
  }
};

Result<std::unique_ptr<ClusterConnection>> ClusterConnection::Open(const ClusterOptions& options) {
  auto parts = std::make_unique<Parts>();
  const auto files = options.kubeconfig.empty() ? Environment("KUBECONFIG") : options.kubeconfig;
  std::string token;
  if (!options.token_file.empty()) {
    auto read = common::tls::ReadTokenFile(options.token_file);
    if (!read) {
      return tl::make_unexpected(read.error());
    }
    token = read->front();
  }
  auto* const p = parts.get();
  return common::kubernetes::ReadKubeconfig(
             common::kubernetes::KubeconfigFiles(files, Environment("HOME")), options.context)
      .and_then([&](common::kubernetes::Access access) {
        p->access = std::move(access);
        return common::kubernetes::HttpsTransport::Open(p->io.Context(), p->access);
      })
      .map([&](std::unique_ptr<common::kubernetes::HttpsTransport> transport) {
        p->transport = std::move(transport);
        p->tokens = common::kubernetes::MakeTokenSource(p->io, p->access);
        common::kubernetes::ClientOptions client;
        client.user_agent = std::string("trimtabctl/") + common::kVersion;
        p->client = std::make_unique<common::kubernetes::Client>(p->io, *p->transport, *p->tokens,
                                                                 std::move(client));
        p->scaler = std::make_unique<ClusterScaler>(
            [p](Request request) { return p->Ask(std::move(request)); }, options.name_space, token,
            ClusterScaler::Waiting{
                [](auto time) { std::this_thread::sleep_for(time); },
                [](const auto& text) { fmt::print(stderr, "trimtabctl: {}\n", text); }});
        p->thread = std::thread([p] { p->io.Run(); });
        return std::unique_ptr<ClusterConnection>(new ClusterConnection(std::move(parts)));
      });
}

ClusterConnection::ClusterConnection(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ClusterConnection::~ClusterConnection() {
  parts_->io.Stop();
  parts_->thread.join();
}

ClusterScaler& ClusterConnection::Scaler() { return *parts_->scaler; }

const std::string& ClusterConnection::Namespace() const { return parts_->access.name_space; }

}  // namespace scaler::ctl
