#include "scaler/loop/freeze_switch.h"

#include <simdjson.h>

#include <utility>

#include "common/file_system.h"
#include "common/json_writer.h"
#include "common/replace_file.h"

namespace scaler::loop {
namespace {

Freeze Decode(const std::string& text, const std::filesystem::path& file) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  std::string_view reason;
  std::int64_t since = 0;
  if (parser.parse(text).get(element) != simdjson::SUCCESS ||
      element["reason"].get(reason) != simdjson::SUCCESS ||
      element["since_ms"].get(since) != simdjson::SUCCESS) {
    return {file.string() + " cannot be understood; unfreeze replaces it", common::WallTime{}};
  }
  return {std::string(reason), common::WallTime(std::chrono::milliseconds(since))};
}

std::string Encode(const Freeze& freeze) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("reason").String(freeze.reason);
  json.Key("since_ms").Integer(freeze.since.time_since_epoch().count());
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace

FreezeSwitch::FreezeSwitch(std::filesystem::path file) : file_(std::move(file)) {
  const auto text = common::FileSystem("/").Read(std::filesystem::absolute(file_));
  if (text) {
    freeze_ = Decode(*text, file_);
  } else if (text.error().code != std::errc::no_such_file_or_directory) {
    freeze_ = Freeze{text.error().what, common::WallTime{}};
  }
}

std::optional<Freeze> FreezeSwitch::Get() const {
  const std::lock_guard lock(mutex_);
  return freeze_;
}

common::Result<void> FreezeSwitch::Set(const Freeze& freeze) {
  const std::lock_guard lock(mutex_);
  // Stopped first: a disk that is full must not keep anybody from stopping us.
  freeze_ = freeze;
  return common::ReplaceFile(file_, Encode(freeze));
}

common::Result<void> FreezeSwitch::Clear() {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  std::filesystem::remove(file_, error);
  if (error) {
    return tl::make_unexpected(common::Error{error, file_.string() + ": " + error.message()});
  }
  freeze_.reset();
  return {};
}

}  // namespace scaler::loop
