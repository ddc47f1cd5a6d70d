#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "common/kubernetes/object.h"

namespace common::kubernetes {

/// Takes the bytes of a list as they come and yields its objects: a list of any length needs the
/// room of one object.
///
/// After a failure it is spent. Not thread-safe.
class ListDecoder {
 public:
  /// etcd takes no object of more than 1.5 MiB, and JSON may be larger than what is stored.
  static constexpr std::size_t kLongestObject = 16U << 20U;
  /// All of the list but its items: kind, version and its own metadata.
  static constexpr std::size_t kLongestHead = 64U << 10U;

  /// Calls `on_object` for each object that is whole by now, in order. Fails with bad_message or
  /// message_size.
  [[nodiscard]] Result<void> Append(std::string_view bytes,
                                    const std::function<void(const ObjectView&)>& on_object);

  /// After the last byte. Fails with bad_message where the list is not whole.
  [[nodiscard]] Result<PageHead> End() const;

 private:
  enum class Place { kHead, kBetweenItems, kItem };

  /// How many of `bytes` belong to where we are; `depth_` and the like are those behind them.
  [[nodiscard]] std::size_t Skip(std::string_view bytes);
  [[nodiscard]] std::size_t SkipText(std::string_view bytes, std::size_t from);
  [[nodiscard]] bool ItemsBegin() const;

  Place place_ = Place::kHead;
  int depth_ = 0;         ///< How many objects and arrays are open, the list's own included.
  bool in_text_ = false;  ///< Inside a string.
  bool escaped_ = false;  ///< After a backslash in it.
  std::string head_;      ///< The list without its items.
  std::string item_;      ///< Begun, not yet ended.
};

}  // namespace common::kubernetes
