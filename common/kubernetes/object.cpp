#include "common/kubernetes/object.h"

#include <simdjson.h>

#include "common/kubernetes/metadata.h"

namespace common::kubernetes {
namespace {

namespace ondemand = simdjson::ondemand;

tl::unexpected<Error> NoList(const std::string& what) {
  return Fail(std::errc::bad_message, "the answer is no list: " + what);
}

}  // namespace

bool ReadMetadata(ondemand::object& object, ObjectView& view) {
  ondemand::object metadata;
  if (object["metadata"].get(metadata) != simdjson::SUCCESS) {
    return false;
  }
  for (auto field : metadata) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) {
      return false;
    }
    std::string_view* const to = key == "name"              ? &view.name
                                 : key == "namespace"       ? &view.name_space
                                 : key == "uid"             ? &view.uid
                                 : key == "resourceVersion" ? &view.resource_version
                                                            : nullptr;
    if (to != nullptr && field.value().get(*to) != simdjson::SUCCESS) {
      return false;
    }
  }
  return true;
}

Result<PageHead> ReadPage(std::string_view body,
                          const std::function<void(const ObjectView&)>& on_object) {
  const simdjson::padded_string padded(body);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object top;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(top) != simdjson::SUCCESS) {
    return NoList("not JSON");
  }
  PageHead head;
  bool has_items = false;
  bool has_version = false;
  for (auto field : top) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) {
      return NoList("damaged JSON");
    }
    if (key == "metadata") {
      ondemand::object metadata;
      if (field.value().get(metadata) != simdjson::SUCCESS) {
        return NoList("metadata is no object");
      }
      for (auto entry : metadata) {
        std::string_view name;
        std::string_view text;
        if (entry.unescaped_key().get(name) != simdjson::SUCCESS) {
          return NoList("damaged metadata");
        }
        if (name == "resourceVersion" && entry.value().get(text) == simdjson::SUCCESS) {
          head.resource_version = text;
          has_version = true;
        } else if (name == "continue" && entry.value().get(text) == simdjson::SUCCESS) {
          head.next = text;
        }
      }
    } else if (key == "items") {
      has_items = true;
      auto value = field.value();
      bool nothing = false;
      if (value.is_null().get(nothing) == simdjson::SUCCESS && nothing) {
        continue;  // Go writes an empty list so.
      }
      ondemand::array items;
      if (value.get(items) != simdjson::SUCCESS) {
        return NoList("items is no array");
      }
      for (auto item : items) {
        ondemand::object object;
        ObjectView view;
        if (item.get(object) != simdjson::SUCCESS ||
            object.raw_json().get(view.json) != simdjson::SUCCESS || object.reset().error() ||
            !ReadMetadata(object, view) || view.name.empty()) {
          return NoList("an item without name");
        }
        on_object(view);
      }
    }
  }
  if (!has_items || !has_version) {
    return NoList("neither items nor a resourceVersion");
  }
  return head;
}

}  // namespace common::kubernetes
