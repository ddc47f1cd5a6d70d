#include "common/yaml/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace common::yaml {
namespace {

constexpr std::size_t kMostNodes = 200'000;
constexpr std::size_t kMostLevels = 64;

/// Whether the quoted scalar at the head of `text`, behind anchors and tags, has its end.
bool HasClosingQuote(std::string_view text) {
  while (!text.empty() && (text.front() == '&' || text.front() == '!')) {
    const auto word_end = std::min(text.find_first_of(" \t\r\n"), text.size());
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n", word_end), text.size()));
  }
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
    return true;  // A block scalar.
  }
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      // Two single quotes are one that is part of the text.
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) {
        return true;
      }
      ++i;
    }
  }
  return false;
}

std::shared_ptr<Node> NewNode(Node::Kind kind, Position at) {
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->at = at;
  return node;
}

}  // namespace

Position Builder::At(const YAML::Mark& mark) const {
  return mark.is_null() ? Position{} : lines_.At(static_cast<std::size_t>(mark.pos));
}

void Builder::OnDocumentStart(const YAML::Mark& mark) {
  anchors_.clear();
  open_.clear();
  const auto begin = static_cast<std::size_t>(std::max(mark.pos, 0));
  // yaml-cpp begins a new document wherever the old one cannot go on, and so would silently drop
  // whatever a slip of the indentation cuts off.
  if (weight_ > 0 && !text_.substr(begin).starts_with("---")) {
    throw TooMuch(At(mark),
                  "this does not belong to what stands above it; check the indentation, or begin "
                  "another document with ---");
  }
  ++weight_;
}

void Builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto node = NewNode(Node::Kind::kNothing, At(mark));
  Remember(anchor, node);
  Take(node);
}

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    throw TooMuch(At(mark), "an alias inside the very value that it stands for");
  }
  if (open_.size() + found->second->height > kMostLevels) {
    throw TooMuch(At(mark), fmt::format("more than {} levels of nesting", kMostLevels));
  }
  weight_ += found->second->weight - 1;
  Take(found->second);
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       const std::string& value) {
  const bool quoted = tag != "?";
  if (quoted) {
    CheckTag(mark, tag);
    CheckQuote(mark);
  }
  const auto node = NewNode(Node::Kind::kScalar, At(mark));
  node->text = value;
  node->quoted = quoted;
  Remember(anchor, node);
  Take(node);
}

void Builder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                              YAML::EmitterStyle::value /*style*/) {
  Begin(mark, tag, anchor, Node::Kind::kList);
}

void Builder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) {
  Begin(mark, tag, anchor, Node::Kind::kMap);
}

void Builder::Begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    Node::Kind kind) {
  CheckTag(mark, tag);
  if (open_.size() == kMostLevels) {
    throw TooMuch(At(mark), fmt::format("more than {} levels of nesting", kMostLevels));
  }
  Open open;
  open.node = NewNode(kind, At(mark));
  open.anchor = anchor;
  open_.push_back(std::move(open));
}

void Builder::Close() {
  const auto closed = std::move(open_.back());
  open_.pop_back();
  ++closed.node->height;
  Remember(closed.anchor, closed.node);
  Take(closed.node);
}

void Builder::Remember(YAML::anchor_t anchor, const NodePtr& node) {
  if (anchor != YAML::NullAnchor) {
    anchors_[anchor] = node;
  }
}

std::string Builder::Path() const {
  std::string path;
  for (const auto& open : open_) {
    if (open.node->kind == Node::Kind::kList) {
      path += fmt::format("[{}]", open.node->items.size());
    } else if (open.has_key) {
      path = JoinPath(path, open.key);
    }
  }
  return path;
}

void Builder::Take(const NodePtr& node) {
  if (++weight_ > kMostNodes) {
    throw TooMuch(node->at, fmt::format("more than {} values, aliases written out", kMostNodes));
  }
  if (open_.empty()) {
    if (node->kind != Node::Kind::kNothing) {
      documents_.push_back(node);
    }
    return;
  }
  Open& parent = open_.back();
  parent.node->height = std::max(parent.node->height, node->height);
  parent.node->weight += node->weight;
  if (parent.node->kind == Node::Kind::kList) {
    parent.node->items.push_back(node);
  } else if (parent.has_key) {
    TakeValue(parent, node);
  } else {
    TakeKey(parent, *node);
  }
}

void Builder::TakeKey(Open& map, const Node& node) {
  map.key = node.text;
  if (node.kind != Node::Kind::kScalar || node.text.empty()) {
    problems_.Add(node.at, Path(), "a key must be a text");
    map.key.clear();
  } else if (map.key == "<<" && !node.quoted) {
    problems_.Add(node.at, Path(), "merge keys (<<) are not supported; write the keys out");
    map.key.clear();
  }
  map.has_key = true;
  map.key_at = node.at;
}

void Builder::TakeValue(Open& map, const NodePtr& node) {
  const auto [first, is_new] = map.keys.emplace(map.key, map.key_at);
  if (map.key.empty()) {
    // Its problem has been told.
  } else if (is_new) {
    map.node->entries.push_back({.key = map.key, .key_at = map.key_at, .value = node});
  } else {
    problems_.Add(
        map.key_at, Path(),
        fmt::format("is given twice, first at {}:{}", first->second.line, first->second.column));
  }
  map.has_key = false;
}

void Builder::CheckTag(const YAML::Mark& mark, const std::string& tag) {
  static constexpr std::string_view kOwn = "tag:yaml.org,2002:";
  if (tag.empty() || tag == "?" || tag == "!" || tag == std::string(kOwn) + "str") {
    return;
  }
  const bool own = tag.starts_with(kOwn);
  problems_.Add(At(mark), Path(),
                fmt::format("tags are not supported, found {}{}", own ? "!!" : "",
                            own ? tag.substr(kOwn.size()) : tag));
}

void Builder::CheckQuote(const YAML::Mark& mark) {
  // yaml-cpp takes the end of the file for the closing quote.
  if (!mark.is_null() && !HasClosingQuote(text_.substr(static_cast<std::size_t>(mark.pos)))) {
    throw TooMuch(At(mark), "the quote that opens here is never closed");
  }
}

}  // namespace common::yaml
