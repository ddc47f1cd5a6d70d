#include "scaler/kubernetes/leadership/lease_object.h"

#include <simdjson.h>

#include <limits>

#include "common/json_writer.h"

namespace scaler::kubernetes::leadership {
namespace {

using simdjson::dom::element;

std::string TextAt(const element& document, const char* pointer) {
  std::string_view text;
  return document.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

int NumberAt(const element& document, const char* pointer) {
  std::int64_t number = 0;
  const bool found = document.at_pointer(pointer).get(number) == simdjson::SUCCESS;
  return found && number >= 0 && number < std::numeric_limits<int>::max() ? static_cast<int>(number)
                                                                          : 0;
}

void WriteSpec(const LeaseRecord& record, common::JsonWriter& json) {
  json.Key("spec").BeginObject();
  json.Key("holderIdentity").String(record.holder);
  json.Key("leaseDurationSeconds").Integer(record.duration_seconds);
  json.Key("leaseTransitions").Integer(record.transitions);
  json.Key("acquireTime").String(record.acquired);
  json.Key("renewTime").String(record.renewed);
  json.EndObject();
}

}  // namespace

common::Result<LeaseRecord> ReadLease(std::string_view json) {
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(simdjson::padded_string(json)).get(document) != simdjson::SUCCESS ||
      !document.is_object()) {
    return common::Fail(std::errc::bad_message, "the lease is no JSON object");
  }
  LeaseRecord record;
  record.version = TextAt(document, "/metadata/resourceVersion");
  if (record.version.empty()) {
    return common::Fail(std::errc::bad_message, "the lease has no resourceVersion");
  }
  record.holder = TextAt(document, "/spec/holderIdentity");
  record.duration_seconds = NumberAt(document, "/spec/leaseDurationSeconds");
  record.transitions = NumberAt(document, "/spec/leaseTransitions");
  record.acquired = TextAt(document, "/spec/acquireTime");
  record.renewed = TextAt(document, "/spec/renewTime");
  return record;
}

std::string NewLease(const std::string& name_space, const std::string& name,
                     const LeaseRecord& record) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("apiVersion").String("coordination.k8s.io/v1");
  json.Key("kind").String("Lease");
  json.Key("metadata").BeginObject();
  json.Key("name").String(name);
  json.Key("namespace").String(name_space);
  json.Key("labels").BeginObject();
  json.Key("app.kubernetes.io/name").String("trimtab-scaler");
  json.Key("app.kubernetes.io/part-of").String("trimtab");
  json.Key("app.kubernetes.io/managed-by").String("trimtab-scaler");
  json.EndObject().EndObject();
  WriteSpec(record, json);
  json.EndObject();
  return json.Take();
}

std::string LeasePatch(const LeaseRecord& record) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("metadata").BeginObject();
  json.Key("resourceVersion").String(record.version);
  json.EndObject();
  WriteSpec(record, json);
  json.EndObject();
  return json.Take();
}

std::string VersionOf(std::string_view json) {
  simdjson::dom::parser parser;
  element document;
  return parser.parse(simdjson::padded_string(json)).get(document) == simdjson::SUCCESS
             ? TextAt(document, "/metadata/resourceVersion")
             : "";
}

std::string MicroTime(common::WallTime time) {
  auto text = common::FormatRfc3339(time);
  return text.insert(text.size() - 1, "000");
}

}  // namespace scaler::kubernetes::leadership
