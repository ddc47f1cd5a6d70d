#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/executor.h"
#include "common/kubernetes/limiter.h"
#include "common/kubernetes/token_source.h"
#include "common/kubernetes/transport.h"

namespace common::kubernetes {

/// On its way: how far a request has come when the system has taken it.
struct Sent {
  MonotonicTime let_go;  ///< When the rate limit let it go.
  MonotonicTime at;
  bool kept = false;  ///< Over a connection that was open before.
};

struct Request {
  std::string method = "GET";
  std::string target;  ///< "/apis/apps/v1/namespaces/shops/deployments/shop-1/scale".
  std::string body = {};
  std::string content_type = {};  ///< "application/merge-patch+json"; empty: JSON, if any body.
  http::Headers headers = {};     ///< In addition to those that every request has.
  Priority priority = Priority::kRead;
  /// From the call to the last byte, waiting for the rate limit included.
  std::chrono::milliseconds deadline = std::chrono::seconds(30);
  /// A 429 means that the server is busy. False: it is an answer to this request and no other, as
  /// to an eviction that a disruption budget forbids.
  bool again_when_throttled = true;
  /// Called once for each time that it goes out; may be empty.
  std::function<void(const Sent&)> on_sent = {};
};

/// The server refused (anything but 2xx) or could not be asked.
struct Refused {
  int status = 0;       ///< 0: no whole answer came; whether it was done is not known.
  std::string reason;   ///< Of the Status object: "Conflict", "Expired", ...; may be empty.
  std::string message;  ///< For people; names the request.
  std::optional<std::chrono::milliseconds> retry_after = {};  ///< When to ask again, if it said.
};

template <typename T>
using Outcome = tl::expected<T, Refused>;

/// A request under way; destroying it gives it up.
class Pending {
 public:
  Pending() = default;
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  virtual ~Pending() = default;
};

/// The bytes of a long answer as they come; on_end is the last and comes once.
struct StreamEvents {
  std::function<void()> on_open;  ///< The server has accepted.
  std::function<void(std::string_view)> on_bytes;
  std::function<void(Outcome<void>)> on_end;
};

struct ClientOptions {
  Rate rate;
  std::string user_agent = "trimtab";
  std::size_t largest_body_bytes = 64U << 20U;
};

/// Speaks to one API server: rate limit with priorities, tokens, deadlines, gzip.
///
/// A 429 (and a 503 with Retry-After) has not been carried out: it is asked again when the server
/// says, within the deadline, and everything but leases waits so long. A 401 is asked once more
/// with another token where there is one. Nothing else is repeated: who asked knows whether it
/// still wants it. Belongs to the executor's thread.
class Client {
 public:
  Client(Executor& executor, Transport& transport, TokenSource& tokens, ClientOptions options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// `done` gets the body, once, never before Send returns, unless the returned value dies first.
  [[nodiscard]] std::unique_ptr<Pending> Send(Request request,
                                              std::function<void(Outcome<std::string>)> done);

  /// For watches and long lists: the answer's bytes as they come, unpacked. The deadline is for the
  /// answer's head.
  [[nodiscard]] std::unique_ptr<Pending> Stream(Request request, StreamEvents events);

 private:
  class Exchange;

  void Enqueue(const std::shared_ptr<Exchange>& exchange);
  void Dispatch();
  void DispatchAt(MonotonicTime when);

  Executor& executor_;
  Transport& transport_;
  TokenSource& tokens_;
  ClientOptions options_;
  Limiter limiter_;
  std::list<std::weak_ptr<Exchange>> waiting_[kPriorities];
  std::unique_ptr<Timer> timer_;
};

}  // namespace common::kubernetes
