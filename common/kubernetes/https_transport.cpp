#include "common/kubernetes/https_transport.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <utility>
#include <vector>

#include "common/kubernetes/kept_connection.h"

namespace common::kubernetes {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMostIdle = 8;
/// So often it is looked whether enough connections are ready; after failures less and less often.
constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr int kMostDoublings = 5;

using SteadyTime = std::chrono::steady_clock::time_point;

/// What the caller, the pool and the events of one request share.
struct Progress {
  SteadyTime begun = std::chrono::steady_clock::now();
  bool answered = false;
  bool over = false;
};

/// What the caller holds.
class Call final : public WireCall {
 public:
  Call(std::shared_ptr<Progress> progress, std::function<void()> give_up)
      : progress_(std::move(progress)), give_up_(std::move(give_up)) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() override {
    // At its end the connection may carry somebody else's request already.
    if (!std::exchange(progress_->over, true)) {
      give_up_();
    }
  }

 private:
  std::shared_ptr<Progress> progress_;
  std::function<void()> give_up_;
};

}  // namespace

class HttpsTransport::Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(asio::io_context& context, const Access& access, std::unique_ptr<tls::ReloadingContext> tls)
      : context_(context), access_(access), tls_(std::move(tls)), look_(context) {}

  std::unique_ptr<WireCall> Start(WireRequest request, WireEvents events) {
    request.target = access_.path_prefix + request.target;
    auto connection = TakeIdle(request.urgent ? 0 : wanted_ / 2);
    if (!connection) {
      auto made = MakeConnection(context_, access_, tls_.get());
      if (!made) {
        return FailSoon(std::move(events), made.error());
      }
      connection = *made;
    }
    const auto progress = std::make_shared<Progress>();
    Follow(events, progress);
    // Nothing is called before we have returned: Asio tells of the end of what it begins later.
    connection->Carry(request, std::move(events), [pool = weak_from_this(), connection] {
      if (const auto self = pool.lock()) {
        self->Keep(connection);
      } else {
        connection->Close();
      }
    });
    return std::make_unique<Call>(
        progress, [pool = weak_from_this(), progress, given_up = std::weak_ptr(connection)] {
          if (const auto self = given_up.lock()) {
            self->Close();
          }
          if (const auto self = pool.lock(); self && !progress->answered) {
            self->CloseIdleSince(progress->begun);
          }
        });
  }

  void KeepReady(std::size_t count) {
    wanted_ = std::min(count, kMostIdle);
    Look();
  }

  [[nodiscard]] std::size_t Ready() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(idle_, [](const Idle& each) { return each.connection->IsAlive(); }));
  }

  void Close() {
    wanted_ = 0;
    // In place, since even an empty deque allocates, and this runs in a destructor.
    for (const auto& each : idle_) {
      each.connection->Close();
    }
    idle_.clear();
    for (const auto& connection : preparing_) {
      connection->Close();
    }
    preparing_.clear();
  }

 private:
  struct Idle {
    std::shared_ptr<KeptConnection> connection;
    SteadyTime since;
  };

  static void Follow(WireEvents& events, const std::shared_ptr<Progress>& progress) {
    events.on_head = [progress, head = std::move(events.on_head)](int status,
                                                                  const http::Headers& headers) {
      progress->answered = true;
      if (head) {
        head(status, headers);
      }
    };
    events.on_end = [progress, end = std::move(events.on_end)](const Result<void>& result) {
      // Given up, or over: never both.
      if (!std::exchange(progress->over, true) && end) {
        end(result);
      }
    };
  }

  std::shared_ptr<KeptConnection> TakeIdle(std::size_t left) {
    while (idle_.size() > left) {
      auto connection = std::move(idle_.front().connection);
      idle_.pop_front();
      if (connection->IsAlive()) {
        return connection;
      }
      connection->Close();
    }
    return nullptr;
  }

  std::unique_ptr<WireCall> FailSoon(WireEvents events, Error error) {
    const auto progress = std::make_shared<Progress>();
    asio::post(context_, [progress, end = std::move(events.on_end), error = std::move(error)] {
      if (!std::exchange(progress->over, true) && end) {
        end(tl::make_unexpected(error));
      }
    });
    return std::make_unique<Call>(progress, [] {});
  }

  void Keep(const std::shared_ptr<KeptConnection>& connection) {
    if (idle_.size() >= kMostIdle) {
      connection->Close();
      return;
    }
    idle_.push_back({connection, std::chrono::steady_clock::now()});
  }

  /// Who got no answer on one connection may expect none on those that have been silent as long:
  /// what lies between does not say that it has forgotten them. The next request is to get one.
  void CloseIdleSince(SteadyTime before) {
    std::erase_if(idle_, [&](const Idle& each) {
      if (each.since < before) {
        each.connection->Close();
      }
      return each.since < before;
    });
  }

  /// Replaces what the server has closed, and what a watch has taken for long.
  void Look() {
    if (wanted_ == 0) {
      return;
    }
    std::erase_if(idle_, [](const Idle& each) {
      const bool alive = each.connection->IsAlive();
      if (!alive) {
        each.connection->Close();
      }
      return !alive;
    });
    for (auto ready = idle_.size() + preparing_.size(); ready < wanted_; ++ready) {
      Prepare();
    }
    look_.expires_after(kLookEvery * (1 << std::min(failures_, kMostDoublings)));
    look_.async_wait([pool = weak_from_this()](const boost::system::error_code& error) {
      if (const auto self = pool.lock(); self && !error) {
        self->Look();
      }
    });
  }

  void Prepare() {
    auto made = MakeConnection(context_, access_, tls_.get());
    if (!made) {
      ++failures_;
      return;  // The next request that needs one says why.
    }
    const auto& connection = preparing_.emplace_back(std::move(*made));
    connection->Prepare(
        [pool = weak_from_this(), made = std::weak_ptr(connection)](const Result<void>& ready) {
          const auto self = pool.lock();
          const auto prepared = made.lock();
          if (!self || !prepared) {
            return;
          }
          std::erase(self->preparing_, prepared);
          self->failures_ = ready ? 0 : self->failures_ + 1;
          if (ready) {
            self->Keep(prepared);
          }
        });
  }

  asio::io_context& context_;
  const Access& access_;
  std::unique_ptr<tls::ReloadingContext> tls_;
  /// The one that was used first is taken first: whoever asks now and then keeps all of them from
  /// being closed by the server, as it does with those that nobody uses for long.
  std::deque<Idle> idle_;
  std::vector<std::shared_ptr<KeptConnection>> preparing_;
  std::size_t wanted_ = 0;
  int failures_ = 0;  ///< To prepare one, in a row.
  asio::steady_timer look_;
};

Result<std::unique_ptr<HttpsTransport>> HttpsTransport::Open(asio::io_context& context,
                                                             const Access& access) {
  return tls::OpenClientContext(access.tls).map([&](std::unique_ptr<tls::ReloadingContext> tls) {
    return std::unique_ptr<HttpsTransport>(
        new HttpsTransport(std::make_shared<Pool>(context, access, std::move(tls))));
  });
}

HttpsTransport::HttpsTransport(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}

HttpsTransport::~HttpsTransport() { pool_->Close(); }

void HttpsTransport::KeepReady(std::size_t count) { pool_->KeepReady(count); }

std::size_t HttpsTransport::Ready() const { return pool_->Ready(); }

std::unique_ptr<WireCall> HttpsTransport::Start(WireRequest request, WireEvents events) {
  return pool_->Start(std::move(request), std::move(events));
}

}  // namespace common::kubernetes
