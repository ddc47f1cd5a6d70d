#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace exporters {

/// One request, as handlers see it. Header names are lower case.
struct HttpRequest {
  std::string method = {};
  std::string path = {};  ///< Decoded, without the query.
  std::map<std::string, std::string> query = {};
  std::map<std::string, std::string> headers = {};
  std::string body = {};   ///< At most kLargestRequestBody; empty for GET and HEAD.
  bool certified = false;  ///< The client showed a certificate of the client CA.
};

/// A longer body of a request is answered 413.
inline constexpr std::size_t kLargestRequestBody = 64U << 10U;

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::map<std::string, std::string> headers = {};  ///< Beside those that every answer has.
};

/// Answers one request. Called on a thread of the server, several at a time.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

/// The open answer of a stream.
class StreamSink {
 public:
  StreamSink() = default;
  StreamSink(const StreamSink&) = delete;
  StreamSink& operator=(const StreamSink&) = delete;
  virtual ~StreamSink() = default;

  /// Sends `bytes` now. False when the reader has gone or the server stops.
  [[nodiscard]] virtual bool Write(std::string_view bytes) = 0;

  /// True once the server wants to stop or knows that the reader has gone.
  [[nodiscard]] virtual bool Stopping() const = 0;
};

/// Writes a long answer (chunked, application/octet-stream) until it returns. It has a thread of
/// its own and must look at Stopping at least once a second.
using StreamHandler = std::function<void(const HttpRequest&, StreamSink&)>;

}  // namespace exporters
