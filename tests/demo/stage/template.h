#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/result.h"

namespace demo {

/// `text` with each @NAME@ (capitals, digits, '_') replaced. Fails, naming it, on a name that
/// `values` does not have.
[[nodiscard]] common::Result<std::string> FillTemplate(
    std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace demo
