#include "scaler/kubernetes/events/event.h"

#include "common/json_writer.h"
#include "scaler/explain/sentence.h"

namespace scaler::kubernetes::events {
namespace {

using common::JsonWriter;

constexpr std::size_t kLongestNote = 1024;

/// Kubernetes wants six digits behind the point, no more and no fewer.
std::string Microseconds(common::WallTime time) {
  return common::FormatRfc3339(time).substr(0, 23) + "000Z";
}

void Write(const Reference& reference, JsonWriter& json) {
  json.BeginObject().Key("apiVersion").String(reference.api_version);
  json.Key("kind").String(reference.kind);
  if (!reference.name_space.empty()) {
    json.Key("namespace").String(reference.name_space);
  }
  json.Key("name").String(reference.name);
  if (!reference.uid.empty()) {
    json.Key("uid").String(reference.uid);
  }
  json.EndObject();
}

}  // namespace

std::string NamespaceOf(const Reference& regarding) {
  return regarding.name_space.empty() ? "default" : regarding.name_space;
}

std::string EventJson(const Event& event, const std::string& name, const std::string& instance,
                      common::WallTime at) {
  JsonWriter json;
  json.BeginObject().Key("apiVersion").String("events.k8s.io/v1").Key("kind").String("Event");
  json.Key("metadata").BeginObject().Key("name").String(name);
  json.Key("namespace").String(NamespaceOf(event.regarding)).EndObject();
  json.Key("eventTime").String(Microseconds(at));
  json.Key("reportingController").String("trimtab.io/scaler");
  json.Key("reportingInstance").String(explain::Shorten(instance, 128));
  json.Key("action").String(event.action).Key("reason").String(event.reason);
  json.Key("regarding");
  Write(event.regarding, json);
  if (event.related) {
    json.Key("related");
    Write(*event.related, json);
  }
  json.Key("note").String(explain::Shorten(event.note, kLongestNote));
  json.Key("type").String(event.warning ? "Warning" : "Normal");
  return json.EndObject().Take();
}

std::string SeriesPatch(std::int64_t count, common::WallTime at) {
  JsonWriter json;
  json.BeginObject().Key("series").BeginObject().Key("count").Integer(count);
  json.Key("lastObservedTime").String(Microseconds(at)).EndObject();
  return json.EndObject().Take();
}

}  // namespace scaler::kubernetes::events
