#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/kubernetes/object.h"
#include "common/kubernetes/status.h"

namespace common::kubernetes {

/// One line of a watch.
struct WatchEvent {
  enum class Kind {
    kPut,       ///< ADDED or MODIFIED: the object is so now.
    kGone,      ///< DELETED: the last state of the object.
    kBookmark,  ///< Nothing has happened up to this resourceVersion.
    kError,     ///< The watch is over, for the reason in `status`.
  };

  Kind kind = Kind::kPut;
  ObjectView object;  ///< Of a bookmark only its resource_version.
  Status status;
};

/// Takes the bytes of a watch as they come and yields its events.
///
/// After a failure it is spent. Not thread-safe.
class WatchDecoder {
 public:
  /// etcd takes no object of more than 1.5 MiB, and JSON may be larger than what is stored.
  static constexpr std::size_t kLongestLine = 16U << 20U;

  /// Calls `on_event` for each whole line; it may say false to hear no more. Events of an unknown
  /// kind are left out. Fails with bad_message or message_size.
  [[nodiscard]] Result<void> Append(std::string_view bytes,
                                    const std::function<bool(const WatchEvent&)>& on_event);

 private:
  std::string line_;  ///< Begun, not yet ended.
};

}  // namespace common::kubernetes
