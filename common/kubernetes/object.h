#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "common/result.h"

namespace common::kubernetes {

struct ObjectKey {
  std::string name_space;  ///< Empty: it is in none.
  std::string name;

  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

/// An object as the server sent it; good during the call that gives it.
struct ObjectView {
  std::string_view name_space;
  std::string_view name;
  std::string_view uid;
  std::string_view resource_version;
  /// The object alone, as JSON. Those of a list have no apiVersion and kind of their own.
  std::string_view json;
};

/// One page of a list.
struct PageHead {
  std::string resource_version;
  std::string next;  ///< The token of the next page; empty: it was the last.
};

/// Gives every object of a page to `on_object`, in order. Fails with bad_message where it is none;
/// some objects may have been given by then.
[[nodiscard]] Result<PageHead> ReadPage(std::string_view body,
                                        const std::function<void(const ObjectView&)>& on_object);

}  // namespace common::kubernetes
