// Any YAML: read, walked as far as it goes, and complained about.

#include "common/yaml/parse.h"
#include "fuzz/input.h"

namespace {

/// Asks for everything that a value could be; wrong ones say so in the problems.
void Walk(const common::yaml::Value& value, int depth) {
  (void)value.String();
  (void)value.Bool();
  (void)value.Int();
  (void)value.Number();
  (void)value.Duration();
  (void)value.StringMap();
  if (depth == 0) {
    return;
  }
  for (const auto& item : value.List()) {
    Walk(item, depth - 1);
  }
  for (const auto& entry : value.Entries()) {
    Walk(entry.second, depth - 1);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  common::yaml::Problems problems("fuzz.yaml");
  for (const auto& document : common::yaml::ParseText(fuzz::Text(data, size), problems)) {
    Walk(document, 3);
    if (auto map = document.AsMap()) {
      (void)map->Required("replicas");
      map->Finish();
    }
  }
  (void)problems.AsError();
  return 0;
}
