#include "exporters/router.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <exception>
#include <optional>
#include <utility>

#include "common/log.h"

namespace exporters {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 14> kStatusTexts = {
    {{200, "OK"},
     {201, "Created"},
     {202, "Accepted"},
     {204, "No Content"},
     {301, "Moved Permanently"},
     {302, "Found"},
     {304, "Not Modified"},
     {400, "Bad Request"},
     {401, "Unauthorized"},
     {403, "Forbidden"},
     {404, "Not Found"},
     {405, "Method Not Allowed"},
     {500, "Internal Server Error"},
     {503, "Service Unavailable"}}};

HttpResponse Sentence(int status, std::string sentence) {
  return {.status = status, .body = std::move(sentence) + "\n"};
}

HttpResponse Failed(const HttpRequest& request, std::string what) {
  common::log::Error("a request handler failed", {{"path", request.path}, {"error", what}});
  return Sentence(500, "This program failed to answer: " + std::move(what));
}

template <typename Handler>
const Handler* FindExact(const std::vector<std::pair<std::string, Handler>>& routes,
                         std::string_view path) {
  for (const auto& [route, handler] : routes) {
    if (route == path) {
      return &handler;
    }
  }
  return nullptr;
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

Router::Router(Routes routes) : routes_(std::move(routes)) {}

const StreamHandler* Router::FindStream(std::string_view path) const {
  return FindExact(routes_.streams, path);
}

const HttpHandler* Router::FindHandler(std::string_view path) const {
  if (const auto* const exact = FindExact(routes_.handlers, path)) {
    return exact;
  }
  const HttpHandler* found = nullptr;
  std::size_t longest = 0;
  for (const auto& [route, handler] : routes_.handlers) {
    if (route.ends_with('/') && path.starts_with(route) && route.size() > longest) {
      found = &handler;
      longest = route.size();
    }
  }
  return found;
}

HttpResponse Router::Answer(const HttpRequest& request) const {
  const auto* const handler = FindHandler(request.path);
  if (handler == nullptr) {
    return NotFound(request);
  }
  if (!IsReadMethod(request.method)) {
    return MethodNotAllowed(request.method);
  }
  try {
    return (*handler)(request);
  } catch (const std::exception& error) {
    return Failed(request, error.what());
  } catch (...) {
    return Failed(request, "it does not say why");
  }
}

HttpResponse Router::NotFound(const HttpRequest& request) const {
  std::string known;
  for (const auto& [route, handler] : routes_.handlers) {
    known += (known.empty() ? "" : ", ") + route;
  }
  for (const auto& [route, handler] : routes_.streams) {
    known += (known.empty() ? "" : ", ") + route;
  }
  return Sentence(404, fmt::format("There is no {} here; there is: {}.", request.path, known));
}

bool IsReadMethod(std::string_view method) { return method == "GET" || method == "HEAD"; }

HttpResponse MethodNotAllowed(std::string_view method) {
  return Sentence(405, fmt::format("{} is not possible here; use GET.", method));
}

std::string_view StatusText(int status) {
  for (const auto& [known, text] : kStatusTexts) {
    if (known == status) {
      return text;
    }
  }
  return {};
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
