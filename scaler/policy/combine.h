#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/yaml/problem.h"
#include "scaler/policy/policy_set.h"

namespace scaler::policy {

/// Something that policies are read from, as it was read: a file, an object of a cluster.
struct Source {
  /// Of a name that several sources give, the one of the lowest rank holds; of those alike the
  /// first.
  int rank = 0;
  FileDocuments documents;          ///< Never null; if there are problems, what could be read.
  common::yaml::Problems problems;  ///< Empty: it is good. Their file is the source's name.
};

/// How the document of that name differs from before.
struct Change {
  enum class Kind { kAdded, kChanged, kRemoved };

  Kind kind = Kind::kAdded;
  std::string policy;  ///< Its title: "namespace/name", "ScalingGroup starter".

  friend bool operator==(const Change&, const Change&) = default;
};

/// "added local/shops".
[[nodiscard]] std::string ToString(const Change& change);

/// What a log says of changes that came together: a line each, or, of more than twenty, one that
/// counts them, as where ten thousand policies are read for the first time.
[[nodiscard]] std::vector<std::string> LinesOf(const std::vector<Change>& changes);

/// What several sources together come to.
struct Load {
  PolicySet set;
  std::vector<common::yaml::Problem> problems;  ///< By source, then in its order.
  std::vector<Change> changes;                  ///< By name.
  std::vector<std::string> files;               ///< All that were read, good and bad.
  std::vector<std::string> kept;  ///< Bad sources whose last good policies stay in force.
};

/// A policy file; `name_space` as ReadFile has it.
[[nodiscard]] Source ReadSource(const std::filesystem::path& path, const std::string& name_space,
                                int rank);

/// Puts the sources together where `previous` is in force. One with a problem, or with a name that
/// another has, is refused as a whole: it keeps what it had in `previous`. Their names differ.
[[nodiscard]] Load Combine(const PolicySet& previous, const std::vector<const Source*>& sources);

}  // namespace scaler::policy
