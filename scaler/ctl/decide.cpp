#include "scaler/ctl/decide.h"

#include <fmt/format.h>

#include <istream>
#include <ostream>
#include <string>

#include "common/json_writer.h"
#include "scaler/codec/question.h"

namespace scaler::ctl {
namespace {

constexpr std::size_t kLongestLine = 1U << 20U;

enum class Got { kLine, kTooLong, kEnd };

/// Like std::getline, but bounded: of a line that is too long the rest is read over.
Got ReadLine(std::istream& from, std::string& line) {
  line.clear();
  bool too_long = false;
  for (int byte = from.get(); byte != std::istream::traits_type::eof(); byte = from.get()) {
    if (byte == '\n') {
      return too_long ? Got::kTooLong : Got::kLine;
    }
    if (line.size() < kLongestLine) {
      line.push_back(static_cast<char>(byte));
    } else {
      too_long = true;
    }
  }
  return too_long ? Got::kTooLong : line.empty() ? Got::kEnd : Got::kLine;
}

std::string ErrorLine(std::size_t number, const std::string& what) {
  common::JsonWriter json;
  json.BeginObject().Key("error").String(fmt::format("line {}: {}", number, what)).EndObject();
  return json.Take();
}

}  // namespace

std::size_t DecideLines(std::istream& questions, std::ostream& answers) {
  std::size_t wrong = 0;
  std::string line;
  std::size_t number = 0;
  for (auto got = ReadLine(questions, line); got != Got::kEnd; got = ReadLine(questions, line)) {
    ++number;
    if (got == Got::kLine && line.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    const auto question = got == Got::kTooLong
                              ? common::Result<codec::Question>(
                                    common::Fail(std::errc::message_size, "is longer than 1 MiB"))
                              : codec::DecodeQuestion(line);
    if (question) {
      answers << codec::EncodeStep(
          engine::Decide(question->policy, question->state, question->observation));
    } else {
      ++wrong;
      answers << ErrorLine(number, question.error().what);
    }
    answers << '\n' << std::flush;
  }
  return wrong;
}

}  // namespace scaler::ctl
