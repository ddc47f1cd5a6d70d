#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "scaler/policy/scaling_policy.h"
#include "support/scratch_directory.h"

namespace scaler::policy {

/// A policy as a person would read it aloud, for golden files.
[[nodiscard]] std::string Describe(const ScalingPolicy& policy);

/// A good document; `target` and `more` are flow-style YAML ("name: shop").
[[nodiscard]] std::string Document(std::string_view name, std::string_view target,
                                   std::string_view more = "");

/// A directory of policy files for one test.
class PolicyFiles {
 public:
  void Write(const std::filesystem::path& file, std::string_view text) const {
    std::filesystem::create_directories((Path() / file).parent_path());
    std::ofstream(Path() / file, std::ios::trunc) << text;
  }

  [[nodiscard]] const std::filesystem::path& Path() const { return directory_.Path(); }
  [[nodiscard]] std::string In(std::string_view file) const { return (Path() / file).string(); }

 private:
  tests::ScratchDirectory directory_;
};

}  // namespace scaler::policy
