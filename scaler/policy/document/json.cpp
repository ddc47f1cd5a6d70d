#include "common/json_writer.h"
#include "common/text.h"
#include "scaler/policy/document/node.h"

namespace scaler::policy::document {
namespace {

constexpr std::size_t kShortLine = 80;

std::string Scalar(const Node& node) {
  common::JsonWriter json;
  if (const auto* const text = node.As<std::string>()) {
    json.String(*text);
  } else if (const auto* const whole = node.As<std::int64_t>()) {
    json.Integer(*whole);
  } else if (const auto* const number = node.As<double>()) {
    json.Double(*number);
  } else if (const auto* const truth = node.As<bool>()) {
    json.Bool(*truth);
  } else {
    json.Null();
  }
  return json.Take();
}

std::string Write(const Node& node, std::size_t indent);

/// `pieces` on one line if they are short, else one below the other.
std::string Join(const std::vector<std::string>& pieces, char open, char close,
                 std::size_t indent) {
  std::size_t length = indent;
  bool lines = false;
  for (const auto& piece : pieces) {
    length += piece.size() + 2;
    lines = lines || piece.find('\n') != std::string::npos;
  }
  const bool one_line = !lines && length <= kShortLine;
  const auto gap = one_line ? std::string() : "\n" + std::string(indent + 2, ' ');
  std::string text(1, open);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    text += (i == 0 ? "" : one_line ? ", " : ",") + gap + pieces[i];
  }
  if (!one_line) {
    text += "\n" + std::string(indent, ' ');
  }
  return text + close;
}

std::string Write(const Node& node, std::size_t indent) {
  std::vector<std::string> pieces;
  if (const auto* const list = node.As<Node::List>()) {
    for (const auto& item : *list) {
      pieces.push_back(Write(item, indent + 2));
    }
    return Join(pieces, '[', ']', indent);
  }
  if (const auto* const map = node.As<Node::Map>()) {
    for (const auto& [key, value] : *map) {
      pieces.push_back(common::QuoteJson(key) + ": " + Write(value, indent + 2));
    }
    return Join(pieces, '{', '}', indent);
  }
  return Scalar(node);
}

}  // namespace

std::string ToJson(const Node& node) { return Write(node, 0) + "\n"; }

}  // namespace scaler::policy::document
