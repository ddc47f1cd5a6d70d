#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "common/text.h"

namespace scaler::ctl {

/// An option whose value `parse` reads, or refuses with its words. `shown` is the default.
template <typename T, typename Parse>
CLI::Option* AddParsed(CLI::App& command, const std::string& name, const Parse& parse,
                       const std::string& shown, T& to, const std::string& words) {
  auto* const option = command.add_option_function<std::string>(
      name,
      [parse, name, &to](const std::string& text) {
        const auto value = parse(text);
        if (!value) {
          throw CLI::ValidationError(name, value.error().what);
        }
        to = *value;
      },
      words);
  option->type_name(shown.empty() ? "TEXT" : "[" + shown + "]");
  return option;
}

/// "1m30s".
template <typename Duration>
CLI::Option* AddDuration(CLI::App& command, const std::string& name, Duration& to,
                         const std::string& words) {
  return AddParsed(command, name, common::ParseDuration, common::FormatDuration(to), to, words);
}

}  // namespace scaler::ctl
