#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "scaler/codec/fields.h"

namespace scaler::codec {

/// Walks a value and keeps the path of the first number that no measurement and no policy file can
/// hold: the engine computes with what is left without a thought of overflow.
class Sane {
 public:
  /// "observation.now_ms: out of range"; empty where all is well.
  [[nodiscard]] const std::string& Problem() const { return problem_; }

  template <typename T>
  void Check(const T& value) {
    Visit(value);
  }

  template <typename T>
  void operator()(const char* key, const T& member) {
    const auto length = path_.size();
    path_ += (path_.empty() ? "" : ".") + std::string(key);
    Visit(member);
    path_.resize(length);
  }

 private:
  static constexpr int kLargestCount = 1'000'000;
  static constexpr std::int64_t kLongestMs = 100'000'000'000;  ///< Three years.
  static constexpr std::int64_t kLatestMs = 100'000'000'000'000;

  void Visit(bool) {}
  void Visit(std::uint32_t) {}
  void Visit(const std::string&) {}
  void Visit(int value) { Expect(value >= -kLargestCount && value <= kLargestCount); }
  void Visit(double value) { Expect(std::isfinite(value)); }
  void Visit(engine::Duration value) { Expect(value.count() >= 0 && value.count() <= kLongestMs); }
  void Visit(engine::Time value) {
    const auto since_epoch = value.time_since_epoch().count();
    Expect(since_epoch >= -kLatestMs && since_epoch <= kLatestMs);
  }

  template <typename E>
  requires std::is_enum_v<E>
  void Visit(E) {}

  template <typename T>
  void Visit(const std::optional<T>& value) {
    if (value) {
      Visit(*value);
    }
  }

  template <typename T>
  void Visit(const std::vector<T>& values) {
    for (const auto& value : values) {
      Visit(value);
    }
  }

  template <typename T>
  requires std::is_class_v<T>
  void Visit(const T& value) { Fields(*this, value, value); }

  void Expect(bool holds) {
    if (!holds && problem_.empty()) {
      problem_ = path_ + ": out of range";
    }
  }

  std::string path_;
  std::string problem_;
};

}  // namespace scaler::codec
