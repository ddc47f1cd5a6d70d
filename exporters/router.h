#pragma once

#include <string>
#include <string_view>

#include "exporters/http_handler.h"
#include "exporters/server.h"

namespace exporters {

/// Which route serves a path, and the answers that need no handler. Knows nothing of sockets.
///
/// Immutable after construction, so any number of threads may ask it.
class Router {
 public:
  explicit Router(Routes routes);

  /// The stream at exactly `path`, or null.
  [[nodiscard]] const StreamHandler* FindStream(std::string_view path) const;

  /// The handler at exactly `path`, else the longest that ends in '/' and begins it, or null.
  [[nodiscard]] const HttpHandler* FindHandler(std::string_view path) const;

  /// Answers everything that is no stream: 404 and 405 with a sentence, 500 where a handler
  /// throws. HEAD is answered as GET; leaving out its body is the server's part.
  [[nodiscard]] HttpResponse Answer(const HttpRequest& request) const;

 private:
  [[nodiscard]] HttpResponse NotFound(const HttpRequest& request) const;

  Routes routes_;
};

/// True for the methods that a server of ours answers: GET and HEAD.
[[nodiscard]] bool IsReadMethod(std::string_view method);

/// The answer to every other method.
[[nodiscard]] HttpResponse MethodNotAllowed(std::string_view method);

/// "OK" for 200; empty for a status that has no usual words.
[[nodiscard]] std::string_view StatusText(int status);

/// Undoes %XX, and '+' where `plus_is_blank`; what is no escape stays as it is.
[[nodiscard]] std::string DecodeUrl(std::string_view text, bool plus_is_blank);

/// "a=1&b" as {a: "1", b: ""}; the last of equal names wins.
[[nodiscard]] std::map<std::string, std::string> ParseQuery(std::string_view query);

}  // namespace exporters
