#include "exporters/response_head.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace exporters {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 19> kStatusTexts = {
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
     {408, "Request Timeout"},
     {409, "Conflict"},
     {413, "Content Too Large"},
     {422, "Unprocessable Content"},
     {431, "Request Header Fields Too Large"},
     {500, "Internal Server Error"},
     {503, "Service Unavailable"}}};

}  // namespace

std::string_view StatusText(int status) {
  for (const auto& [known, text] : kStatusTexts) {
    if (known == status) {
      return text;
    }
  }
  return {};
}

std::string RenderHead(const HttpResponse& response, std::string_view more) {
  auto head = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n",
      response.status, StatusText(response.status), response.content_type);
  for (const auto& [name, value] : response.headers) {
    head += fmt::format("{}: {}\r\n", name, value);
  }
  return head.append(more).append("\r\n");
}

std::string RenderHeadWithLength(const HttpResponse& response, std::string_view more) {
  return RenderHead(response, fmt::format("Content-Length: {}\r\n{}", response.body.size(), more));
}

std::string RenderStreamHead() {
  return RenderHead({.content_type = "application/octet-stream"},
                    "Transfer-Encoding: chunked\r\nConnection: close\r\n");
}

std::string RenderChunk(std::string_view bytes) {
  auto chunk = fmt::format("{:x}\r\n", bytes.size());
  return chunk.append(bytes).append("\r\n");
}

}  // namespace exporters
