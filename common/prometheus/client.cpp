#include "common/prometheus/client.h"

#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "common/http/client.h"

namespace common::prometheus {
namespace {

namespace json = boost::json;

tl::unexpected<Error> Malformed(const std::string& what) {
  return Fail(std::errc::bad_message, "Prometheus' answer: " + what);
}

/// PromQL's numbers: "NaN", "+Inf", "-Inf" and what strtod reads.
std::optional<double> ParseValue(std::string_view text) {
  if (text == "NaN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (text == "+Inf" || text == "-Inf") {
    const double infinity = std::numeric_limits<double>::infinity();
    return text.front() == '-' ? -infinity : infinity;
  }
  double value = 0;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(value) : std::nullopt;
}

const json::value* Find(const json::value& value, std::string_view key) {
  const auto* const object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(key);
}

std::string TextOf(const json::value& value, std::string_view key) {
  const auto* const found = Find(value, key);
  const auto* const text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

/// `pair` is [1700000000.123, "1.5"].
Result<Sample> ReadPair(const json::value* pair, Labels labels) {
  const auto* const array = pair == nullptr ? nullptr : pair->if_array();
  if (array == nullptr || array->size() != 2 || !array->at(0).is_number() ||
      !array->at(1).is_string()) {
    return Malformed("a sample is not [time, \"value\"]");
  }
  const auto value = ParseValue(std::string_view(array->at(1).get_string()));
  const auto seconds = array->at(0).to_number<double>();
  if (!value || !(std::abs(seconds) < 1e12)) {
    return Malformed("a sample has no number");
  }
  const auto milliseconds = std::llround(seconds * 1000);
  return Sample{std::move(labels), *value, WallTime(std::chrono::milliseconds(milliseconds))};
}

Labels ReadLabels(const json::value& series) {
  Labels labels;
  const auto* const metric = Find(series, "metric");
  if (metric != nullptr && metric->is_object()) {
    for (const auto& [name, value] : metric->get_object()) {
      if (const auto* const text = value.if_string()) {
        labels.emplace(std::string(name), std::string(*text));
      }
    }
  }
  return labels;
}

Result<std::vector<Sample>> ReadVector(const json::array& series_list) {
  std::vector<Sample> samples;
  samples.reserve(series_list.size());
  for (const auto& series : series_list) {
    auto sample = ReadPair(Find(series, "value"), ReadLabels(series));
    if (!sample) {
      return tl::make_unexpected(std::move(sample.error()));
    }
    samples.push_back(std::move(*sample));
  }
  return samples;
}

}  // namespace

Result<std::vector<Sample>> ParseQueryAnswer(std::string_view text) {
  boost::system::error_code error;
  const json::value answer = json::parse(text, error);
  if (error) {
    return Malformed("no JSON: " + error.message());
  }
  if (TextOf(answer, "status") != "success") {
    const auto words = TextOf(answer, "error");
    return Fail(std::errc::invalid_argument,
                "Prometheus refuses the query: " + (words.empty() ? "without words" : words));
  }
  const auto* const data = Find(answer, "data");
  const auto* const result = data == nullptr ? nullptr : Find(*data, "result");
  const auto type = data == nullptr ? std::string() : TextOf(*data, "resultType");
  if (result == nullptr || !result->is_array()) {
    return Malformed("it has no result");
  }
  if (type == "vector") {
    return ReadVector(result->get_array());
  }
  if (type == "scalar") {
    return ReadPair(result, {}).map([](Sample sample) {
      return std::vector<Sample>{std::move(sample)};
    });
  }
  return Fail(std::errc::invalid_argument,
              "the query gives a " + type + ", not an instant vector or a scalar");
}

Client::Client(std::string address, std::chrono::milliseconds deadline,
               std::shared_ptr<http::Credentials> credentials)
    : address_(std::move(address)), deadline_(deadline), credentials_(std::move(credentials)) {}

Result<std::vector<Sample>> Client::Query(const std::string& expression) const {
  const std::string target = "/api/v1/query";
  const std::string type = "application/x-www-form-urlencoded";
  const auto body = "query=" + http::EscapeQuery(expression);
  const auto response =
      credentials_ == nullptr
          ? http::Post(address_, target, type, body, deadline_)
          : http::Client(credentials_)
                .Send("POST", address_, target, body, deadline_, {{"Content-Type", type}});
  return response.and_then(
      [](const http::Response& answer) { return ParseQueryAnswer(answer.body); });
}

Result<void> Client::Ready() const {
  return http::Get(address_, "/-/ready", deadline_)
      .and_then([this](const http::Response& answer) -> Result<void> {
        if (answer.status != 200) {
          return Fail(std::errc::resource_unavailable_try_again,
                      "Prometheus at " + address_ + " is not ready yet");
        }
        return {};
      });
}

}  // namespace common::prometheus
