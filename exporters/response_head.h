#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporters/http_handler.h"

namespace exporters {

/// "OK" for 200; empty for a status that has no usual words.
[[nodiscard]] std::string_view StatusText(int status);

/// The lines before the body of an answer, with the empty one. `more` are lines with their ends.
[[nodiscard]] std::string RenderHead(const HttpResponse& response, std::string_view more);

/// As RenderHead, with the length of the body.
[[nodiscard]] std::string RenderHeadWithLength(const HttpResponse& response, std::string_view more);

/// What precedes a stream, whose end is the end of the connection, so that its reader never
/// waits for another answer.
[[nodiscard]] std::string RenderStreamHead();

/// One chunk of a stream; `bytes` are not empty, as an empty chunk would end it.
[[nodiscard]] std::string RenderChunk(std::string_view bytes);

/// Says that a stream is whole. One without it was broken off.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace exporters
