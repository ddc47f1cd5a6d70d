#include "common/kubernetes/list_decoder.h"

#include <simdjson.h>

#include <algorithm>

#include "common/kubernetes/metadata.h"

namespace common::kubernetes {
namespace {

namespace ondemand = simdjson::ondemand;

/// Of the list itself and of its array of items.
constexpr int kItemsDepth = 2;

tl::unexpected<Error> Unreadable(const std::string& what) {
  return Fail(std::errc::bad_message, "the answer is no list: " + what);
}

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view WithoutSpaceBehind(std::string_view text) {
  while (!text.empty() && IsSpace(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

/// Makes room behind the end of `text`, which the parser wants.
Result<void> Give(std::string& text, const std::function<void(const ObjectView&)>& on_object) {
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  ObjectView view;
  if (parser.iterate(text.data(), text.size(), text.capacity()).get(document) !=
          simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS ||
      object.raw_json().get(view.json) != simdjson::SUCCESS || object.reset().error() ||
      !ReadMetadata(object, view) || view.name.empty()) {
    return Unreadable("an item without name");
  }
  on_object(view);
  return {};
}

}  // namespace

/// The bytes to the end of a string, its quote included.
std::size_t ListDecoder::SkipText(std::string_view bytes, std::size_t from) {
  auto at = from;
  while (at < bytes.size()) {
    const char c = bytes[at++];
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_text_ = false;
      break;
    }
  }
  return at;
}

/// Stops behind a bracket that opens or closes something at the edge of the items: where an array
/// opens in the list itself, where an item begins or ends, where the items end.
std::size_t ListDecoder::Skip(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (in_text_) {
      at = SkipText(bytes, at);
      continue;
    }
    const char c = bytes[at++];
    if (c == '"') {
      in_text_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
      if (depth_ == kItemsDepth + 1 && place_ == Place::kBetweenItems) {
        break;
      }
      if (depth_ == kItemsDepth && c == '[' && place_ == Place::kHead) {
        break;
      }
    } else if (c == '}' || c == ']') {
      --depth_;
      if (depth_ <= kItemsDepth && place_ != Place::kHead) {
        break;
      }
    }
  }
  return at;
}

/// The bracket that was opened last, at the end of the head, is that of "items".
bool ListDecoder::ItemsBegin() const {
  constexpr std::string_view kKey = R"("items")";
  auto text = std::string_view(head_);
  if (in_text_ || depth_ != kItemsDepth || !text.ends_with('[')) {
    return false;
  }
  text = WithoutSpaceBehind(text.substr(0, text.size() - 1));
  if (!text.ends_with(':')) {
    return false;
  }
  text = WithoutSpaceBehind(text.substr(0, text.size() - 1));
  return text.ends_with(kKey) && !text.substr(0, text.size() - kKey.size()).ends_with('\\');
}

Result<void> ListDecoder::Append(std::string_view bytes,
                                 const std::function<void(const ObjectView&)>& on_object) {
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, Skip(bytes));
    bytes.remove_prefix(part.size());
    switch (place_) {
      case Place::kHead:
        head_.append(part);
        if (head_.size() > kLongestHead) {
          return Fail(std::errc::message_size, "the answer is no list: much else and no items");
        }
        if (ItemsBegin()) {
          place_ = Place::kBetweenItems;
        }
        break;
      case Place::kBetweenItems: {
        const char last = part.back();
        const auto between = part.substr(0, part.size() - 1);
        const bool edge = !in_text_ && (depth_ != kItemsDepth);
        if (!std::all_of(between.begin(), between.end(),
                         [](char c) { return IsSpace(c) || c == ','; }) ||
            !(edge ? last == '{' || last == ']' : IsSpace(last) || last == ',')) {
          return Unreadable("an item that is no object");
        }
        if (last == '{') {
          place_ = Place::kItem;
          item_.assign(1, '{');
        } else if (last == ']') {
          place_ = Place::kHead;
          head_ += ']';
        }
        break;
      }
      case Place::kItem:
        item_.append(part);
        if (item_.size() > kLongestObject) {
          return Fail(std::errc::message_size, "an item of the list is too long");
        }
        if (depth_ == kItemsDepth && !in_text_) {
          place_ = Place::kBetweenItems;
          if (auto given = Give(item_, on_object); !given) {
            return given;
          }
        }
        break;
    }
  }
  return {};
}

Result<PageHead> ListDecoder::End() const {
  if (place_ != Place::kHead) {
    return Unreadable("it broke off");
  }
  return ReadPage(head_, [](const ObjectView&) {});
}

}  // namespace common::kubernetes
