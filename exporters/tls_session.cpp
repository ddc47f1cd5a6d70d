#include "exporters/tls_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/detect_ssl.hpp>
#include <boost/beast/http/read.hpp>
#include <future>
#include <utility>

#include "common/log.h"
#include "common/readable.h"
#include "exporters/request_target.h"
#include "exporters/response_head.h"

namespace exporters {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kLargestHead = 16U << 10U;
constexpr std::size_t kLargestBuffer = 32U << 10U;
constexpr std::size_t kMostDrained = 1U << 20U;
// A reader whose machine has gone says nothing; the kernel gives up on it after so long.
constexpr unsigned kUnacknowledgedMs = 30'000;

class SessionSink final : public StreamSink {
 public:
  explicit SessionSink(TlsSession& session) : session_(session) {}

  bool Write(std::string_view bytes) override {
    if (broken_ || session_.StreamIsOver()) {
      return false;
    }
    // An empty chunk would end the stream.
    broken_ = !bytes.empty() && !session_.WriteAndWait(RenderChunk(bytes));
    return !broken_;
  }

  [[nodiscard]] bool Stopping() const override { return broken_ || session_.StreamIsOver(); }

  [[nodiscard]] bool Broken() const { return broken_; }

 private:
  TlsSession& session_;
  bool broken_ = false;
};

void SetSocketOptions(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMs,
               sizeof(kUnacknowledgedMs));
}

}  // namespace

TlsSession::TlsSession(tcp::socket socket, asio::ssl::context& context, TlsSharing& sharing,
                       std::function<void()> on_end)
    : sharing_(sharing),
      on_end_(std::move(on_end)),
      stream_(std::move(socket), context),
      buffer_(kLargestBuffer) {
  SetSocketOptions(Socket().socket());
}

TlsSession::~TlsSession() { on_end_(); }

void TlsSession::Start() {
  asio::post(Strand(), [self = shared_from_this()] { self->DetectTls(); });
}

void TlsSession::CloseIfWaiting() {
  asio::post(Strand(), [self = shared_from_this()] {
    if (self->waiting_) {
      self->Close();
    }
  });
}

void TlsSession::CloseNow() {
  asio::post(Strand(), [self = shared_from_this()] { self->Close(); });
}

void TlsSession::DetectTls() {
  Socket().expires_after(sharing_.limits.handshake);
  beast::async_detect_ssl(Socket(), buffer_,
                          [self = shared_from_this()](ErrorCode error, bool is_tls) {
                            if (error) {
                              self->Close();
                            } else if (is_tls) {
                              self->ShakeHands();
                            } else {
                              self->SayThatItIsTls();
                            }
                          });
}

void TlsSession::SayThatItIsTls() {
  const HttpResponse response{.status = 400, .body = "This port speaks TLS; write https://.\n"};
  out_ = RenderHeadWithLength(response, "Connection: close\r\n") + response.body;
  asio::async_write(Socket(), asio::buffer(out_),
                    [self = shared_from_this()](ErrorCode error, std::size_t) {
                      if (error) {
                        self->Close();
                        return;
                      }
                      self->Socket().expires_after(self->sharing_.limits.farewell);
                      self->Drain(kMostDrained);
                    });
}

void TlsSession::ShakeHands() {
  stream_.async_handshake(
      asio::ssl::stream_base::server, buffer_.data(),
      // With a default, because Beast 1.81 demands that it may be called without `used`, too.
      [self = shared_from_this()](ErrorCode error, std::size_t used = 0) {
        if (error) {
          common::log::Debug("a TLS handshake failed", {{"error", error.message()}});
          self->Close();
          return;
        }
        self->buffer_.consume(used);
        self->certified_ = common::tls::HasPeerCertificate(self->stream_.native_handle());
        self->AwaitRequest();
      });
}

void TlsSession::AwaitRequest() {
  waiting_ = true;
  if (sharing_.stopping) {
    SayGoodbye();
    return;
  }
  parser_.emplace();
  parser_->header_limit(kLargestHead);
  parser_->body_limit(kLargestRequestBody);
  if (buffer_.size() > 0) {
    ReadHead();
    return;
  }
  Socket().expires_after(sharing_.limits.idle);
  stream_.async_read_some(buffer_.prepare(drain_.size()),
                          [self = shared_from_this()](ErrorCode error, std::size_t size) {
                            if (error) {
                              self->Close();
                              return;
                            }
                            self->buffer_.commit(size);
                            self->ReadHead();
                          });
}

void TlsSession::ReadHead() {
  Socket().expires_after(sharing_.limits.request);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->OnHead(error); });
}

void TlsSession::OnHead(ErrorCode error) {
  if (error) {
    OnUnreadable(error);
    return;
  }
  waiting_ = false;
  const auto& message = parser_->get();
  auto target = ParseRequestTarget(std::string_view(message.target()));
  if (!target) {
    Reply({.status = 400, .body = "This is no path of a page.\n"}, Then::kClose);
    return;
  }
  request_ = {.method = std::string(message.method_string()),
              .path = std::move(target->path),
              .query = std::move(target->query),
              .certified = certified_};
  for (const auto& field : message) {
    request_.headers.insert_or_assign(LowerCase(std::string_view(field.name_string())),
                                      std::string(field.value()));
  }
  if (auto refusal = sharing_.router.Refuse(request_)) {
    // A body that nobody reads would be taken for the next request.
    Reply(std::move(*refusal), parser_->is_done() ? Then::kNextRequest : Then::kClose);
  } else if (const auto* const stream = sharing_.router.FindStream(request_.path)) {
    BeginStream(*stream);
  } else {
    AskForBody();
  }
}

void TlsSession::OnUnreadable(ErrorCode error) {
  request_ = {};
  if (error == http::error::body_limit) {
    Reply(BodyTooLarge(), Then::kClose);
  } else if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    Reply({.status = 431, .body = "The head of a request may have 16 KiB here.\n"}, Then::kClose);
  } else if (error == beast::error::timeout || error == http::error::end_of_stream ||
             error.category() != http::make_error_code(http::error::bad_method).category()) {
    Close();
  } else {
    Reply({.status = 400, .body = "This is no HTTP request: " + error.message() + ".\n"},
          Then::kClose);
  }
}

void TlsSession::AskForBody() {
  const auto expects = request_.headers.find("expect");
  if (parser_->is_done() || expects == request_.headers.end() ||
      LowerCase(expects->second) != "100-continue") {
    ReadBody();
    return;
  }
  out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(out_),
                    [self = shared_from_this()](ErrorCode error, std::size_t) {
                      if (error) {
                        self->Close();
                        return;
                      }
                      self->ReadBody();
                    });
}

void TlsSession::ReadBody() {
  if (parser_->is_done()) {
    Work();
    return;
  }
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](ErrorCode error, std::size_t) {
                     if (error) {
                       self->OnUnreadable(error);
                       return;
                     }
                     self->Work();
                   });
}

void TlsSession::Work() {
  request_.body = std::move(parser_->get().body());
  asio::post(sharing_.workers, [self = shared_from_this()] {
    auto response = self->sharing_.router.Answer(self->request_);
    asio::post(self->Strand(), [self, response = std::move(response)]() mutable {
      self->Reply(std::move(response), Then::kNextRequest);
    });
  });
}

void TlsSession::Reply(HttpResponse response, Then then) {
  waiting_ = false;
  const bool close =
      then == Then::kClose || sharing_.stopping || !parser_->is_done() || !parser_->keep_alive();
  const bool is_old = parser_->is_header_done() && parser_->get().version() < 11;
  out_ = RenderHeadWithLength(response, close    ? "Connection: close\r\n"
                                        : is_old ? "Connection: keep-alive\r\n"
                                                 : "");
  // In one piece: of two, Beast 1.81 leaves out a second one that is large.
  if (request_.method != "HEAD") {
    out_ += response.body;
  }
  Socket().expires_after(sharing_.limits.answer);
  asio::async_write(stream_, asio::buffer(out_),
                    [self = shared_from_this(), close](ErrorCode error, std::size_t) {
                      self->out_ = {};
                      if (error) {
                        self->Close();
                      } else if (close) {
                        self->SayGoodbye();
                      } else {
                        self->AwaitRequest();
                      }
                    });
}

void TlsSession::BeginStream(const StreamHandler& handler) {
  if (sharing_.streams.fetch_add(1) >= kMostStreams) {
    --sharing_.streams;
    Reply(TooManyStreams(), Then::kClose);
    return;
  }
  out_ = RenderStreamHead();
  Socket().expires_after(sharing_.limits.answer);
  asio::async_write(stream_, asio::buffer(out_),
                    [self = shared_from_this(), &handler](ErrorCode error, std::size_t) {
                      if (error || self->request_.method == "HEAD") {
                        --self->sharing_.streams;
                        error ? self->Close() : self->SayGoodbye();
                        return;
                      }
                      self->WatchReader();
                      asio::post(self->sharing_.stream_threads,
                                 [self, &handler] { self->RunStream(handler); });
                    });
}

void TlsSession::WatchReader() {
  // A reader of a stream has nothing more to say: whatever comes now is its goodbye. Only the
  // socket is watched, so that reading and writing never share the TLS state.
  Socket().socket().async_wait(
      tcp::socket::wait_read, [self = shared_from_this()](ErrorCode error) {
        if (!error && !common::IsReadable(self->Socket().socket().native_handle())) {
          self->WatchReader();
          return;
        }
        self->reader_gone_ = true;
      });
}

void TlsSession::RunStream(const StreamHandler& handler) {
  SessionSink sink(*this);
  const bool whole = sharing_.router.Stream(handler, request_, sink) && !sink.Broken();
  --sharing_.streams;
  asio::post(Strand(), [self = shared_from_this(), whole] { self->EndStream(whole); });
}

void TlsSession::EndStream(bool whole) {
  if (!whole || closed_) {
    Close();
    return;
  }
  out_ = kLastChunk;
  Socket().expires_after(sharing_.limits.stream_write);
  asio::async_write(stream_, asio::buffer(out_),
                    [self = shared_from_this()](ErrorCode error, std::size_t) {
                      error ? self->Close() : self->SayGoodbye();
                    });
}

bool TlsSession::WriteAndWait(std::string_view bytes) {
  // Shared, because it must outlive the setting of its value, which wakes us up.
  const auto done = std::make_shared<std::promise<bool>>();
  auto written = done->get_future();
  asio::post(Strand(), [self = shared_from_this(), bytes, done] {
    if (self->closed_) {
      done->set_value(false);
      return;
    }
    self->Socket().expires_after(self->sharing_.limits.stream_write);
    asio::async_write(self->stream_, asio::buffer(bytes),
                      [self, done](ErrorCode error, std::size_t) {
                        if (error) {
                          self->Close();
                        }
                        done->set_value(!error);
                      });
  });
  return written.get();
}

void TlsSession::SayGoodbye() {
  waiting_ = true;
  Socket().expires_after(sharing_.limits.farewell);
  // Its error tells only how polite the peer is.
  stream_.async_shutdown([self = shared_from_this()](ErrorCode) { self->Drain(kMostDrained); });
}

void TlsSession::Drain(std::size_t left) {
  // Closing while bytes are unread would reset the connection, and the peer might lose the answer.
  error_code ignored;
  Socket().socket().shutdown(tcp::socket::shutdown_send, ignored);
  Socket().async_read_some(asio::buffer(drain_),
                           [self = shared_from_this(), left](ErrorCode error, std::size_t size) {
                             if (error || size >= left) {
                               self->Close();
                               return;
                             }
                             self->Drain(left - size);
                           });
}

void TlsSession::Close() {
  closed_ = true;
  reader_gone_ = true;
  Socket().close();
}

}  // namespace exporters
