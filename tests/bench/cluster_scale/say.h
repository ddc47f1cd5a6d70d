#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace bench {

/// A line for people, at once.
template <typename... Arguments>
void Say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  const auto line = fmt::format(format, std::forward<Arguments>(arguments)...);
  std::puts(line.c_str());
  std::fflush(stdout);
}

}  // namespace bench
