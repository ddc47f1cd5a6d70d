#include "tests/cluster/support/meddler.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cluster {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Error = boost::system::error_code;
using Stream = ssl::stream<tcp::socket>;

constexpr auto kRetryAfter = std::chrono::seconds(1);
constexpr std::string_view kTooMany =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Type: application/json\r\n"
    "Content-Length: 55\r\n\r\n"
    R"({"kind":"Status","code":429,"reason":"TooManyRequests"})";

/// A request as it came.
struct Request {
  std::string bytes;
  std::string target;
  bool is_watch = false;
  bool writes_scale = false;
};

/// The first whole request of what came, taken out of it; empty target: there is none yet.
Request TakeRequest(std::string& came) {
  Request request;
  const auto head_end = came.find("\r\n\r\n");
  if (head_end == std::string::npos) {
    return request;
  }
  const std::string_view head(came.data(), head_end);
  std::size_t body = 0;
  constexpr std::string_view kLength = "Content-Length: ";
  if (const auto at = head.find(kLength); at != std::string_view::npos) {
    const auto* const from = head.data() + at + kLength.size();
    std::from_chars(from, head.data() + head.size(), body);
  }
  if (came.size() < head_end + 4 + body) {
    return request;
  }
  const auto line = head.substr(0, head.find("\r\n"));
  const auto method = line.substr(0, line.find(' '));
  const auto rest = line.substr(method.size() + 1);
  request.target = rest.substr(0, rest.find(' '));
  request.is_watch = request.target.find("watch=1") != std::string::npos;
  request.writes_scale = method != "GET" && request.target.find("/scale") != std::string::npos;
  request.bytes = came.substr(0, head_end + 4 + body);
  came.erase(0, head_end + 4 + body);
  return request;
}

std::string SinceTheBeginning(const std::string& request) {
  constexpr std::string_view kVersion = "resourceVersion=";
  const auto from = request.find(kVersion);
  if (from == std::string::npos) {
    return request;
  }
  const auto digits = from + kVersion.size();
  return request.substr(0, digits) + "1" +
         request.substr(request.find_first_not_of("0123456789", digits));
}

/// What all connections share. The io_context's thread has it but for what the mutex guards.
struct SharedState {
  asio::io_context io;
  ssl::context server{ssl::context::tls_server};
  ssl::context client{ssl::context::tls_client};
  tcp::endpoint api;
  std::map<std::string, Clock::time_point> refused;  ///< When, by target.

  std::mutex mutex;
  Meddler::Manners manners;
  Meddler::Counts counts;

  [[nodiscard]] Meddler::Manners Manners() {
    const std::lock_guard lock(mutex);
    return manners;
  }
  void Count(int Meddler::Counts::*what) {
    const std::lock_guard lock(mutex);
    ++(counts.*what);
  }
};

/// One connection of a scaler, and the one to the server that goes with it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(SharedState& shared, tcp::socket socket)
      : shared_(shared),
        down_(std::move(socket), shared.server),
        up_(shared.io, shared.client),
        timer_(shared.io) {}

  void Start() {
    down_.async_handshake(Stream::server, [self = shared_from_this()](Error error) {
      if (error) {
        return self->Close();
      }
      self->up_.lowest_layer().async_connect(self->shared_.api, [self](Error refused) {
        if (refused) {
          return self->Close();
        }
        self->up_.async_handshake(Stream::client, [self](Error failed) {
          if (failed) {
            return self->Close();
          }
          self->Hear();
          self->Answer();
        });
      });
    });
  }

  void Close() {
    Error ignored;
    timer_.cancel();
    down_.lowest_layer().close(ignored);
    up_.lowest_layer().close(ignored);
  }

  void CutWatch() { cuts_ = is_watch_; }

  /// The server gets it whether or not anybody waits for the answer.
  void Release() {
    if (!kept_.empty()) {
      Tell(up_, std::exchange(kept_, {}), [] {});
    }
  }

 private:
  void Hear() {
    down_.async_read_some(asio::buffer(from_scaler_),
                          [self = shared_from_this()](Error error, std::size_t n) {
                            if (error) {
                              // Who keeps a dead scaler's write does not tell the server that it is
                              // dead.
                              return self->kept_.empty() ? self->Close() : void();
                            }
                            self->came_.append(self->from_scaler_.data(), n);
                            self->Take();
                          });
  }

  void Take() {
    const auto request = TakeRequest(came_);
    if (request.target.empty()) {
      return Hear();
    }
    const auto manners = shared_.Manners();
    const auto on = [self = shared_from_this()] { self->Hear(); };
    is_watch_ = request.is_watch;
    mute_ = false;
    if (!request.writes_scale) {
      return Tell(up_,
                  request.is_watch && manners.old_versions ? SinceTheBeginning(request.bytes)
                                                           : request.bytes,
                  on);
    }
    if (manners.refuses_scale) {
      Refuse(request.target);
      return Tell(down_, std::string(kTooMany), on);
    }
    if (manners.keeps_scale) {
      shared_.Count(&Meddler::Counts::kept);
      kept_ = request.bytes;
      return Hear();
    }
    mute_ = manners.keeps_answers;
    Tell(up_, request.bytes, on);
  }

  void Refuse(const std::string& target) {
    shared_.Count(&Meddler::Counts::refused);
    const auto now = Clock::now();
    const auto [last, is_first] = shared_.refused.try_emplace(target, now);
    if (!is_first && now - last->second < kRetryAfter) {
      shared_.Count(&Meddler::Counts::too_soon);
    }
    last->second = now;
  }

  void Answer() {
    up_.async_read_some(asio::buffer(from_server_),
                        [self = shared_from_this()](Error error, std::size_t n) {
                          if (error) {
                            return self->Close();
                          }
                          self->Pass(std::string(self->from_server_.data(), n));
                        });
  }

  void Pass(std::string piece) {
    if (piece.find("\"code\":410") != std::string::npos) {
      shared_.Count(&Meddler::Counts::gone);
    }
    if (mute_) {
      shared_.Count(&Meddler::Counts::kept);
      return Answer();
    }
    if (cuts_ && is_watch_) {
      shared_.Count(&Meddler::Counts::cut);
      piece.resize(piece.size() / 2);
      return Tell(down_, std::move(piece), [self = shared_from_this()] { self->Close(); });
    }
    timer_.expires_after(shared_.Manners().delay);
    timer_.async_wait([self = shared_from_this(), piece = std::move(piece)](Error error) mutable {
      if (!error) {
        self->Tell(self->down_, std::move(piece), [self] { self->Answer(); });
      }
    });
  }

  /// One write at a time on each side: a scaler waits for its answer before it asks again.
  void Tell(Stream& whom, std::string what, std::function<void()> then) {
    const auto words = std::make_shared<std::string>(std::move(what));
    asio::async_write(whom, asio::buffer(*words),
                      [self = shared_from_this(), words, then = std::move(then)](
                          Error error, std::size_t) { error ? self->Close() : then(); });
  }

  SharedState& shared_;
  Stream down_;
  Stream up_;
  asio::steady_timer timer_;
  std::array<char, 16384> from_scaler_{};
  std::array<char, 16384> from_server_{};
  std::string came_;
  std::string kept_;
  bool is_watch_ = false;
  bool cuts_ = false;
  bool mute_ = false;
};

}  // namespace

class Meddler::Impl {
 public:
  explicit Impl(const ControlPlane& plane) {
    shared_.api = {asio::ip::address_v4::loopback(), plane.ApiPort()};
    shared_.server.use_certificate_chain_file((plane.Pki() / "apiserver.crt").string());
    shared_.server.use_private_key_file((plane.Pki() / "apiserver.key").string(),
                                        ssl::context::pem);
    Accept();
    thread_ = std::thread([this] { shared_.io.run(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    shared_.io.stop();
    thread_.join();
  }

  void Accept() {
    acceptor_.async_accept([this](Error error, tcp::socket socket) {
      if (!error) {
        std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
        const auto session = std::make_shared<Session>(shared_, std::move(socket));
        sessions_.push_back(session);
        session->Start();
      }
      Accept();
    });
  }

  void ForEach(const std::function<void(Session&)>& call) {
    asio::post(shared_.io, [this, call] {
      for (const auto& session : sessions_) {
        if (const auto alive = session.lock()) {
          call(*alive);
        }
      }
    });
  }

  SharedState shared_;
  tcp::acceptor acceptor_{shared_.io, {asio::ip::address_v4::loopback(), 0}};
  std::vector<std::weak_ptr<Session>> sessions_;
  std::thread thread_;
};

Meddler::Meddler(const ControlPlane& plane) : impl_(std::make_unique<Impl>(plane)) {}
Meddler::~Meddler() = default;

std::uint16_t Meddler::Port() const { return impl_->acceptor_.local_endpoint().port(); }

void Meddler::Behave(const Manners& manners) {
  const std::lock_guard lock(impl_->shared_.mutex);
  impl_->shared_.manners = manners;
}

void Meddler::CutWatches() {
  impl_->ForEach([](Session& session) { session.CutWatch(); });
}

void Meddler::BreakAll() {
  impl_->ForEach([](Session& session) { session.Close(); });
}

void Meddler::Release() {
  impl_->ForEach([](Session& session) { session.Release(); });
}

Meddler::Counts Meddler::Done() const {
  const std::lock_guard lock(impl_->shared_.mutex);
  return impl_->shared_.counts;
}

}  // namespace cluster
