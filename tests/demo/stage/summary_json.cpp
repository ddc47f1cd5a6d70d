#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "common/json_writer.h"
#include "common/replace_file.h"
#include "tests/demo/stage/summary.h"

namespace demo {
namespace {

using common::JsonWriter;

std::int64_t Signed(std::uint64_t count) { return static_cast<std::int64_t>(count); }

/// Milliseconds are as fine as it makes sense.
void WriteSeconds(JsonWriter& writer, double seconds) {
  writer.Double(std::round(seconds * 1000) / 1000);
}

void WriteSeconds(JsonWriter& writer, const std::optional<double>& seconds) {
  seconds ? WriteSeconds(writer, *seconds) : static_cast<void>(writer.Null());
}

/// The document has a line for each key, and a line for each element of a list in it: for people,
/// and for diff.
class Document {
 public:
  void Add(std::string_view key, std::string value) {
    JsonWriter name;
    name.String(key);
    text_ += (text_.empty() ? "{\n  " : ",\n  ") + name.Take() + ": " + value;
  }

  template <typename List, typename WriteElement>
  void AddList(std::string_view key, const List& list, WriteElement write_element) {
    std::string value = "[";
    for (const auto& element : list) {
      JsonWriter writer;
      write_element(writer, element);
      value += (value.size() == 1 ? "\n    " : ",\n    ") + writer.Take();
    }
    Add(key, value + (value.size() == 1 ? "]" : "\n  ]"));
  }

  void AddCount(std::string_view key, std::uint64_t count) { Add(key, std::to_string(count)); }

  void AddTexts(std::string_view key, const std::vector<std::string>& texts) {
    AddList(key, texts, [](JsonWriter& writer, const std::string& text) { writer.String(text); });
  }

  std::string Take() { return std::move(text_) + "\n}\n"; }

 private:
  std::string text_;
};

std::string RequestsOf(const Totals& totals) {
  JsonWriter writer;
  writer.BeginObject();
  writer.Key("sent").Integer(Signed(totals.sent));
  writer.Key("answered").Integer(Signed(totals.answered));
  writer.Key("waking").Integer(Signed(totals.waking));
  writer.Key("failed").Integer(Signed(totals.Failed()));
  writer.Key("lost_to_scaling").Integer(Signed(totals.FailedBy(Cause::kLostToScaling)));
  writer.Key("failed_by_cause").BeginObject();
  for (const auto cause : {Cause::kInjected, Cause::kLostToScaling, Cause::kOther}) {
    writer.Key(CauseName(cause)).Integer(Signed(totals.FailedBy(cause)));
  }
  writer.EndObject();
  writer.Key("failed_by_fate").BeginObject();
  for (const auto& [fate, count] : totals.failed_by_fate) {
    writer.Key(fate).Integer(Signed(count));
  }
  writer.EndObject().EndObject();
  return writer.Take();
}

std::string RestartsOf(const Summary& summary) {
  JsonWriter writer;
  writer.BeginObject();
  for (const auto& [reason, count] : RestartsByReason(summary)) {
    writer.Key(reason).Integer(count);
  }
  writer.EndObject();
  return writer.Take();
}

void WriteStep(JsonWriter& writer, const LoadStep& step) {
  writer.BeginObject().Key("tenant").String(step.tenant);
  WriteSeconds(writer.Key("decision_seconds"), step.decision_seconds);
  WriteSeconds(writer.Key("serving_seconds"), step.serving_seconds);
  writer.EndObject();
}

void WriteWake(JsonWriter& writer, const Wake& wake) {
  writer.BeginObject().Key("tenant").String(wake.tenant);
  WriteSeconds(writer.Key("seconds"), wake.seconds);
  WriteSeconds(writer.Key("decision_seconds"), wake.decision_seconds);
  writer.Key("refused").Integer(wake.refused);
  writer.EndObject();
}

void WriteLoss(JsonWriter& writer, const Loss& loss) {
  const std::chrono::duration<double> took = loss.outcome.ended - loss.outcome.sent;
  writer.BeginObject().Key("tenant").String(loss.tenant);
  writer.Key("cause").String(CauseName(loss.cause));
  writer.Key("fate").String(FateName(loss.outcome.fate));
  writer.Key("status").Integer(loss.outcome.status);
  writer.Key("sent_monotonic_ns").Integer(loss.outcome.sent.time_since_epoch().count());
  WriteSeconds(writer.Key("seconds"), took.count());
  writer.EndObject();
}

void WriteAlert(JsonWriter& writer, const common::prometheus::Alert& alert) {
  const auto name = alert.labels.find("alertname");
  writer.BeginObject();
  writer.Key("alertname").String(name == alert.labels.end() ? "" : name->second);
  writer.Key("labels").BeginObject();
  for (const auto& [label, value] : alert.labels) {
    writer.Key(label).String(value);
  }
  writer.EndObject().Key("starts_at").String(alert.starts_at);
  writer.EndObject();
}

}  // namespace

std::string ToJson(const Summary& summary) {
  JsonWriter seconds;
  WriteSeconds(seconds, summary.seconds);
  Document document;
  document.Add("seconds", seconds.Take());
  document.Add("requests", RequestsOf(summary.totals));
  document.AddList("load_steps", summary.load_steps, WriteStep);
  document.AddCount("scale_ups", summary.totals.scale_ups);
  document.AddCount("scale_downs", summary.totals.scale_downs);
  document.AddCount("scaled_to_zero", summary.totals.scaled_to_zero);
  document.AddList("wakes", summary.wakes, WriteWake);
  document.AddTexts("still_waking", summary.still_waking);
  document.Add("restarts", RestartsOf(summary));
  document.AddList("alerts_received", summary.alerts_received, WriteAlert);
  document.AddList("losses", summary.losses, WriteLoss);
  document.AddTexts("left_behind", summary.left_behind);
  return document.Take();
}

common::Result<void> WriteSummary(const Summary& summary, const std::filesystem::path& path) {
  return common::ReplaceFile(path, ToJson(summary));
}

}  // namespace demo
