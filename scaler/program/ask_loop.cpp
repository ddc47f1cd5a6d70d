#include "scaler/program/ask_loop.h"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace scaler::program {
namespace {

/// A request about nodes waits no longer for the loop.
constexpr auto kLoopAnswers = std::chrono::seconds(5);

}  // namespace

common::Result<void> AskLoop(common::IoLoop& io, std::function<common::Result<void>()> question) {
  const auto answer = std::make_shared<std::promise<common::Result<void>>>();
  auto taken = answer->get_future();
  io.Post([answer, question = std::move(question)] { answer->set_value(question()); });
  if (taken.wait_for(kLoopAnswers) != std::future_status::ready) {
    return common::Fail(std::errc::timed_out, "the loop does not answer");
  }
  return taken.get();
}

}  // namespace scaler::program
