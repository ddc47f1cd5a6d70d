#include "scaler/policy/document/node.h"

#include <algorithm>

namespace scaler::policy::document {

Node& Node::Set(std::string_view key, Node value) {
  if (IsNull()) {
    value_ = Map();
  }
  if (Node* const known = Find(key)) {
    *known = std::move(value);
  } else if (auto* const map = std::get_if<Map>(&value_)) {
    map->emplace_back(std::string(key), std::move(value));
  }
  return *this;
}

Node& Node::Add(Node value) {
  if (IsNull()) {
    value_ = List();
  }
  if (auto* const list = std::get_if<List>(&value_)) {
    list->push_back(std::move(value));
  }
  return *this;
}

const Node* Node::Find(std::string_view key) const {
  const auto* const map = std::get_if<Map>(&value_);
  if (map == nullptr) {
    return nullptr;
  }
  const auto found =
      std::find_if(map->begin(), map->end(), [&](const auto& entry) { return entry.first == key; });
  return found == map->end() ? nullptr : &found->second;
}

Node* Node::Find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).Find(key)); }

void Node::Remove(std::string_view key) {
  if (auto* const map = std::get_if<Map>(&value_)) {
    std::erase_if(*map, [&](const auto& entry) { return entry.first == key; });
  }
}

}  // namespace scaler::policy::document
