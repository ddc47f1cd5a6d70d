#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/yaml/problem.h"

namespace common::yaml {

struct Node;

/// Shared because an alias is the same node a second time; never null in a parsed document.
using NodePtr = std::shared_ptr<const Node>;

struct Entry {
  std::string key;
  Position key_at;
  NodePtr value;
};

/// A piece of YAML as it was written. Scalars stay text: what they mean is for their reader to
/// say, because YAML's own guesses (yes, 010, 1_000) surprise people.
struct Node {
  enum class Kind { kNothing, kScalar, kList, kMap };

  Kind kind = Kind::kNothing;
  Position at;
  std::string text;            ///< Of a scalar.
  bool quoted = false;         ///< A scalar in quotes or a block scalar.
  std::vector<NodePtr> items;  ///< Of a list.
  std::vector<Entry> entries;  ///< Of a map, in the order of the file; keys are unique.

  /// Both count aliases as if they were written out.
  std::size_t height = 0;  ///< Levels of lists and maps, this one included.
  std::size_t weight = 1;  ///< Nodes from here down, this one included.
};

}  // namespace common::yaml
