#include "exporters/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <exception>
#include <optional>
#include <utility>

#include "common/log.h"
#include "exporters/listener.h"

namespace exporters {
namespace {

HttpResponse Sentence(int status, std::string sentence) {
  return {.status = status, .body = std::move(sentence) + "\n"};
}

HttpResponse Failed(const HttpRequest& request, std::string what) {
  common::log::Error("a request handler failed", {{"path", request.path}, {"error", what}});
  return Sentence(500, "This program failed to answer: " + std::move(what));
}

/// What a route can do, as the header Allow says it.
std::string Allowed(const std::vector<std::string>& methods) {
  std::string allowed;
  for (const auto& method : methods) {
    allowed += (allowed.empty() ? "" : ", ") + method + (method == "GET" ? ", HEAD" : "");
  }
  return allowed;
}

bool Allows(const std::vector<std::string>& methods, std::string_view method) {
  const auto wanted = method == "HEAD" ? "GET" : method;
  return std::find(methods.begin(), methods.end(), wanted) != methods.end();
}

HttpResponse MethodNotAllowed(std::string_view method, const std::vector<std::string>& methods) {
  const auto allowed = Allowed(methods);
  auto response = Sentence(405, fmt::format("{} is not possible here; use {}.", method, allowed));
  response.headers["Allow"] = allowed;
  return response;
}

std::string_view Header(const HttpRequest& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string_view() : found->second;
}

/// True for what a browser sends on behalf of a page that is not ours. Programs send neither of
/// these headers; every browser sends one of them with whatever may write.
bool IsFromAnotherSite(const HttpRequest& request) {
  const auto site = Header(request, "sec-fetch-site");
  if (!site.empty()) {
    return site != "same-origin" && site != "none";
  }
  const auto origin = Header(request, "origin");
  const auto scheme_end = origin.find("://");
  const auto host = scheme_end == std::string_view::npos ? origin : origin.substr(scheme_end + 3);
  return !origin.empty() && host != Header(request, "host");
}

std::optional<char> ParseEscape(std::string_view text) {
  unsigned value = 0;
  if (text.size() < 3 || text[0] != '%') {
    return std::nullopt;
  }
  const auto [end, code] = std::from_chars(text.data() + 1, text.data() + 3, value, 16);
  if (code != std::errc{} || end != text.data() + 3) {
    return std::nullopt;
  }
  return static_cast<char>(value);
}

}  // namespace

Router::Router(Routes routes, std::unique_ptr<const Guard> guard)
    : routes_(std::move(routes)), guard_(std::move(guard)) {}

std::optional<HttpResponse> Router::Refuse(const HttpRequest& request) const {
  if (auto refusal = guard_ ? guard_->Refuse(request) : std::nullopt) {
    return refusal;
  }
  static const std::vector<std::string> kStreamMethods = {"GET"};
  const auto* const route = FindRoute(request.path);
  const bool is_stream = FindStream(request.path) != nullptr;
  if (route == nullptr && !is_stream) {
    return NotFound(request);
  }
  const auto& methods = is_stream ? kStreamMethods : route->methods;
  if (!Allows(methods, request.method)) {
    return MethodNotAllowed(request.method, methods);
  }
  if (!IsReadMethod(request.method) && IsFromAnotherSite(request)) {
    return Sentence(403, "Another site's page may change nothing here.");
  }
  return std::nullopt;
}

const StreamHandler* Router::FindStream(std::string_view path) const {
  for (const auto& [route, handler] : routes_.streams) {
    if (route == path) {
      return &handler;
    }
  }
  return nullptr;
}

const Route* Router::FindRoute(std::string_view path) const {
  const Route* found = nullptr;
  for (const auto& route : routes_.handlers) {
    if (route.path == path) {
      return &route;
    }
    if (route.path.ends_with('/') && path.starts_with(route.path) &&
        (found == nullptr || route.path.size() > found->path.size())) {
      found = &route;
    }
  }
  return found;
}

HttpResponse Router::Answer(const HttpRequest& request) const {
  const auto* const route = FindRoute(request.path);
  if (route == nullptr) {
    return NotFound(request);
  }
  try {
    return route->handler(request);
  } catch (const std::exception& error) {
    return Failed(request, error.what());
  } catch (...) {
    return Failed(request, "it does not say why");
  }
}

bool Router::Stream(const StreamHandler& handler, const HttpRequest& request,
                    StreamSink& sink) const {
  try {
    handler(request, sink);
    return true;
  } catch (const std::exception& error) {
    common::log::Error("a stream failed", {{"path", request.path}, {"error", error.what()}});
  } catch (...) {
    common::log::Error("a stream failed", {{"path", request.path}});
  }
  return false;
}

HttpResponse Router::NotFound(const HttpRequest& request) const {
  std::string known;
  for (const auto& route : routes_.handlers) {
    known += (known.empty() ? "" : ", ") + route.path;
  }
  for (const auto& [route, handler] : routes_.streams) {
    known += (known.empty() ? "" : ", ") + route;
  }
  return Sentence(404, fmt::format("There is no {} here; there is: {}.", request.path, known));
}

bool IsReadMethod(std::string_view method) { return method == "GET" || method == "HEAD"; }

HttpResponse TooManyStreams() {
  return Sentence(
      503, fmt::format("{} streams are open already; close one and try again.", kMostStreams));
}

HttpResponse BodyTooLarge() {
  return Sentence(
      413, fmt::format("The body of a request may have {} bytes here.", kLargestRequestBody));
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return lower;
}

std::string DecodeUrl(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  while (!text.empty()) {
    if (const auto escape = ParseEscape(text)) {
      decoded += *escape;
      text.remove_prefix(3);
      continue;
    }
    decoded += text.front() == '+' && plus_is_blank ? ' ' : text.front();
    text.remove_prefix(1);
  }
  return decoded;
}

std::map<std::string, std::string> ParseQuery(std::string_view query) {
  std::map<std::string, std::string> parsed;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = DecodeUrl(pair.substr(0, equals), true);
    if (!name.empty()) {
      const auto value = pair.substr(std::min(equals + 1, pair.size()));
      parsed.insert_or_assign(name, DecodeUrl(value, true));
    }
  }
  return parsed;
}

}  // namespace exporters
