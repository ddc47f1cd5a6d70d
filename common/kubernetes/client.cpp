#include "common/kubernetes/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "common/kubernetes/gunzip.h"
#include "common/kubernetes/status.h"
#include "common/text.h"

namespace common::kubernetes {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLargestRefusal = 64 * 1024;
constexpr auto kLongestPause = std::chrono::seconds(60);

std::string NameOf(const Request& request) {
  return request.method + " " + request.target.substr(0, request.target.find('?'));
}

/// How long the server wants to be left alone; nothing where it does not say.
std::optional<milliseconds> RetryAfter(const http::Headers& headers) {
  const auto found = headers.find("retry-after");
  if (found == headers.end()) {
    return std::nullopt;
  }
  const auto seconds = ParseUnsigned(found->second);
  if (!seconds) {
    return milliseconds(1000);  // A date; API servers send none.
  }
  return std::min<milliseconds>(std::chrono::seconds(std::min<std::uint64_t>(*seconds, 3600)),
                                kLongestPause);
}

}  // namespace

/// One request from its call to its end, over as many attempts as it takes.
class Client::Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Client& client, Request request, StreamEvents events, bool streams)
      : client_(client),
        request_(std::move(request)),
        events_(std::move(events)),
        streams_(streams) {}

  [[nodiscard]] Priority Lane() const { return request_.priority; }

  void Begin() {
    deadline_ = client_.executor_.After(request_.deadline, [self = weak_from_this()] {
      if (const auto exchange = self.lock()) {
        exchange->Fail(
            fmt::format("no answer within {}", FormatDuration(exchange->request_.deadline)));
      }
    });
  }

  /// The rate limit lets it go.
  void Attempt() {
    let_go_ = client_.executor_.Monotonic();
    client_.tokens_.Get(refused_token_, [self = weak_from_this()](Result<std::string> token) {
      if (const auto exchange = self.lock()) {
        exchange->AttemptWith(std::move(token));
      }
    });
  }

  /// Calls nobody any more.
  void Abandon() {
    events_ = {};
    call_.reset();
    deadline_.reset();
    over_ = true;
  }

 private:
  void AttemptWith(Result<std::string> token) {
    if (over_) {
      return;
    }
    if (!token) {
      // Later: the caller may still be in Send.
      client_.executor_.Post([self = weak_from_this(), what = token.error().what] {
        if (const auto exchange = self.lock(); exchange && !exchange->over_) {
          exchange->Fail(what);
        }
      });
      return;
    }
    token_ = std::move(*token);
    status_ = 0;
    refusal_.clear();
    gunzip_.reset();
    WireEvents events;
    events.on_head = [this](int status, const http::Headers& headers) { OnHead(status, headers); };
    events.on_bytes = [this](std::string_view bytes) { OnBytes(bytes); };
    events.on_end = [this](Result<void> result) { OnEnd(std::move(result)); };
    events.on_sent = [this](bool kept) { OnSent(kept); };
    call_ = client_.transport_.Start(Wire(), std::move(events));
  }

  [[nodiscard]] WireRequest Wire() const {
    WireRequest wire{request_.method, request_.target, request_.headers, request_.body,
                     request_.priority <= Priority::kWrite};
    wire.headers["Accept"] = "application/json";
    wire.headers["User-Agent"] = client_.options_.user_agent;
    if (!streams_) {
      wire.headers["Accept-Encoding"] = "gzip";
    }
    if (!request_.body.empty()) {
      wire.headers["Content-Type"] =
          request_.content_type.empty() ? "application/json" : request_.content_type;
    }
    if (!token_.empty()) {
      wire.headers["Authorization"] = "Bearer " + token_;
    }
    return wire;
  }

  void OnSent(bool kept) const {
    if (const auto sent = request_.on_sent) {
      sent({let_go_, client_.executor_.Monotonic(), kept});
    }
  }

  [[nodiscard]] bool Accepted() const { return status_ >= 200 && status_ < 300; }

  void OnHead(int status, const http::Headers& headers) {
    const auto self = shared_from_this();
    status_ = status;
    retry_after_ = RetryAfter(headers);
    if (const auto encoding = headers.find("content-encoding");
        encoding != headers.end() && encoding->second == "gzip") {
      gunzip_ = std::make_unique<Gunzip>();
    }
    if (streams_ && Accepted()) {
      deadline_.reset();
      if (const auto open = events_.on_open) {
        open();
      }
    }
  }

  void OnBytes(std::string_view bytes) {
    const auto self = shared_from_this();
    if (!Accepted()) {
      // Of an answer that is too large to be a Status the beginning is enough.
      const auto room = kLargestRefusal - std::min(refusal_.size(), kLargestRefusal);
      if (gunzip_) {
        static_cast<void>(gunzip_->Append(bytes, refusal_, kLargestRefusal));
      } else {
        refusal_.append(bytes.substr(0, room));
      }
      return;
    }
    if (!gunzip_) {
      Deliver(bytes);
      return;
    }
    unpacked_.clear();
    if (auto appended = gunzip_->Append(bytes, unpacked_, client_.options_.largest_body_bytes);
        !appended) {
      Fail(appended.error().what);
      return;
    }
    Deliver(unpacked_);
  }

  void Deliver(std::string_view bytes) {
    delivered_ += bytes.size();
    if (!streams_ && delivered_ > client_.options_.largest_body_bytes) {
      Fail("the answer is too large");
      return;
    }
    if (const auto call = events_.on_bytes) {
      call(bytes);
    }
  }

  void OnEnd(Result<void> result) {
    const auto self = shared_from_this();
    if (over_) {
      return;
    }
    if (!result) {
      Fail(result.error().what);
    } else if (Accepted()) {
      if (gunzip_ && !gunzip_->IsWhole()) {
        Fail("the answer broke off");
      } else {
        End({});
      }
    } else if (IsBusy()) {
      WaitAndAgain();
    } else if (status_ == 401 && refused_token_ != token_ && !token_.empty()) {
      refused_token_ = token_;
      Attempt();
    } else {
      EndRefused();
    }
  }

  [[nodiscard]] bool IsBusy() const {
    return (status_ == 429 && request_.again_when_throttled) || (status_ == 503 && retry_after_);
  }

  /// A 429 was not carried out, whatever it asked for.
  void WaitAndAgain() {
    const auto now = client_.executor_.Monotonic();
    client_.limiter_.PauseUntil(now + retry_after_.value_or(std::chrono::seconds(1)));
    // The old call is over; its function is still running.
    client_.Enqueue(shared_from_this());
  }

  void EndRefused() {
    const auto status = ParseStatus(refusal_);
    End(tl::make_unexpected(
        Refused{status_, status.reason,
                fmt::format("{}: {} {}", NameOf(request_), status_,
                            status.message.empty() ? "without a reason" : status.message),
                retry_after_}));
  }

  void Fail(const std::string& what) {
    End(tl::make_unexpected(Refused{0, "", NameOf(request_) + ": " + what, {}}));
  }

  void End(Outcome<void> outcome) {
    const auto self = shared_from_this();
    const auto end = std::exchange(events_, {}).on_end;
    deadline_.reset();
    over_ = true;
    // The call is destroyed later: it may be what runs now.
    client_.executor_.Post([call = std::shared_ptr<WireCall>(std::move(call_))] {});
    if (end) {
      end(std::move(outcome));
    }
  }

  Client& client_;
  Request request_;
  StreamEvents events_;
  bool streams_;
  bool over_ = false;
  std::unique_ptr<Timer> deadline_;
  MonotonicTime let_go_;
  std::unique_ptr<WireCall> call_;
  std::string token_;
  std::string refused_token_;
  int status_ = 0;
  std::optional<milliseconds> retry_after_;
  std::string refusal_;
  std::unique_ptr<Gunzip> gunzip_;
  std::string unpacked_;
  std::size_t delivered_ = 0;
};

namespace {

/// What the caller holds.
template <typename Exchange>
class Held final : public Pending {
 public:
  explicit Held(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() override { exchange_->Abandon(); }

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace

Client::Client(Executor& executor, Transport& transport, TokenSource& tokens, ClientOptions options)
    : executor_(executor),
      transport_(transport),
      tokens_(tokens),
      options_(std::move(options)),
      limiter_(options_.rate, executor.Monotonic()) {}

Client::~Client() = default;

std::unique_ptr<Pending> Client::Send(Request request,
                                      std::function<void(Outcome<std::string>)> done) {
  const auto body = std::make_shared<std::string>();
  StreamEvents events;
  events.on_bytes = [body](std::string_view bytes) { body->append(bytes); };
  events.on_end = [body, done = std::move(done)](const Outcome<void>& outcome) {
    if (outcome) {
      done(std::move(*body));
    } else {
      done(tl::make_unexpected(outcome.error()));
    }
  };
  auto exchange = std::make_shared<Exchange>(*this, std::move(request), std::move(events), false);
  exchange->Begin();
  Enqueue(exchange);
  if (exchange->Lane() <= Priority::kWrite) {
    Dispatch();  // Now: whatever else this turn of the loop still does, a decision is on its way.
  }
  return std::make_unique<Held<Exchange>>(std::move(exchange));
}

std::unique_ptr<Pending> Client::Stream(Request request, StreamEvents events) {
  auto exchange = std::make_shared<Exchange>(*this, std::move(request), std::move(events), true);
  exchange->Begin();
  Enqueue(exchange);
  return std::make_unique<Held<Exchange>>(std::move(exchange));
}

void Client::Enqueue(const std::shared_ptr<Exchange>& exchange) {
  waiting_[static_cast<int>(exchange->Lane())].push_back(exchange);
  DispatchAt(executor_.Monotonic());
}

void Client::DispatchAt(MonotonicTime when) {
  const auto delay = std::chrono::ceil<milliseconds>(when - executor_.Monotonic());
  timer_ = executor_.After(std::max(delay, milliseconds(0)), [this] { Dispatch(); });
}

void Client::Dispatch() {
  std::optional<MonotonicTime> next;
  for (int lane = 0; lane < kPriorities; ++lane) {
    auto& queue = waiting_[lane];
    while (!queue.empty()) {
      const auto exchange = queue.front().lock();
      if (!exchange) {
        queue.pop_front();  // Given up while it waited.
        continue;
      }
      const auto later = limiter_.Take(static_cast<Priority>(lane), executor_.Monotonic());
      if (later) {
        next = next ? std::min(*next, *later) : later;
        break;
      }
      queue.pop_front();
      exchange->Attempt();
    }
  }
  if (next) {
    DispatchAt(*next);
  }
}

}  // namespace common::kubernetes
