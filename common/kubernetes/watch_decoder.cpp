#include "common/kubernetes/watch_decoder.h"

#include <simdjson.h>

#include <optional>
#include <utility>

#include "common/kubernetes/metadata.h"

namespace common::kubernetes {
namespace {

namespace ondemand = simdjson::ondemand;

tl::unexpected<Error> NoEvent(const std::string& what) {
  return Fail(std::errc::bad_message, "a line of the watch is no event: " + what);
}

std::optional<WatchEvent::Kind> KindOf(std::string_view type) {
  if (type == "ADDED" || type == "MODIFIED") {
    return WatchEvent::Kind::kPut;
  }
  if (type == "DELETED") {
    return WatchEvent::Kind::kGone;
  }
  if (type == "BOOKMARK") {
    return WatchEvent::Kind::kBookmark;
  }
  if (type == "ERROR") {
    return WatchEvent::Kind::kError;
  }
  return std::nullopt;
}

/// False to hear no more.
Result<bool> ReadLine(std::string_view line,
                      const std::function<bool(const WatchEvent&)>& on_event) {
  const simdjson::padded_string padded(line);
  ondemand::parser parser;
  ondemand::document document;
  std::string_view type;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document["type"].get(type) != simdjson::SUCCESS) {
    return NoEvent("not JSON, or without a type");
  }
  WatchEvent event;
  const auto kind = KindOf(type);
  if (!kind) {
    return true;  // A later version's.
  }
  event.kind = *kind;
  ondemand::object object;
  if (document["object"].get(object) != simdjson::SUCCESS ||
      object.raw_json().get(event.object.json) != simdjson::SUCCESS) {
    return NoEvent("without an object");
  }
  if (event.kind == WatchEvent::Kind::kError) {
    event.status = ParseStatus(event.object.json);
    return on_event(event);
  }
  if (object.reset().error() != simdjson::SUCCESS || !ReadMetadata(object, event.object) ||
      event.object.resource_version.empty() ||
      (event.object.name.empty() && event.kind != WatchEvent::Kind::kBookmark)) {
    return NoEvent("its object has no name or no resourceVersion");
  }
  return on_event(event);
}

}  // namespace

Result<void> WatchDecoder::Append(std::string_view bytes,
                                  const std::function<bool(const WatchEvent&)>& on_event) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (line_.size() + part.size() > kLongestLine) {
      return Fail(std::errc::message_size, "a line of the watch is too long");
    }
    if (end == std::string_view::npos) {
      line_.append(part);
      return {};
    }
    bytes.remove_prefix(end + 1);
    std::string joined;
    auto line = part;
    if (!line_.empty()) {
      joined = std::exchange(line_, {});
      joined.append(part);
      line = joined;
    }
    if (line.empty()) {
      continue;
    }
    const auto more = ReadLine(line, on_event);
    if (!more) {
      return tl::make_unexpected(more.error());
    }
    if (!*more) {
      return {};
    }
  }
  return {};
}

}  // namespace common::kubernetes
