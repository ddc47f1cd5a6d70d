#include "exporters/tls_listener.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "common/log.h"
#include "exporters/bind.h"
#include "exporters/tls_session.h"

namespace exporters {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using common::Result;

constexpr std::size_t kIoThreads = 2;
constexpr std::size_t kWorkers = 4;
constexpr auto kGrace = std::chrono::milliseconds(700);
constexpr auto kAcceptPause = std::chrono::milliseconds(200);

/// The open connections, the oldest first. Any thread.
class Sessions {
 public:
  explicit Sessions(std::size_t most) : most_(most) {}

  /// Makes room where there is none: the number under which one may Add, or nothing.
  [[nodiscard]] std::optional<std::uint64_t> Reserve() {
    std::shared_ptr<TlsSession> victim;  // Let go of after the lock: its end calls Remove.
    const std::lock_guard lock(mutex_);
    if (open_.size() >= most_) {
      victim = OldestWaiting();
      if (!victim) {
        return std::nullopt;
      }
      victim->CloseIfWaiting();
    }
    open_.try_emplace(++last_);
    return last_;
  }

  void Set(std::uint64_t number, const std::shared_ptr<TlsSession>& session) {
    const std::lock_guard lock(mutex_);
    open_[number] = {.raw = session.get(), .session = session};
  }

  void Remove(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    open_.erase(number);
    removed_.notify_all();
  }

  [[nodiscard]] std::vector<std::shared_ptr<TlsSession>> All() {
    std::vector<std::shared_ptr<TlsSession>> all;
    const std::lock_guard lock(mutex_);
    for (const auto& [number, entry] : open_) {
      all.push_back(entry.session.lock());
    }
    std::erase(all, nullptr);
    return all;
  }

  void WaitUntilEmpty(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    removed_.wait_for(lock, patience, [this] { return open_.empty(); });
  }

 private:
  struct Entry {
    const TlsSession* raw = nullptr;
    std::weak_ptr<TlsSession> session = {};
    bool closing = false;
  };

  /// One that nobody is closing yet, or null.
  std::shared_ptr<TlsSession> OldestWaiting() {
    for (auto& [number, entry] : open_) {
      // Looked at without a share in it, which might be the last one and must not end here.
      // Whoever is still in this map has at most begun to be destroyed.
      if (entry.closing || entry.raw == nullptr || !entry.raw->Waiting()) {
        continue;
      }
      if (auto session = entry.session.lock()) {
        entry.closing = true;
        return session;
      }
    }
    return nullptr;
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable removed_;
  std::map<std::uint64_t, Entry> open_;
  std::uint64_t last_ = 0;
};

class TlsListener final : public Listener {
 public:
  TlsListener(Router router, std::unique_ptr<common::tls::ReloadingContext> context,
              const TlsLimits& limits)
      : context_(std::move(context)),
        sharing_{.router = std::move(router),
                 .limits = limits,
                 .workers{kWorkers},
                 .stream_threads{kMostStreams}},
        sessions_(limits.connections) {}
  TlsListener(const TlsListener&) = delete;
  TlsListener& operator=(const TlsListener&) = delete;

  // NOLINTNEXTLINE(bugprone-exception-escape): what cannot be told to stop must not go on.
  ~TlsListener() override {
    sharing_.stopping = true;
    asio::post(strand_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    for (const auto& session : sessions_.All()) {
      session->CloseIfWaiting();
    }
    sessions_.WaitUntilEmpty(kGrace);
    for (const auto& session : sessions_.All()) {
      session->CloseNow();
    }
    sharing_.stream_threads.join();
    sharing_.workers.join();
    work_.reset();
    for (auto& thread : threads_) {
      thread.join();
    }
  }

  Result<void> Start(const ListenAddress& address) {
    return Bind(address).and_then([&](common::UniqueFd socket) -> Result<void> {
      if (::listen(socket.Get(), SOMAXCONN) != 0) {
        return common::FailErrno("cannot listen on " + ToText(address));
      }
      return BoundPort(socket.Get()).map([&](std::uint16_t port) {
        port_ = port;
        // The family only matters to functions that are not called.
        acceptor_.assign(tcp::v4(), socket.Release());
        asio::post(strand_, [this] { AwaitPeer(); });
        for (std::size_t count = 0; count < kIoThreads; ++count) {
          threads_.emplace_back([this] { io_.run(); });
        }
      });
    });
  }

  [[nodiscard]] std::uint16_t Port() const override { return port_; }

 private:
  void AwaitPeer() {
    if (sharing_.stopping) {
      return;
    }
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](error_code error) {
      if (!error) {
        AcceptAll();
      }
    });
  }

  void AcceptAll() {
    for (;;) {
      // By hand, because Asio's sockets are inherited by the programs that this one starts.
      common::UniqueFd peer(
          ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (peer) {
        Welcome(std::move(peer));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        AwaitPeer();
        return;
      } else if (errno != EINTR && errno != ECONNABORTED) {
        common::log::Warning("cannot accept a connection",
                             {{"error", std::generic_category().message(errno)}});
        AcceptLater();
        return;
      }
    }
  }

  /// Without a pause a process that is out of descriptors would do nothing but try.
  void AcceptLater() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](error_code error) {
      if (!error) {
        AwaitPeer();
      }
    });
  }

  void Welcome(common::UniqueFd peer) {
    const auto number = sessions_.Reserve();
    if (!number) {
      common::log::Warning("too many connections are open, so another one is closed");
      return;
    }
    const auto context = context_->Current();
    SSL_CTX_up_ref(context.get());
    asio::ssl::context borrowed(context.get());  // Takes over one reference.
    tcp::socket socket(asio::make_strand(io_));
    error_code refused;
    socket.assign(tcp::v4(), peer.Get(), refused);
    if (refused) {
      common::log::Warning("cannot watch a connection", {{"error", refused.message()}});
      sessions_.Remove(*number);
      return;
    }
    (void)peer.Release();
    const auto session =
        std::make_shared<TlsSession>(std::move(socket), borrowed, sharing_,
                                     [this, number = *number] { sessions_.Remove(number); });
    sessions_.Set(*number, session);
    session->Start();
  }

  std::unique_ptr<common::tls::ReloadingContext> context_;
  TlsSharing sharing_;
  Sessions sessions_;
  std::uint16_t port_ = 0;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::strand<asio::io_context::executor_type> strand_{io_.get_executor()};
  tcp::acceptor acceptor_{strand_};
  asio::steady_timer pause_{strand_};
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<Listener>> ListenTls(const ListenAddress& address, Router router,
                                            std::unique_ptr<common::tls::ReloadingContext> context,
                                            const TlsLimits& limits) {
  auto listener = std::make_unique<TlsListener>(std::move(router), std::move(context), limits);
  return listener->Start(address).map(
      [&] { return std::unique_ptr<Listener>(std::move(listener)); });
}

}  // namespace exporters
