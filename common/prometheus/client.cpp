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

/// What an answer holds, and of which type it is.
struct Content {
  json::value answer;
  const json::array* result = nullptr;
  std::string type;
};

Result<Content> ReadAnswer(std::string_view text) {
  boost::system::error_code error;
  Content content;
  content.answer = json::parse(text, error);
  if (error) {
    return Malformed("no JSON: " + error.message());
  }
  if (TextOf(content.answer, "status") != "success") {
    const auto words = TextOf(content.answer, "error");
    return Fail(std::errc::invalid_argument,
                "Prometheus refuses the query: " + (words.empty() ? "without words" : words));
  }
  return content;
}

/// Points into the answer of `content`.
Result<void> FindResult(Content& content) {
  const auto* const data = Find(content.answer, "data");
  const auto* const result = data == nullptr ? nullptr : Find(*data, "result");
  content.type = data == nullptr ? std::string() : TextOf(*data, "resultType");
  if (result == nullptr || !result->is_array()) {
    return Malformed("it has no result");
  }
  content.result = &result->get_array();
  return {};
}

Result<RangeSeries> ReadSeries(const json::value& series) {
  RangeSeries read;
  read.labels = ReadLabels(series);
  const auto* const values = Find(series, "values");
  if (values == nullptr || !values->is_array()) {
    return Malformed("a series has no values");
  }
  read.points.reserve(values->get_array().size());
  for (const auto& pair : values->get_array()) {
    const auto sample = ReadPair(&pair, {});
    if (!sample) {
      return tl::make_unexpected(sample.error());
    }
    read.points.emplace_back(sample->time, sample->value);
  }
  return read;
}

}  // namespace

Result<std::vector<Sample>> ParseQueryAnswer(std::string_view text) {
  auto content = ReadAnswer(text);
  if (!content) {
    return tl::make_unexpected(content.error());
  }
  if (const auto found = FindResult(*content); !found) {
    return tl::make_unexpected(found.error());
  }
  const auto& type = content->type;
  if (type == "vector") {
    return ReadVector(*content->result);
  }
  if (type == "scalar") {
    const json::value pair = *content->result;
    return ReadPair(&pair, {}).map(
        [](Sample sample) { return std::vector<Sample>{std::move(sample)}; });
  }
  return Fail(std::errc::invalid_argument,
              "the query gives a " + type + ", not an instant vector or a scalar");
}

Result<std::vector<RangeSeries>> ParseRangeAnswer(std::string_view text) {
  auto content = ReadAnswer(text);
  if (!content) {
    return tl::make_unexpected(content.error());
  }
  if (const auto found = FindResult(*content); !found) {
    return tl::make_unexpected(found.error());
  }
  if (content->type != "matrix") {
    return Fail(std::errc::invalid_argument,
                "the query gives a " + content->type + ", not a range vector");
  }
  std::vector<RangeSeries> all;
  for (const auto& series : *content->result) {
    auto read = ReadSeries(series);
    if (!read) {
      return tl::make_unexpected(std::move(read.error()));
    }
    all.push_back(std::move(*read));
  }
  return all;
}

Client::Client(std::string address, std::chrono::milliseconds deadline,
               std::shared_ptr<http::Credentials> credentials)
    : address_(std::move(address)), deadline_(deadline), credentials_(std::move(credentials)) {}

Result<std::string> Client::Post(const std::string& target, const std::string& body) const {
  const std::string type = "application/x-www-form-urlencoded";
  auto response = credentials_ == nullptr ? http::Post(address_, target, type, body, deadline_)
                                          : http::Client(credentials_)
                                                .Send("POST", address_, target, body, deadline_,
                                                      {{"Content-Type", type}});
  return std::move(response).map([](http::Response answer) { return std::move(answer.body); });
}

Result<std::vector<Sample>> Client::Query(const std::string& expression) const {
  return Post("/api/v1/query", "query=" + http::EscapeQuery(expression))
      .and_then([](const std::string& body) { return ParseQueryAnswer(body); });
}

Result<std::vector<RangeSeries>> Client::QueryRange(const std::string& expression,
                                                    const Range& range) const {
  const auto seconds = [](std::chrono::milliseconds time) {
    return std::to_string(time.count() / 1000) + "." +
           std::to_string(1000 + time.count() % 1000).substr(1);
  };
  return Post("/api/v1/query_range", "query=" + http::EscapeQuery(expression) +
                                         "&start=" + seconds(range.from.time_since_epoch()) +
                                         "&end=" + seconds(range.to.time_since_epoch()) +
                                         "&step=" + seconds(range.step))
      .and_then([](const std::string& body) { return ParseRangeAnswer(body); });
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
