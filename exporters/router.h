#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/guard.h"
#include "exporters/http_handler.h"
#include "exporters/server.h"

namespace exporters {

/// Which route serves a path, and the answers that need no handler. Knows nothing of sockets.
///
/// Immutable after construction, so any number of threads may ask it.
class Router {
 public:
  /// Without a guard everybody may ask.
  explicit Router(Routes routes, std::unique_ptr<const Guard> guard = nullptr);

  /// The answer to a request that gets no further, decided before its body is read: 401 and 403
  /// of the guard, 404 and 405, and 403 for what another site makes a browser write.
  [[nodiscard]] std::optional<HttpResponse> Refuse(const HttpRequest& request) const;

  /// The stream at exactly `path`, or null.
  [[nodiscard]] const StreamHandler* FindStream(std::string_view path) const;

  /// Answers a request that is no stream and was not refused; 500 where the handler throws. HEAD
  /// is answered as GET; leaving out its body is the listener's part.
  [[nodiscard]] HttpResponse Answer(const HttpRequest& request) const;

  /// Answers a stream that was not refused. False where the handler throws, which is logged: the
  /// status is out already, and an unfinished answer is how HTTP says "broken off".
  [[nodiscard]] bool Stream(const StreamHandler& handler, const HttpRequest& request,
                            StreamSink& sink) const;

 private:
  /// The route at exactly `path`, else the longest that ends in '/' and begins it, or null.
  [[nodiscard]] const Route* FindRoute(std::string_view path) const;
  [[nodiscard]] HttpResponse NotFound(const HttpRequest& request) const;

  Routes routes_;
  std::unique_ptr<const Guard> guard_;
};

/// True for the methods that change nothing: GET and HEAD.
[[nodiscard]] bool IsReadMethod(std::string_view method);

/// An answer to one stream too many.
[[nodiscard]] HttpResponse TooManyStreams();

/// An answer to a body above kLargestRequestBody.
[[nodiscard]] HttpResponse BodyTooLarge();

/// As the names of headers are given to handlers.
[[nodiscard]] std::string LowerCase(std::string_view text);

/// Undoes %XX, and '+' where `plus_is_blank`; what is no escape stays as it is.
[[nodiscard]] std::string DecodeUrl(std::string_view text, bool plus_is_blank);

/// "a=1&b" as {a: "1", b: ""}; the last of equal names wins.
[[nodiscard]] std::map<std::string, std::string> ParseQuery(std::string_view query);

}  // namespace exporters
