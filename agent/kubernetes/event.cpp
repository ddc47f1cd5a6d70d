#include "agent/kubernetes/event.h"

#include <simdjson.h>

#include "common/kubernetes/json_fields.h"

namespace agent::kubernetes {
namespace {

namespace json = common::kubernetes::json;

struct Raw {
  std::string reason;
  std::string message;
  std::string field_path;
  std::optional<common::WallTime> first;
  std::optional<common::WallTime> last;
  std::optional<common::WallTime> at;  ///< Events of the newer kind have only this and a series.
  std::optional<common::WallTime> series;
};

/// "shop" of "spec.containers{shop}".
std::string ContainerOf(const std::string& field_path) {
  const auto from = field_path.find('{');
  return from == std::string::npos || !field_path.ends_with('}')
             ? std::string()
             : field_path.substr(from + 1, field_path.size() - from - 2);
}

/// The kubelet's own words; they have been the same since Kubernetes 1.14.
std::optional<PodEvent::Kind> KindOf(const Raw& raw) {
  const auto says = [&](std::string_view words) {
    return raw.message.find(words) != std::string::npos;
  };
  if (raw.reason == "Killing") {
    if (says("failed liveness probe") || says("failed startup probe")) {
      return PodEvent::Kind::kProbeKilled;
    }
    if (says("definition changed") || says("resize requires restart")) {
      return PodEvent::Kind::kChanged;
    }
  } else if (raw.reason == "Unhealthy" &&
             (says("Liveness probe failed") || says("Startup probe failed") ||
              says("Liveness probe errored") || says("Startup probe errored"))) {
    return PodEvent::Kind::kProbeFailed;
  }
  return std::nullopt;
}

Raw ReadEvent(simdjson::ondemand::value value) {
  Raw raw;
  json::EachField(value.get_object(), [&](std::string_view key, simdjson::ondemand::value field) {
    if (key == "reason") {
      raw.reason = json::TextOf(field);
    } else if (key == "message") {
      raw.message = json::TextOf(field);
    } else if (key == "firstTimestamp") {
      raw.first = json::TimeOf(field);
    } else if (key == "lastTimestamp") {
      raw.last = json::TimeOf(field);
    } else if (key == "eventTime") {
      raw.at = json::TimeOf(field);
    } else if (key == "involvedObject") {
      json::EachField(field.get_object(),
                      [&](std::string_view name, simdjson::ondemand::value text) {
                        if (name == "fieldPath") {
                          raw.field_path = json::TextOf(text);
                        }
                      });
    } else if (key == "series") {
      json::EachField(field.get_object(),
                      [&](std::string_view name, simdjson::ondemand::value text) {
                        if (name == "lastObservedTime") {
                          raw.series = json::TimeOf(text);
                        }
                      });
    }
  });
  return raw;
}

}  // namespace

common::Result<std::vector<PodEvent>> ParseEvents(std::string_view json) {
  const simdjson::padded_string padded(json);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  std::vector<PodEvent> events;
  bool has_items = false;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      !json::EachField(document.get_object(),
                       [&](std::string_view key, simdjson::ondemand::value value) {
                         if (key != "items") {
                           return;
                         }
                         has_items = true;
                         json::EachItem(value, kMostEvents, [&](simdjson::ondemand::value each) {
                           const auto raw = ReadEvent(each);
                           const auto kind = KindOf(raw);
                           auto container = ContainerOf(raw.field_path);
                           if (kind && !container.empty()) {
                             const auto first = raw.first ? raw.first : raw.at;
                             const auto last = raw.last     ? raw.last
                                               : raw.series ? raw.series
                                                            : first;
                             events.push_back({*kind, std::move(container), first, last});
                           }
                         });
                       }) ||
      !has_items) {
    return common::Fail(std::errc::bad_message, "the answer is no list of events");
  }
  return events;
}

}  // namespace agent::kubernetes
