#pragma once

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/router.h"
#include "exporters/tls_listener.h"

// Inside this folder's TLS listener only: it brings Boost's headers.
namespace exporters {

/// What all connections of one listener share.
struct TlsSharing {
  const Router router;
  const TlsLimits limits;
  std::atomic<bool> stopping{false};
  std::atomic<int> streams{0};
  boost::asio::thread_pool workers;
  boost::asio::thread_pool stream_threads;
};

/// One connection: handshake, then one request after the other. Its calls run on its strand (the
/// executor of `socket`), where nothing blocks; handlers and streams run on the shared threads.
class TlsSession : public std::enable_shared_from_this<TlsSession> {
 public:
  /// `sharing` outlives it. `on_end` is called from the destructor.
  TlsSession(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context,
             TlsSharing& sharing, std::function<void()> on_end);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  /// Once. Any thread, as the rest of the public functions.
  void Start();

  /// True while there is no request that is being read or answered.
  [[nodiscard]] bool Waiting() const { return waiting_; }

  /// Closes the connection if it waits; a request in hand is still answered.
  void CloseIfWaiting();

  /// Closes the connection, whatever it does.
  void CloseNow();

  /// For the sink of a stream, on another thread: writes and waits. False if it cannot.
  [[nodiscard]] bool WriteAndWait(std::string_view bytes);
  [[nodiscard]] bool StreamIsOver() const { return reader_gone_ || sharing_.stopping; }

 private:
  using ErrorCode = boost::system::error_code;
  enum class Then { kNextRequest, kClose };

  void DetectTls();
  void SayThatItIsTls();
  void ShakeHands();
  void AwaitRequest();
  void ReadHead();
  void OnHead(ErrorCode error);
  void OnUnreadable(ErrorCode error);
  void AskForBody();
  void ReadBody();
  void Work();
  void Reply(HttpResponse response, Then then);

  void BeginStream(const StreamHandler& handler);
  void WatchReader();
  void RunStream(const StreamHandler& handler);
  void EndStream(bool whole);

  void SayGoodbye();
  void Drain(std::size_t left);
  void Close();

  [[nodiscard]] boost::beast::tcp_stream& Socket() {
    return boost::beast::get_lowest_layer(stream_);
  }
  [[nodiscard]] boost::asio::any_io_executor Strand() { return stream_.get_executor(); }

  TlsSharing& sharing_;
  const std::function<void()> on_end_;
  boost::beast::ssl_stream<boost::beast::tcp_stream> stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  HttpRequest request_;
  std::string out_;  ///< What is being written; lives as long as the write.
  std::array<char, 4096> drain_{};
  std::atomic<bool> waiting_{true};
  std::atomic<bool> reader_gone_{false};
  bool certified_ = false;
  bool closed_ = false;
};

}  // namespace exporters
