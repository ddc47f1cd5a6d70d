#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/encoding.h"
#include "common/yaml/node.h"

namespace common::yaml {

/// Ends the parser's work from inside its callbacks; never leaves this folder.
class TooMuch final : public std::runtime_error {
 public:
  TooMuch(Position at, const std::string& what) : std::runtime_error(what), at_(at) {}
  [[nodiscard]] Position At() const { return at_; }

 private:
  Position at_;
};

/// Turns yaml-cpp's events into nodes. Private to common/yaml: this header is the only one that
/// knows yaml-cpp.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, const Lines& lines, Problems& problems)
      : text_(text), lines_(lines), problems_(problems) {}

  /// The documents so far, in order; those that hold nothing are left out.
  [[nodiscard]] const std::vector<NodePtr>& Documents() const { return documents_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { Close(); }

 private:
  /// A list or map whose end has not come yet.
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    std::string key;
    Position key_at;
    std::map<std::string, Position> keys;
  };

  [[nodiscard]] Position At(const YAML::Mark& mark) const;
  void Begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
             Node::Kind kind);
  void Close();
  void Remember(YAML::anchor_t anchor, const NodePtr& node);
  [[nodiscard]] std::string Path() const;
  void Take(const NodePtr& node);
  void TakeKey(Open& map, const Node& node);
  void TakeValue(Open& map, const NodePtr& node);
  void CheckTag(const YAML::Mark& mark, const std::string& tag);
  void CheckQuote(const YAML::Mark& mark);

  std::string_view text_;
  const Lines& lines_;
  Problems& problems_;
  std::vector<NodePtr> documents_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
  std::size_t weight_ = 0;
};

}  // namespace common::yaml
